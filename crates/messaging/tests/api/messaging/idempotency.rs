//! The header `Idempotency-Key` of the Messaging endpoint.

use serde_json::json;

use crate::support::{KEY, Server, request, sms};

async fn send(server: &Server, key: &str, body: &str) -> crate::support::Answer {
    let draft = request(body.to_owned()).header("key", KEY).header("Idempotency-Key", key);
    server.call(draft.done()).await
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_once_more_and_not_kept_once_more() {
    let server = Server::new();
    let body = sms(json!({"expiry": "2026-09-21T15:00:00.000Z"}));
    let first = send(&server, "k-1", &body).await;
    assert_eq!((first.units().len(), server.kept().len()), (1, 1));
    assert!(!first.headers.contains_key("idempotency-replayed"));
    // Past its expiry by now: the answer is the first one's all the same.
    server.world.clock.advance_ms(3_600_000 * 20);
    let again = send(&server, "k-1", &body).await;
    assert_eq!((again.http, &again.body), (first.http, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(server.kept().len(), 0);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused_with_7040() {
    let server = Server::new();
    send(&server, "k-1", &sms(json!({}))).await;
    let other = send(&server, "k-1", &sms(json!({"correlationid": "r2"}))).await;
    let text = "Idempotency key was used with another request".to_owned();
    assert_eq!(other.refusal(), (200, "7040".to_owned(), text));
    server.set_caller(|caller| caller.service = 77);
    let stranger = send(&server, "k-1", &sms(json!({}))).await;
    assert_eq!(stranger.refusal().1, "7040");
    assert_eq!(server.kept().len(), 1);
}

#[tokio::test]
async fn a_refused_request_does_not_take_its_key() {
    let server = Server::new();
    let refused = send(&server, "k-1", &sms(json!({"destination": null}))).await;
    assert_eq!(refused.refusal().1, "7003");
    let good = send(&server, "k-1", &sms(json!({}))).await;
    assert_eq!(good.json()["response"][0]["code"], "1001");
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_with_7004() {
    let server = Server::new();
    for key in ["", "a b", &"x".repeat(256)] {
        let answer = send(&server, key, &sms(json!({}))).await;
        let text = "invalid value for param Idempotency-Key".to_owned();
        assert_eq!(answer.refusal(), (200, "7004".to_owned(), text), "{key}");
    }
    assert_eq!(server.kept().len(), 0);
}
