//! The header `Idempotency-Key` of the writes.

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};
use waypost_store::testing::on_both_engines;

use crate::server::{Answer, Server, record};

const PATH: &str = "/customerprofile";

async fn send(server: &Server, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    let mut request = server.request(method, path, body.to_string());
    request.headers_mut().insert("Idempotency-Key", key.parse().unwrap());
    server.call(request).await
}

#[tokio::test]
async fn the_same_write_is_answered_once_more_for_a_day_and_done_once() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let body = record("1", &json!({"msisdn": "12345"}));
        let first = send(&server, Method::POST, PATH, "k", &body).await;
        assert_eq!(first.results(), ["1 1000 SUCCESS"]);
        let again = send(&server, Method::POST, PATH, "k", &body).await;
        assert_eq!(
            (&again.body, &again.headers["idempotency-replayed"]),
            (&first.body, &"true".parse().unwrap())
        );
        server.clock.advance_ms(24 * 3_600_000);
        let next_day = send(&server, Method::POST, PATH, "k", &body).await;
        assert_eq!(next_day.results(), ["1 7015 Customer already exists"]);
    })
    .await;
}

#[tokio::test]
async fn another_write_under_the_same_key_is_refused_with_7040_and_not_done() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        send(&server, Method::POST, PATH, "k", &record("1", &json!({"msisdn": "12345"}))).await;
        let reused = "7040 Idempotency key was used with another request";
        let body = record("2", &json!({"msisdn": "12345"}));
        assert_eq!(send(&server, Method::POST, PATH, "k", &body).await.refusal(), reused);
        let gone = send(&server, Method::DELETE, &format!("{PATH}/1"), "k", &json!({})).await;
        assert_eq!(gone.refusal(), reused);
        assert_eq!(server.get(&format!("{PATH}/1")).await.code().1, "1000");
        assert_eq!(server.get(&format!("{PATH}/2")).await.refusal(), "7014 Customer not found");
        let bad = send(&server, Method::POST, PATH, "", &body).await;
        assert_eq!(bad.refusal(), "7011 Invalid Attribute Value");
    })
    .await;
}

#[tokio::test]
async fn of_many_at_the_same_time_one_is_done_and_all_have_its_answer() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let body = record("1", &json!({"msisdn": "12345"}));
        let answers = join_all((0..20).map(|_| send(&server, Method::POST, PATH, "k", &body))).await;
        let first = &answers[0].body;
        assert!(answers.iter().all(|answer| &answer.body == first), "one answer for all");
        assert_eq!(answers[0].results(), ["1 1000 SUCCESS"]);
        let new =
            answers.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed")).count();
        assert_eq!(new, 1);
    })
    .await;
}

#[tokio::test]
async fn neither_key_nor_body_can_be_read_in_the_store() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        send(&server, Method::POST, PATH, "the-key-itself", &record("1", &json!({"msisdn": "12345"}))).await;
        let row = server.store.read(|tx| {
            let row = tx.query("SELECT key, body FROM idempotency", &[])?;
            Ok([row[0].blob(0)?.to_vec(), row[0].blob(1)?.to_vec()].concat())
        });
        let row = row.await.unwrap();
        assert_eq!(row.len(), 64);
        assert!(!String::from_utf8_lossy(&row).contains("the-key"));
    })
    .await;
}
