//! Malformed and hostile requests: a clear answer, a code where a body is sent, nothing kept.

use std::io;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use proptest::prelude::*;
use serde_json::json;
use waypost_messaging::api::ApiSettings;

use crate::support::{KEY, MESSAGING, Server, request, sms};

#[tokio::test]
async fn every_body_that_is_no_json_object_is_7000_and_says_what_is_wrong() {
    let server = Server::new();
    let good = sms(json!({}));
    let doubled = good.replacen('{', r#"{"priority":1,"priority":1,"#, 1);
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let cases: [(&str, Vec<u8>); 12] = [
        ("empty", b"".to_vec()),
        ("blank", b" \n".to_vec()),
        ("cut off", good.as_bytes()[..20].to_vec()),
        ("trailing comma", b"{\"a\":1,}".to_vec()),
        ("more after it", format!("{good}{good}").into_bytes()),
        ("array", b"[]".to_vec()),
        ("text", b"\"sms\"".to_vec()),
        (
            "not UTF-8",
            good.replace("Hi", "\u{7f}")
                .into_bytes()
                .into_iter()
                .map(|b| if b == 0x7f { 0xff } else { b })
                .collect(),
        ),
        ("key twice", doubled.into_bytes()),
        ("too deep", deep.into_bytes()),
        ("U+0000", good.replace("Hi", "\\u0000").into_bytes()),
        ("form", b"deliverychannel=sms".to_vec()),
    ];
    let mut shown = Vec::new();
    for (name, body) in cases {
        let answer = server.post(body).await;
        assert_eq!(answer.refusal(), (200, "7000".into(), "Invalid JSON".into()), "{name}");
        shown.push(format!("{name}\n{}", answer.shown()));
    }
    assert_eq!(server.kept().len(), 0);
    insta::assert_snapshot!("not_json", shown.join("\n\n"));
}

#[tokio::test]
async fn a_long_body_is_413_whether_its_length_is_announced_or_not() {
    let server = Server::with(ApiSettings { body_bytes_max: 200, ..ApiSettings::default() });
    let fits = |text: usize| sms(json!({"channels": {"sms": {"text": "x".repeat(text)}}}));
    let room = 200 - fits(0).len();
    assert_eq!(server.post(fits(room)).await.units(), ["1001 | Queued | <id> | -"]);
    let unannounced = server.post(fits(room + 1)).await;
    assert_eq!(unannounced.refusal(), (413, "7022".into(), "JSON size exceeded".into()));
    // Nothing but the announcement is needed to refuse it.
    let announced =
        server.call(request("{}").header("key", KEY).header("content-length", "201").done()).await;
    assert_eq!(announced.refusal(), (413, "7022".into(), "JSON size exceeded".into()));
    assert_eq!(server.kept().len(), 1);
    insta::assert_snapshot!("too_large", announced.shown());
}

#[tokio::test]
async fn another_content_type_is_415() {
    let server = Server::new();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "é"] {
        let mut request = request(sms(json!({}))).header("key", KEY).done();
        let value = axum::http::HeaderValue::from_bytes(kind.as_bytes()).unwrap();
        request.headers_mut().insert("content-type", value);
        let answer = server.call(request).await;
        assert_eq!(answer.refusal(), (415, "7000".into(), "Invalid JSON".into()), "{kind}");
    }
    assert_eq!(server.kept().len(), 0);
}

/// A body whose beginning comes, and then what `end` gives.
fn begun(end: impl Future<Output = Option<Result<HeaderMap, io::Error>>> + Send + 'static) -> Body {
    let beginning = Full::<Bytes>::from("{").map_err(|never| match never {});
    Body::new(Box::pin(beginning.with_trailers(Box::pin(end))))
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_json() {
    let server = Server::new();
    let answer = server.post(begun(async { Some(Err(io::Error::other("reset"))) })).await;
    assert_eq!(answer.refusal(), (200, "7000".into(), "Invalid JSON".into()));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_408_after_its_time() {
    let server = Server::with(ApiSettings { body_ms_max: 5_000, ..ApiSettings::default() });
    let started = tokio::time::Instant::now();
    let answer = server.post(begun(std::future::pending())).await;
    assert_eq!(answer.refusal(), (408, "7000".into(), "Invalid JSON".into()));
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405_without_a_body() {
    let server = Server::new();
    let call = async |method: Method, path: &str| {
        let request =
            Request::builder().method(method).uri(path).header("key", KEY).body(Body::empty()).unwrap();
        let answer = server.call(request).await;
        let allow = answer.headers.get("allow").map(|allow| allow.to_str().unwrap().to_owned());
        assert_eq!(answer.body, "");
        (answer.http.as_u16(), allow)
    };
    for path in
        ["/", "/resources/v1/messagin", "/resources/v1/messaging/status", "/resources/v2/messaging", "//"]
    {
        assert_eq!(call(Method::POST, path).await, (404, None), "{path}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS, Method::HEAD] {
        assert_eq!(call(method, MESSAGING).await, (405, Some("POST".into())));
    }
    let status = format!("{MESSAGING}/status/019f5e66-e801-7fea-bcdf-ffffffffffff");
    assert_eq!(call(Method::POST, &status).await, (405, Some("GET,HEAD".into())));
    assert_eq!(server.kept().len(), 0);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "\\PC{0,12}".prop_map(|value| json!(value)),
        prop::sample::select(vec![
            "sms",
            "voice",
            "push",
            "rt",
            "fb",
            "3",
            "5",
            "2030-01-01T00:00:00+5:30",
            "{{a}}"
        ])
        .prop_map(|value| json!(value)),
    ];
    let name = prop::sample::select(vec![
        "deliverychannel",
        "channels",
        "destination",
        "message",
        "sms",
        "push",
        "voice",
        "OTT-Messaging",
        "fb",
        "android",
        "interactive",
        "actions",
        "text",
        "type",
        "body",
        "msisdn",
        "customerid",
        "correlationid",
        "expiry",
        "priority",
        "template",
        "parameters",
        "notifyurl",
        "callbackData",
        "category",
        "pos",
        "x",
    ]);
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| json!(items)),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// The codes a Messaging request may be answered with. That each is in the catalogue with its text is checked by
/// every call.
fn answered(body: Vec<u8>) -> Result<(), TestCaseError> {
    let server = Server::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let answer = runtime.block_on(server.post(Bytes::from(body)));
    let elements = match answer.json()["response"].take() {
        serde_json::Value::Array(elements) => elements,
        object => vec![object],
    };
    prop_assert!(!elements.is_empty());
    let accepted = elements.iter().filter(|element| element["code"] == "1001").count();
    let kept = server.kept().first().map_or(0, |kept| kept.plan.accepted().count());
    prop_assert_eq!(accepted, kept, "what is kept is what is answered 1001");
    for element in elements.iter().filter(|element| element["code"] != "1001") {
        prop_assert!(["field", "rule", "remedy"].iter().all(|name| element["detail"][name].is_string()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange_for_a_code(body in prop::collection::vec(any::<u8>(), 0..200)) {
        answered(body)?;
    }

    #[test]
    fn no_json_is_too_strange_for_a_code(body in any_json()) {
        answered(body.to_string().into_bytes())?;
    }

    #[test]
    fn no_change_of_a_good_request_is_too_strange_for_a_code(
        name in prop::sample::select(vec!["deliverychannel", "channels", "destination", "message", "expiry", "priority", "route",
            "correlationid", "callbackData", "notifyurl", "appid"]),
        value in any_json(),
        cut in 0_usize..400,
    ) {
        let body = sms(json!({name: value}));
        answered(body.clone().into_bytes())?;
        answered(body.into_bytes().into_iter().take(cut).collect())?;
    }
}
