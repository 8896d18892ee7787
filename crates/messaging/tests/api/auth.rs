use std::sync::atomic::Ordering;

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use waypost_messaging::api::ApiSettings;

use crate::support::{Draft, KEY, NEW_KEY, NOW, SECRET, Server, request, sms};

fn token(header: Value, claims: Value, secret: &[u8]) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn aged(secs: i64) -> Value {
    json!({"iss": "svc", "iat": NOW.as_secs() - secs})
}

fn with_token(token: &str) -> Draft {
    request(sms(json!({}))).header("authorization", &format!("Bearer {token}"))
}

async fn code(server: &Server, request: Request<Body>) -> String {
    let body = server.call(request).await.json();
    let response = if body["response"].is_array() { &body["response"][0] } else { &body["response"] };
    response["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_lives_for_sixty_minutes_from_its_iat() {
    let server = Server::new();
    let check = async |claims: Value, expected: &str| {
        let request = with_token(&token(hs256(), claims.clone(), SECRET)).done();
        assert_eq!(code(&server, request).await, expected, "{claims}");
    };
    check(aged(0), "1001").await;
    check(aged(3_599), "1001").await;
    check(aged(3_600), "7001").await;
    check(aged(-60), "1001").await;
    check(aged(-61), "7001").await;
    check(json!({"iss": "svc", "iat": NOW.as_secs(), "exp": NOW.as_secs()}), "7001").await;
    check(json!({"iss": "svc", "iat": i64::MIN}), "7001").await;
    check(json!({"iss": "other", "iat": NOW.as_secs()}), "7001").await;
    check(json!({"iss": "svc"}), "7001").await;
    check(json!({"iat": NOW.as_secs()}), "7001").await;
    check(json!([]), "7001").await;
}

#[tokio::test]
async fn a_token_counts_only_with_the_right_algorithm_secret_and_form() {
    let server = Server::new();
    let good = token(hs256(), aged(0), SECRET);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let unsigned = token(json!({"alg": "none"}), aged(0), SECRET);
    let bare = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    for bad in [
        token(hs256(), aged(0), b"another secret"),
        token(json!({"alg": "HS512"}), aged(0), SECRET),
        token(json!({"alg": "hs256"}), aged(0), SECRET),
        token(hs256(), json!({"iss": "empty", "iat": NOW.as_secs()}), b""),
        unsigned,
        bare,
        format!("{signed}."),
        format!("{good}x"),
        signed.to_owned(),
        "...".to_owned(),
        "é".to_owned(),
        "a".repeat(5_000),
    ] {
        assert_eq!(code(&server, with_token(&bad).done()).await, "7001", "{bad}");
    }
    assert_eq!(server.kept().len(), 0);
}

#[tokio::test]
async fn of_token_and_key_the_token_counts() {
    let server = Server::new();
    let good = token(hs256(), aged(0), SECRET);
    assert_eq!(code(&server, with_token(&good).header("key", "wrong").done()).await, "1001");
    assert_eq!(code(&server, with_token("bad").header("key", KEY).done()).await, "7001");
    let basic = request(sms(json!({}))).header("authorization", "Basic YTpi");
    assert_eq!(code(&server, basic.header("key", KEY).done()).await, "1001");
    let basic = request(sms(json!({}))).header("authorization", "Basic YTpi");
    assert_eq!(code(&server, basic.done()).await, "7002");
    let lower = request(sms(json!({}))).header("authorization", &format!("bearer {good}"));
    assert_eq!(code(&server, lower.done()).await, "1001");
}

#[tokio::test]
async fn a_key_that_is_no_text_is_unknown() {
    let server = Server::new();
    let mut odd = request(sms(json!({}))).done();
    odd.headers_mut().insert("key", axum::http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    assert_eq!(code(&server, odd).await, "7001");
}

#[tokio::test]
async fn the_allowlist_judges_the_peer_and_believes_only_trusted_proxies() {
    let server = Server::with(ApiSettings {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..ApiSettings::default()
    });
    server.set_caller(|caller| caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()]);
    let good = || request(sms(json!({}))).header("key", KEY);
    let from = async |peer: &str, forwarded: Option<&str>| {
        let draft = good().peer(peer);
        let draft = match forwarded {
            Some(forwarded) => draft.header("x-forwarded-for", forwarded),
            None => draft,
        };
        code(&server, draft.done()).await
    };
    assert_eq!(from("192.0.2.7:1", None).await, "1001");
    assert_eq!(from("[::ffff:192.0.2.7]:1", None).await, "1001");
    assert_eq!(from("203.0.113.9:1", Some("192.0.2.7")).await, "7010");
    assert_eq!(from("10.0.0.1:1", Some("192.0.2.7")).await, "1001");
    assert_eq!(from("10.0.0.1:1", Some("192.0.2.7, 203.0.113.9")).await, "7010");
    assert_eq!(from("10.0.0.1:1", Some("nonsense")).await, "7010");
    assert_eq!(code(&server, good().done()).await, "7010");
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_more_before_it_is_refused() {
    let server = Server::new();
    let check = async |key: &str, expected: &str, looks: usize| {
        let request = request(sms(json!({}))).header("key", key).done();
        assert_eq!(code(&server, request).await, expected, "{key}");
        assert_eq!(server.world.looks.load(Ordering::Relaxed), looks, "{key}");
    };
    check(KEY, "1001", 0).await;
    check(NEW_KEY, "1001", 1).await;
    check(NEW_KEY, "1001", 1).await;
    check("no key of ours", "7001", 2).await;
}
