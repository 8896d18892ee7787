//! MQTT clients nobody here wrote, against the broker: npm's mqtt, PyPI's paho-mqtt, Debian's mosquitto_sub.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod embedded;
mod emqx;
mod mosquitto;
mod peer;
mod sealed;
mod tls;

use serde_json::json;
use waypost_suite::{Phone, RT_APP, Rt};

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
