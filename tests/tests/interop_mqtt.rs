//! MQTT clients nobody here wrote, against the broker: npm's mqtt over WebSocket and TCP, PyPI's paho-mqtt.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use waypost_suite::{CLIENT_KEY, Engine, Phone, RT_APP, Rt, within};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// A client that runs.
struct Peer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts; run tests/interop/install");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> String {
        within("a line of the client", self.lines.next_line()).await.unwrap().expect("a line")
    }

    async fn json(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("JSON")
    }

    async fn ends(mut self) {
        assert!(within("the client to end", self.child.wait()).await.unwrap().success());
    }
}

/// What each client is told: ids as documented, topic, quality, how many messages it waits for.
fn arguments(phone: &Phone, qos: u8, count: usize) -> [String; 6] {
    let name = format!("{RT_APP}/{}", phone.user);
    [
        format!("{}/at_{}", phone.client_id, phone.token),
        name.clone(),
        CLIENT_KEY.to_owned(),
        name,
        qos.to_string(),
        count.to_string(),
    ]
}

fn node(url: &str, phone: &Phone, qos: u8, count: usize) -> Peer {
    let mut command = Command::new("node");
    Peer::start(command.arg(format!("{FOLDER}/mqtt.js")).arg(url).args(arguments(phone, qos, count)))
}

fn python(rt: &Rt, phone: &Phone, qos: u8, count: usize) -> Peer {
    let mut command = Command::new(format!("{FOLDER}/.venv/bin/python"));
    let place = [rt.mqtt.ip().to_string(), rt.mqtt.port().to_string()];
    Peer::start(command.arg(format!("{FOLDER}/device.py")).args(place).args(arguments(phone, qos, count)))
}

/// Comes, leaves, and returns to what was sent meanwhile.
async fn away_and_back(rt: &Rt, user: &str, qos: u8, start: impl Fn(&Phone, usize) -> Peer) {
    let phone = rt.register(user, "d1").await;
    let mut first = start(&phone, 1);
    assert_eq!(first.json().await, json!({"ready": false}));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn npm_mqtt_receives_over_websocket_and_tcp() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    let web = format!("ws://{}/mqtt", rt.stage.http.address());
    away_and_back(&rt, "web", 1, |phone, count| node(&web, phone, 1, count)).await;
    away_and_back(&rt, "web2", 2, |phone, count| node(&web, phone, 2, count)).await;
    let tcp = format!("mqtt://{}", rt.mqtt);
    away_and_back(&rt, "tcp", 2, |phone, count| node(&tcp, phone, 2, count)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paho_receives_over_tcp() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    for qos in [1, 2] {
        let user = format!("paho-{qos}");
        away_and_back(&rt, &user, qos, |phone, count| python(&rt, phone, qos, count)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_told_to_the_library() {
    let rt = Box::pin(Rt::start(Engine::Sqlite)).await;
    let phone = Phone { token: "0".repeat(48), ..rt.register("ann", "d1").await };
    let web = format!("ws://{}/mqtt", rt.stage.http.address());
    assert_eq!(node(&web, &phone, 1, 1).json().await, json!({"error": "5"}));
    assert_eq!(python(&rt, &phone, 1, 1).json().await, json!({"error": "Not authorized"}));
}
