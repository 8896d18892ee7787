//! The clients, each with the ids as the contract has them.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use waypost_suite::{CLIENT_KEY, Phone, RT_APP, within};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// A client that runs.
pub struct Peer {
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

    /// The next line it says.
    pub async fn line(&mut self) -> String {
        within("a line of the client", self.lines.next_line()).await.unwrap().expect("a line")
    }

    /// The next line, as JSON.
    pub async fn json(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("JSON")
    }

    /// Waits for its good end.
    pub async fn ends(mut self) {
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

/// npm's mqtt; `ca` is the certificate it trusts.
pub fn node(url: &str, ca: Option<&Path>, phone: &Phone, qos: u8, count: usize) -> Peer {
    let mut command = Command::new("node");
    command.envs(ca.map(|ca| ("MQTT_CA", ca)));
    Peer::start(command.arg(format!("{FOLDER}/mqtt.js")).arg(url).args(arguments(phone, qos, count)))
}

/// PyPI's paho-mqtt; `ca` is the certificate it trusts.
pub fn python(broker: (&str, u16), ca: Option<&Path>, phone: &Phone, qos: u8, count: usize) -> Peer {
    let mut command = Command::new(format!("{FOLDER}/.venv/bin/python"));
    command.envs(ca.map(|ca| ("MQTT_CA", ca)));
    let place = [broker.0.to_owned(), broker.1.to_string()];
    Peer::start(command.arg(format!("{FOLDER}/device.py")).args(place).args(arguments(phone, qos, count)))
}

/// Debian's mosquitto_sub, which says each message as quality, topic and payload; `ca` is the certificate it trusts.
pub fn mosquitto_sub(broker: (&str, u16), ca: Option<&Path>, phone: &Phone, qos: u8, count: usize) -> Peer {
    let [client_id, name, key, topic, qos, count] = arguments(phone, qos, count);
    let mut command = Command::new("mosquitto_sub");
    let port = broker.1.to_string();
    command.args(["-V", "mqttv311", "-c", "-k", "10", "-F", "%q %t %p", "-h", broker.0, "-p", &port]);
    command.args(["-i", &client_id, "-u", &name, "-P", &key, "-t", &topic, "-q", &qos, "-C", &count]);
    if let Some(ca) = ca {
        command.arg("--cafile").arg(ca);
    }
    Peer::start(&mut command)
}
