//! MQTT clients nobody here wrote, against the broker: npm's mqtt, PyPI's paho-mqtt, Debian's mosquitto_sub.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod embedded;
mod emqx;
mod mosquitto;
mod peer;
mod sealed;
mod tls;

use rumqttc::{ConnectReturnCode, QoS};
use serde_json::json;
use waypost_suite::{CLIENT_KEY, Device, Phone, RT_APP, Rt, rt_done};

use crate::peer::Peer;

/// Whether the broker knows a device's session before the device has been there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// It does not.
    New,
    /// The server has made it.
    Made,
}

/// Comes, leaves, and returns to what was sent meanwhile.
pub async fn away_and_back(
    rt: &Rt,
    session: Session,
    user: &str,
    qos: u8,
    start: impl Fn(&Phone, usize) -> Peer,
) {
    let phone = rt.register(user, "d1").await;
    let mut first = start(&phone, 1);
    assert_eq!(first.json().await, json!({"ready": session == Session::Made}));
    rt.send(&[user], &json!({"text": "here"})).await;
    let got = first.json().await;
    let expected = (json!(format!("{RT_APP}/{user}")), json!(qos), json!("here"));
    assert_eq!((got["topic"].clone(), got["qos"].clone(), got["json"]["message"].clone()), expected);
    first.ends().await;
    for text in ["one", "two", "three"] {
        rt.send(&[user], &json!({"text": text})).await;
    }
    let mut back = start(&phone, 3);
    let mut texts = Vec::new();
    // The session is there, so that messages may come before the subscription is answered.
    while texts.len() < 3 {
        let line = back.json().await;
        match line.get("ready") {
            Some(present) => assert_eq!(*present, true),
            None => texts.push(line["json"]["message"].as_str().unwrap().to_owned()),
        }
    }
    texts.sort();
    assert_eq!(texts, ["one", "three", "two"]);
}

/// Only the newest device of a user comes in, with its token, and reads its own topics.
pub async fn only_the_newest(rt: &Rt) {
    let phone = rt.register("ann", "d1").await;
    rt.register("bob", "d1").await;
    let forged = Phone { token: "0".repeat(48), ..phone.clone() };
    for (phone, key) in [(&forged, CLIENT_KEY), (&phone, "wrong")] {
        let mut device = Device::dial(rt.mqtt, phone, key);
        assert_eq!(device.welcome().await, ConnectReturnCode::NotAuthorized);
    }
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    assert!(device.session_present);
    assert!(device.subscribe(&format!("{RT_APP}/Updates/web"), QoS::AtMostOnce).await);
    let (bobs, all, below) = (format!("{RT_APP}/bob"), format!("{RT_APP}/+"), format!("{RT_APP}/Updates/#"));
    for topic in [&bobs, "#", &all, &below, "$SYS/#", "other/Updates/web"] {
        assert!(!device.subscribe(topic, QoS::AtLeastOnce).await, "{topic}");
    }
    // What a device publishes goes nowhere: the next that comes is the service's.
    device.publish(&format!("{RT_APP}/ann")).await;
    rt.send(&["ann"], &json!({"text": "one"})).await;
    assert_eq!(device.next().await["message"], "one");
    // Another device of the user takes its place; what the first has not reported comes again, to the new one.
    let second = rt.register("ann", "d2").await;
    assert!(device.ends().await);
    let mut device = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
    assert_eq!(device.welcome().await, ConnectReturnCode::NotAuthorized);
    let mut device = rt.connect(&second, QoS::ExactlyOnce).await;
    let one = device.next().await;
    assert_eq!((&one["message"], &one["deviceId"]), (&json!("one"), &json!("d2")));
    rt_done(&rt.call_as(&second, "deliveryupdate", json!({"status": 2, "tid": one["tid"]})).await);
    rt.stage.hook.outcome("ann", 7500).await;
    // What is reported does not come again; who changes its user does so at the broker, too.
    let moved = rt_done(&rt.call_as(&second, "setUserId", json!({"userId": "cat"})).await);
    assert!(device.ends().await);
    let client_id = moved["clientId"].as_str().unwrap().to_owned();
    let cat = Phone { client_id, user: "cat".to_owned(), token: second.token.clone() };
    let mut device = rt.connect(&cat, QoS::AtLeastOnce).await;
    rt.send(&["cat"], &json!({"text": "two"})).await;
    assert_eq!(device.next().await["message"], "two");
    rt_done(&rt.call_as(&cat, "unregister", json!({})).await);
    assert!(device.ends().await);
    let mut device = Device::dial(rt.mqtt, &cat, CLIENT_KEY);
    assert_eq!(device.welcome().await, ConnectReturnCode::NotAuthorized);
}
