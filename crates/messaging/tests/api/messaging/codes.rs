//! What a request is refused with before its content is looked at, and what an SMS is refused with, exactly as the
//! published list prints it. The content of other channels: `blocks`.

use serde_json::{Value, json};
use waypost_messaging::api::AcceptError;

use crate::support::{Answer, KEY, Server, request, sms};

/// Refuses: HTTP status, code and text as they come over the wire.
fn check(shown: &mut Vec<String>, name: &str, answer: &Answer, expected: (u16, u16, &str)) {
    let (http, code, text) = expected;
    assert_eq!(answer.refusal(), (http, code.to_string(), text.to_owned()), "{name}");
    shown.push(format!("{name}\n{}", answer.shown()));
}

async fn check_bodies(name: &str, cases: &[(&str, Value, u16, &str)]) {
    let server = Server::new();
    let mut shown = Vec::new();
    for (case, changes, code, text) in cases {
        let answer = server.post(sms(changes.clone())).await;
        check(&mut shown, case, &answer, (200, *code, text));
    }
    assert_eq!(server.kept().len(), 0, "nothing may be kept of a refused request");
    insta::assert_snapshot!(name, shown.join("\n\n"));
}

#[tokio::test]
async fn what_is_refused_before_the_body_is_read() {
    let server = Server::new();
    let mut shown = Vec::new();
    let good = || request(sms(json!({})));

    let answer = server.call(good().done()).await;
    check(&mut shown, "no key", &answer, (200, 7002, "Service Key Missing"));
    let answer = server.call(good().header("key", "").done()).await;
    check(&mut shown, "empty key", &answer, (200, 7002, "Service Key Missing"));
    let answer = server.call(good().header("key", "wrong").done()).await;
    check(&mut shown, "wrong key", &answer, (200, 7001, "Authentication failed"));

    server.set_caller(|caller| caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()]);
    let answer = server.call(good().header("key", KEY).peer("203.0.113.9:1").done()).await;
    check(&mut shown, "foreign address", &answer, (200, 7010, "Source IP is not whitelisted"));

    server.limit(1, false);
    assert_eq!(server.post(sms(json!({}))).await.units(), ["1001 | Queued | <id> | -"]);
    let answer = server.post(sms(json!({}))).await;
    check(
        &mut shown,
        "second in a second",
        &answer,
        (200, 7020, "You have reached maximum transaction limit"),
    );

    server.set_caller(|caller| caller.is_active = false);
    let answer = server.post(sms(json!({}))).await;
    check(&mut shown, "suspended", &answer, (200, 7007, "Service Inactive"));

    assert_eq!(server.kept().len(), 1);
    insta::assert_snapshot!("before_the_body", shown.join("\n\n"));
}

#[tokio::test]
async fn what_cannot_be_kept_is_answered_503_and_may_be_sent_again() {
    let server = Server::new();
    let mut shown = Vec::new();
    for error in [AcceptError::Busy, AcceptError::Unavailable] {
        *server.world.accept.lock().unwrap() = Err(error);
        let answer = server.post(sms(json!({}))).await;
        check(&mut shown, &format!("{error:?}"), &answer, (503, 7006, "Internal server error"));
    }
    assert_eq!(server.kept().len(), 0);
    insta::assert_snapshot!("not_kept", shown.join("\n\n"));
}

#[tokio::test]
async fn what_an_sms_request_is_refused_for() {
    const TYPE: &str = "invalid value of param 'type' , only [1,2,3,4] are allowed";
    let long = "x".repeat(51);
    let cases = [
        ("expired", json!({"expiry": "2015-04-12T13:00:19.456Z"}), 7019, "Request expired"),
        (
            "expired with an offset",
            json!({"expiry": "2015-04-12T18:30:19.456+5:30"}),
            7019,
            "Request expired",
        ),
        ("unreadable expiry", json!({"expiry": "soon"}), 7004, "invalid value for param expiry"),
        ("no channel", json!({"deliverychannel": null}), 7003, "param 'deliverychannel' missing"),
        (
            "empty channel",
            json!({"deliverychannel": ""}),
            7003,
            "No destination channel information found in request",
        ),
        ("unknown channel", json!({"deliverychannel": "fax"}), 7004, "invalid delivery channel"),
        ("no blocks", json!({"channels": null}), 7003, "param 'sms' missing for channel sms"),
        ("no block", json!({"channels": {}}), 7003, "param 'sms' missing for channel sms"),
        ("no text", json!({"channels": {"sms": {}}}), 7003, "param 'text' missing for channel sms"),
        (
            "empty text",
            json!({"channels": {"sms": {"text": ""}}}),
            7003,
            "param 'text' missing for channel sms",
        ),
        (
            "binary without body",
            json!({"channels": {"sms": {"type": "3", "text": "Hi"}}}),
            7003,
            "param 'body' missing for channel sms",
        ),
        ("type 5", json!({"channels": {"sms": {"type": "5", "text": "Hi"}}}), 7004, TYPE),
        ("type true", json!({"channels": {"sms": {"type": true, "text": "Hi"}}}), 7004, TYPE),
        ("priority 4", json!({"priority": 4}), 7004, "invalid value for param priority"),
        ("route", json!({"route": "FAST"}), 7004, "invalid value for param route"),
        (
            "callback data",
            json!({"callbackData": "x".repeat(2001)}),
            7004,
            "invalid value for param callbackData",
        ),
        ("long reference", json!({"correlationid": long}), 7004, "invalid value for param correlationid"),
        ("no destination", json!({"destination": null}), 7003, "param 'destination' missing"),
        ("empty destination", json!({"destination": []}), 7003, "param 'destination' missing"),
        (
            "1,001 values",
            json!({"destination": [{"msisdn": vec!["447700900001"; 1_001]}]}),
            7009,
            "Maximum number of destination address",
        ),
        (
            "1,001 values over two objects",
            json!({"destination": [{"msisdn": vec!["1"; 1_000]}, {"msisdn": "1"}]}),
            7009,
            "Maximum number of destination address",
        ),
    ];
    check_bodies("sms", &cases).await;
}

#[tokio::test]
async fn of_two_faults_the_earlier_check_answers() {
    // Each step: its code, and what has to be wrong for it. All later steps are wrong as well.
    let order = ["7002", "7001", "7010", "7020", "7007", "7000", "7019", "7003"];
    for (place, code) in order.iter().enumerate() {
        let server = Server::new();
        let wrong = |step: &str| order[place..].contains(&step);
        server.set_caller(|caller| {
            caller.is_active = !wrong("7007");
            if wrong("7010") {
                caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()];
            }
            if wrong("7020") {
                caller.messaging_tps = Some(waypost_messaging::api::Tps { per_second: 0, burst_mode: false });
            }
        });
        let mut body =
            sms(json!({"expiry": wrong("7019").then_some("2015-04-12T13:00:19Z"), "deliverychannel": null}));
        if wrong("7000") {
            body.push('!');
        }
        let mut draft = request(body);
        if !wrong("7002") {
            draft = draft.header("key", if wrong("7001") { "wrong" } else { KEY });
        }
        assert_eq!(server.call(draft.done()).await.refusal().1, *code);
        assert_eq!(server.kept().len(), 0);
    }
}
