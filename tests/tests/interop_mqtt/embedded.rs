//! The broker inside the server, without TLS.

use serde_json::{Value, json};
use waypost_suite::{Engine, Phone, RT_APP, Rt};

use crate::peer::{mosquitto_sub, node, python};
use crate::{Session, away_and_back};

fn place(rt: &Rt) -> (&'static str, u16) {
    ("127.0.0.1", rt.mqtt.port())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn npm_mqtt_receives_over_websocket_and_tcp() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    let web = format!("ws://{}/mqtt", rt.stage.http.address());
    away_and_back(&rt, Session::New, "web", 1, |phone, count| node(&web, None, phone, 1, count)).await;
    away_and_back(&rt, Session::New, "web2", 2, |phone, count| node(&web, None, phone, 2, count)).await;
    let tcp = format!("mqtt://{}", rt.mqtt);
    away_and_back(&rt, Session::New, "tcp", 2, |phone, count| node(&tcp, None, phone, 2, count)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paho_receives_over_tcp() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    for qos in [1, 2] {
        let user = format!("paho-{qos}");
        away_and_back(&rt, Session::New, &user, qos, |phone, count| {
            python(place(&rt), None, phone, qos, count)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_told_to_the_library() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    let phone = Phone { token: "0".repeat(48), ..rt.register("ann", "d1").await };
    let web = format!("ws://{}/mqtt", rt.stage.http.address());
    assert_eq!(node(&web, None, &phone, 1, 1).json().await, json!({"error": "5"}));
    assert_eq!(python(place(&rt), None, &phone, 1, 1).json().await, json!({"error": "Not authorized"}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_sub_receives_over_tcp_what_was_sent_while_it_was_away() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    for qos in [1, 2] {
        let user = format!("mosquitto-{qos}");
        let phone = rt.register(&user, "d1").await;
        let mut first = mosquitto_sub(place(&rt), None, &phone, qos, 1);
        rt.send(&[&user], &json!({"text": "here"})).await;
        let (how, message) = told(&first.line().await);
        assert_eq!((how, &message["message"]), (format!("{qos} {RT_APP}/{user}"), &json!("here")));
        first.ends().await;
        for text in ["one", "two"] {
            rt.send(&[&user], &json!({"text": text})).await;
        }
        let mut back = mosquitto_sub(place(&rt), None, &phone, qos, 2);
        let mut texts = Vec::new();
        for _ in 0..2 {
            texts.push(told(&back.line().await).1["message"].as_str().unwrap().to_owned());
        }
        texts.sort();
        assert_eq!(texts, ["one", "two"]);
        back.ends().await;
    }
}

/// Quality and topic, and the payload.
fn told(line: &str) -> (String, Value) {
    let (how, payload) = line.split_at(line.find(" {").expect("a payload"));
    (how.to_owned(), serde_json::from_str(payload).expect("JSON"))
}
