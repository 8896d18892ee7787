//! EMQX in place of the broker inside: it asks the server whom it may let in, and is handed what waits.

mod ask;
mod broker;
mod front;
mod ours;
mod questions;
mod rest;

use rumqttc::{ConnectReturnCode, QoS};
use serde_json::json;
use waypost_suite::{CLIENT_KEY, Device, RT_APP, rt_done, rt_refused};

use self::broker::Emqx;
use crate::peer::{mosquitto_sub, node, python};
use crate::{Session, away_and_back, only_the_newest};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_receive_over_an_emqx_beside_the_server() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let tcp = format!("mqtt://127.0.0.1:{}", emqx.tcp);
    let made = Session::Made;
    away_and_back(&rt, made, "tcp", 1, |phone, count| node(&tcp, None, phone, 1, count)).await;
    let place = ("127.0.0.1", emqx.tcp);
    away_and_back(&rt, made, "paho", 2, |phone, count| python(place, None, phone, 2, count)).await;
    let phone = rt.register("sub", "d1").await;
    // Sent before the device was ever there.
    rt.send(&["sub"], &json!({"text": "first of all"})).await;
    let mut sub = mosquitto_sub(place, None, &phone, 2, 1);
    let line = sub.line().await;
    assert!(line.starts_with(&format!("2 {RT_APP}/sub ")) && line.contains("first of all"), "{line}");
    sub.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_newest_device_comes_in_where_the_rights_are_in_the_answer() {
    let emqx = Emqx::start().await;
    only_the_newest(&emqx.beside().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_newest_device_comes_in_where_each_right_is_asked_for() {
    let emqx = Emqx::older().await;
    only_the_newest(&emqx.beside().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_forgot_everything_loses_nothing_that_was_not_reported() {
    let mut emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let (ann, bob) = (rt.register("ann", "d1").await, rt.register("bob", "d1").await);
    // Bob's reaches the broker, and is gone with it; ann's wait until it is there again.
    rt.send(&["bob"], &json!({"text": "handed over"})).await;
    let mut device = rt.connect(&bob, QoS::ExactlyOnce).await;
    assert_eq!(device.next().await["message"], "handed over");
    emqx.stop().await;
    for text in ["one", "two", "three"] {
        rt.send(&["ann"], &json!({"text": text})).await;
    }
    rt.stage.hook.wait("all to be handed over", |callbacks| (callbacks.len() >= 4).then_some(())).await;
    // No device can come in while its session cannot be made.
    let answer = rt.call("register", &json!({"userId": "cat", "deviceId": "d1"})).await;
    assert_eq!(rt_refused(&answer, 503, 1), "");
    emqx.run().await;
    emqx.asks().await;
    // What a device had not reported is published anew once it is there.
    let mut device = rt.connect(&ann, QoS::ExactlyOnce).await;
    assert!(!device.session_present);
    for text in ["one", "two", "three"] {
        assert_eq!(device.next().await["message"], text);
    }
    let mut device = rt.connect(&bob, QoS::ExactlyOnce).await;
    let again = device.next().await;
    assert_eq!(again["message"], "handed over");
    rt_done(&rt.call_as(&bob, "deliveryupdate", json!({"status": 2, "tid": again["tid"]})).await);
    rt.stage.hook.outcome("bob", 7500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_published_to_a_device_before_the_broker_would_keep_it() {
    let mut emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let (ann, bob) = (rt.register("ann", "d1").await, rt.register("bob", "d1").await);
    emqx.stop().await;
    emqx.run().await;
    emqx.asks().await;
    // A real broker cannot be held up here.
    let Some(door) = emqx.door() else { return };
    let mut other = rt.connect(&bob, QoS::ExactlyOnce).await;
    rt.send(&["bob"], &json!({"text": "he is there"})).await;
    assert_eq!(other.next().await["message"], "he is there");
    let held = door.hold().await;
    let mut device = Device::dial(rt.mqtt, &ann, CLIENT_KEY);
    assert_eq!(device.welcome().await, ConnectReturnCode::Success);
    rt.send(&["ann"], &json!({"text": "too early"})).await;
    // What comes after it overtakes it.
    rt.send(&["bob"], &json!({"text": "in time"})).await;
    assert_eq!(other.next().await["message"], "in time");
    let topic = format!("{RT_APP}/ann");
    assert_eq!(door.published(&topic), 0);
    drop(held);
    // It is subscribed by the broker itself, whether it asks or not; what comes, comes once.
    let (_, message) = device.next_unacknowledged().await;
    assert_eq!(message["message"], "too early");
    assert_eq!(door.published(&topic), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_the_broker_does_not_take_is_published_again() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    // A real one refuses nothing of ours once it runs.
    let Some(door) = emqx.door() else { return };
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::ExactlyOnce).await;
    rt.send(&["ann"], &json!({"text": "taken"})).await;
    assert_eq!(device.next().await["message"], "taken");
    door.refuse_next();
    rt.send(&["ann"], &json!({"text": "not at first"})).await;
    assert_eq!(device.next().await["message"], "not at first");
    assert_eq!(door.published(&format!("{RT_APP}/ann")), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_device_comes_in_while_the_sessions_before_cannot_be_ended() {
    let emqx = Emqx::start().await;
    let wrong = waypost::config::Secret::new("another");
    let rt = emqx.beside_with(|realtime| realtime.broker_api_secret = wrong).await;
    let answer = rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await;
    assert_eq!(rt_refused(&answer, 503, 1), "");
}
