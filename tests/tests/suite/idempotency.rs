//! The header `Idempotency-Key`: one request is one message, however often it is sent.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use waypost_simulators::smsc::SmscConfig;
use waypost_suite::{Answer, Backstage, Engine, Http, MESSAGING, Stage, on_both_engines, sms};

use crate::SERVER;

on_both_engines!(
    requests_of_one_key_at_the_same_time_make_one_message,
    the_answer_outlives_a_kill,
    another_body_under_the_key_is_refused_and_sends_nothing,
);

const TO: &str = "447700900001";

async fn send(http: &Http, key: &str, once: &str, request: &Value) -> Answer {
    let headers = [("key", key), ("content-type", "application/json"), ("idempotency-key", once)];
    http.send(Method::POST, MESSAGING, &headers, request.to_string()).await
}

async fn stage(engine: Engine) -> Stage {
    Backstage::new(engine).await.smsc(SmscConfig::default()).await.start().await
}

async fn requests_of_one_key_at_the_same_time_make_one_message(engine: Engine) {
    let stage = stage(engine).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (http, key) = (stage.http.clone(), stage.login.key.clone());
            tokio::spawn(async move { send(&http, &key, "k", &sms("Hi", TO)).await.queued() })
        })
        .collect();
    let mut transids = BTreeSet::new();
    for task in tasks {
        transids.insert(task.await.unwrap());
    }
    assert_eq!(transids.len(), 1, "one answer for all");
    stage.hook.outcome(TO, 7500).await;
    // What comes after it in the same queue has gone out: nothing else waits.
    let last = stage.send("Bye", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
    assert_ne!(transids.first(), Some(&last));
    assert_eq!(stage.smsc().counters().submits, 2);
}

async fn the_answer_outlives_a_kill(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let mut stage = backstage.start_process(SERVER).await;
    let first = send(&stage.http, &stage.login.key, "k", &sms("Hi", TO)).await;
    let transid = first.queued();
    assert!(first.headers.get("idempotency-replayed").is_none());
    stage.hook.outcome(TO, 7500).await;
    stage.kill().await;
    stage.run_again(SERVER).await;
    let again = send(&stage.http, &stage.login.key, "k", &sms("Hi", TO)).await;
    assert_eq!((again.queued(), &again.body), (transid, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    stage.send("Bye", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
    assert_eq!(stage.smsc().counters().submits, 2);
}

async fn another_body_under_the_key_is_refused_and_sends_nothing(engine: Engine) {
    let stage = stage(engine).await;
    send(&stage.http, &stage.login.key, "k", &sms("Hi", TO)).await.queued();
    let text = "Idempotency key was used with another request";
    let detail = send(&stage.http, &stage.login.key, "k", &sms("Hello", TO)).await.refused(200, "7040", text);
    assert_eq!(detail.field, "Idempotency-Key");
    stage.hook.outcome(TO, 7500).await;
    assert_eq!(stage.smsc().counters().submits, 1);
}
