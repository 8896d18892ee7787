//! The Events endpoint: what is taken, and every code it refuses with.

use proptest::prelude::*;
use serde_json::{Value, json};
use waypost_messaging::api::{AcceptError, EventSubmission, Tps};
use waypost_messaging::rules::event::EventUnit;

use crate::support::{Answer, KEY, Server, request};

const EVENTS: &str = "/resources/v1/events/externalevent";

async fn post(server: &Server, body: &Value) -> Answer {
    server.call(request(body.to_string()).path(EVENTS).header("key", KEY).done()).await
}

fn event(parameters: &Value) -> Value {
    json!({"evtid": "4451", "correlationid": "c-1", "parameters": parameters})
}

fn one(parameters: &Value) -> Value {
    json!({"events": [event(parameters)]})
}

fn kept(server: &Server) -> Vec<EventSubmission> {
    std::mem::take(&mut server.world.events.lock().unwrap())
}

#[tokio::test]
async fn an_event_is_queued_with_its_defaults_and_without_what_it_does_not_know() {
    let server = Server::new();
    let body = one(&json!({"name": "Ann", "amount": 12.5, "flag": true, "when": "2030-04-12", "other": [1]}));
    for path in [EVENTS.to_owned(), format!("{EVENTS}/")] {
        let answer = server.call(request(body.to_string()).path(&path).header("key", KEY).done()).await;
        assert_eq!(
            (answer.http.as_u16(), answer.units()),
            (200, vec!["1002 | Queues | <id> | c-1".to_owned()])
        );
    }
    let kept = kept(&server);
    let EventUnit::Taken(taken) = &kept[0].plan.units[0] else { panic!("it is good") };
    let facts: Vec<_> = taken.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("amount", "12.5"),
        ("flag", "true"),
        ("greeting", "Hello"),
        ("name", "Ann"),
        ("when", "2030-04-12"),
    ];
    assert_eq!((taken.event, facts.as_slice(), kept.len()), (4451, expected.as_slice(), 2));
}

#[tokio::test]
async fn of_several_events_the_good_ones_are_queued_and_each_bad_one_carries_its_code() {
    let server = Server::new();
    let good = json!({"name": "Ann"});
    let body = json!({"notifyurl": "https://a.example/x", "events": [
        event(&good),
        {"evtid": "1", "correlationid": "c-2"},
        {"correlationid": "c-3"},
        "event",
        event(&json!({})),
        {"evtid": 4451, "parameters": "name=Ann"},
        event(&json!({"name": {"first": "Ann"}})),
        event(&json!({"name": "Ann", "amount": "ten"})),
        event(&json!({"name": "Ann", "when": "soon"})),
        event(&json!({"name": "Ann", "flag": "yes"})),
        event(&json!({"name": "x".repeat(4_001)})),
        {"evtid": "4451", "correlationid": "x".repeat(51)},
        {"evtid": 4451, "correlationid": null, "parameters": good},
    ]});
    let units = post(&server, &body).await.units();
    let expected = [
        "1002 | Queues | <id>_0 | c-1",
        "7004 | invalid value for param evtid | <id>_1 | c-2",
        "7003 | Mandatory parameter 'evtid' missing | <id>_2 | c-3",
        "7004 | Invalid value | <id>_3 | -",
        "7025 | Mandatory custom parameters missing | <id>_4 | c-1",
        "7004 | Invalid value | <id>_5 | -",
        "7004 | Invalid value | <id>_6 | c-1",
        "7004 | invalid value for param amount | <id>_7 | c-1",
        "7004 | invalid value for param when | <id>_8 | c-1",
        "7004 | invalid value for param flag | <id>_9 | c-1",
        "7004 | invalid value for param name | <id>_10 | c-1",
        "7004 | invalid value for param correlationid | <id>_11 | -",
        "1002 | Queues | <id>_12 | -",
    ];
    assert_eq!(units, expected);
    let kept = kept(&server);
    assert_eq!((kept.len(), kept[0].plan.notify_url.as_deref()), (1, Some("https://a.example/x")));
}

#[tokio::test]
async fn a_missing_parameter_is_named_with_what_helps() {
    let server = Server::new();
    let answer = post(&server, &one(&json!({}))).await;
    let detail = json!({"field": "events[0].parameters.name",
        "rule": "mandatory in the event's definition, without a default", "remedy": "add it"});
    let expected = json!({"response": [{"code": "7025", "description": "Mandatory custom parameters missing",
        "transid": "<id>", "correlationid": "c-1", "detail": detail}]});
    assert_eq!(answer.masked(), expected);
    assert!(kept(&server).is_empty());
}

#[tokio::test]
async fn a_request_without_events_is_refused_whole() {
    let server = Server::new();
    let many = json!({"events": vec![event(&json!({"name": "Ann"})); 101]});
    let good = one(&json!({"name": "Ann"}));
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let cases = [
        (json!({}), "7003", "Mandatory parameter 'events' missing"),
        (json!({"events": null}), "7003", "Mandatory parameter 'events' missing"),
        (json!({"events": []}), "7004", "'events' array shouldn't be empty"),
        (json!({"events": {}}), "7004", "invalid value for param events"),
        (many, "7004", "Invalid value"),
        (with("expiry", json!("2015-04-12T13:00:19.456Z")), "7019", "Request expired"),
        (with("expiry", json!("soon")), "7004", "invalid value for param expiry"),
        (with("expiry", json!(5)), "7004", "invalid value for param expiry"),
    ];
    for (body, code, text) in cases {
        assert_eq!(post(&server, &body).await.refusal(), (200, code.to_owned(), text.to_owned()), "{body}");
    }
    assert!(kept(&server).is_empty());
}

#[tokio::test]
async fn what_is_refused_before_the_body_is_read() {
    let server = Server::new();
    let body = one(&json!({"name": "Ann"})).to_string();
    let send = async |draft: crate::support::Draft| server.call(draft.path(EVENTS).done()).await.refusal();
    let refused = |code: &str, text: &str| (200, code.to_owned(), text.to_owned());
    let answer = send(request(body.clone())).await;
    assert_eq!(answer, refused("7002", "Service key missing"));
    let answer = send(request(body.clone()).header("key", "wrong")).await;
    assert_eq!(answer, refused("7001", "Authentication failed"));
    let answer = send(request("{").header("key", KEY)).await;
    assert_eq!(answer, refused("7000", "Invalid JSON"));
    server.set_caller(|caller| caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()]);
    let answer = send(request(body.clone()).header("key", KEY).peer("203.0.113.9:1")).await;
    assert_eq!(answer, refused("7010", "Source IP is not whitelisted"));
    server.set_caller(|caller| caller.is_active = false);
    let answer = send(request(body.clone()).header("key", KEY)).await;
    assert_eq!(answer, refused("7007", "Service Inactive"));
    server.set_caller(|caller| caller.event_tps = Some(Tps { per_second: 0, burst_mode: false }));
    let answer = send(request(body).header("key", KEY)).await;
    assert_eq!(answer, refused("7020", "You have reached maximum transaction limit"));
    assert!(kept(&server).is_empty());
}

#[tokio::test]
async fn above_the_limit_in_burst_mode_the_answer_says_so() {
    let server = Server::new();
    server.set_caller(|caller| caller.event_tps = Some(Tps { per_second: 2, burst_mode: true }));
    let body = one(&json!({"name": "Ann"}));
    let mut said = Vec::new();
    for _ in 0..4 {
        let answer = post(&server, &body).await.json();
        let unit = if answer["response"].is_array() { &answer["response"][0] } else { &answer["response"] };
        said.push(unit["description"].as_str().unwrap().to_owned());
    }
    let limit = "You have reached maximum transaction limit";
    assert_eq!(said, ["Queues", "Queues", "Queued in burst mode", limit]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_answered_503_and_may_be_sent_again() {
    let server = Server::new();
    let body = one(&json!({"name": "Ann"}));
    for error in [AcceptError::Busy, AcceptError::Unavailable] {
        *server.world.accept.lock().unwrap() = Err(error);
        let answer = post(&server, &body).await;
        assert_eq!(answer.refusal(), (503, "7005".to_owned(), "Internal error occurred".to_owned()));
        assert_eq!(answer.headers["retry-after"], "1");
    }
    // Whether the key was used before cannot be said: nothing was tried.
    *server.world.known.lock().unwrap() = Err(AcceptError::Unavailable);
    let draft = request(body.to_string()).path(EVENTS).header("key", KEY).header("Idempotency-Key", "k-1");
    let answer = server.call(draft.done()).await;
    assert_eq!(answer.refusal(), (503, "7006".to_owned(), "Internal error occurred".to_owned()));
}

#[tokio::test]
async fn the_same_events_under_the_same_key_are_answered_once_more_and_not_kept_once_more() {
    let server = Server::new();
    let send = async |key: &str, body: &Value| {
        let draft = request(body.to_string()).path(EVENTS).header("key", KEY).header("Idempotency-Key", key);
        server.call(draft.done()).await
    };
    let body = one(&json!({"name": "Ann"}));
    let first = send("k-1", &body).await;
    let again = send("k-1", &body).await;
    assert_eq!((again.http, &again.body), (first.http, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = send("k-1", &one(&json!({"name": "Bob"}))).await;
    let text = "Idempotency key was used with another request".to_owned();
    assert_eq!(other.refusal(), (200, "7040".to_owned(), text));
    let bad = send("a b", &body).await;
    assert_eq!(bad.refusal().2, "invalid value for param Idempotency-Key");
    assert_eq!(kept(&server).len(), 1);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["4451", "name", "2030-04-12", "1e400", "-0", "true", "events", ""])
            .prop_map(Value::from),
        Just(json!(4451)),
    ];
    let name = || {
        prop::sample::select(vec![
            "evtid",
            "correlationid",
            "parameters",
            "name",
            "amount",
            "when",
            "flag",
            "x",
        ])
    };
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_told_the_answer_has_a_code_and_what_is_kept_is_what_was_queued(
        events in any_json(), parameters in any_json(), evtid in any_json(), expiry in any_json(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let event = json!({"evtid": evtid, "parameters": parameters});
        let good = json!({"evtid": "4451", "parameters": {"name": "Ann", "amount": parameters}});
        let bodies = [
            json!({"events": events}),
            json!({"events": [event, good], "expiry": expiry, "notifyurl": expiry}),
            json!({"events": [event, good, events]}),
        ];
        for body in bodies {
            let server = Server::new();
            let answer = runtime.block_on(post(&server, &body));
            prop_assert_eq!(answer.http.as_u16(), 200, "{}", body);
            let response = answer.json()["response"].take();
            let units = response.as_array().cloned().unwrap_or_default();
            let queued = units.iter().filter(|unit| unit["code"] == "1002").count();
            let helped = |unit: &Value| unit["code"] == "1002" || unit["detail"]["field"].is_string();
            prop_assert!(units.iter().all(helped) && (response.is_array() || helped(&response)), "{}", response);
            let is_good = |unit: &EventUnit| matches!(unit, EventUnit::Taken(_));
            let kept: usize =
                kept(&server).iter().map(|kept| kept.plan.units.iter().filter(|unit| is_good(unit)).count()).sum();
            prop_assert_eq!(kept, queued, "{}", body);
        }
    }
}
