//! Mosquitto in place of the broker inside: the server keeps its accounts and hands it what waits.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rumqttc::QoS;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use waypost::config::Realtime;
use waypost_suite::{CLIENT_KEY, Engine, RT_APP, Rt, free_address, rt_done, within};

use crate::peer::{mosquitto_sub, node, python};
use crate::tls::Papers;
use crate::{Session, away_and_back, only_the_newest};

const USER: &str = "waypost";
const PASSWORD: &str = "broker-password";

/// A Mosquitto with dynamic security, set up as the documentation says.
struct Mosquitto {
    folder: TempDir,
    tcp: u16,
    ws: u16,
    child: Option<Child>,
}

impl Mosquitto {
    async fn start() -> Self {
        Self::start_with("").await
    }

    /// One whose listener over TCP has TLS.
    async fn sealed(papers: &Papers) -> Self {
        let (certificate, key) = (papers.path("certificate.pem"), papers.path("key.pem"));
        Self::start_with(&format!("certfile {}\nkeyfile {}\n", certificate.display(), key.display())).await
    }

    async fn start_with(tcp_settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (tcp, ws) = (free_address().port(), free_address().port());
        let accounts = folder.path().join("dynamic-security.json");
        let mut init = Command::new("mosquitto_ctrl");
        init.args(["dynsec", "init"]).arg(&accounts).args([USER, PASSWORD]).kill_on_drop(true);
        let made = within("mosquitto_ctrl", init.output()).await.expect("Debian package mosquitto");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let config = format!(
            "user root\nallow_anonymous false\nplugin {plugin}\nplugin_opt_config_file {accounts}\n\
             persistence true\npersistence_location {folder}/\nmax_queued_messages 5000\n\
             listener {tcp} 127.0.0.1\n{tcp_settings}listener {ws} 127.0.0.1\nprotocol websockets\n",
            plugin = plugin().display(),
            accounts = accounts.display(),
            folder = folder.path().display(),
        );
        std::fs::write(folder.path().join("mosquitto.conf"), config).unwrap();
        let mut mosquitto = Self { folder, tcp, ws, child: None };
        mosquitto.run().await;
        mosquitto
    }

    async fn run(&mut self) {
        self.child = Some(started(&self.folder.path().join("mosquitto.conf"), self.tcp).await);
    }

    /// Stops it in order: what it keeps is written.
    async fn stop(&mut self) {
        let mut child = self.child.take().expect("one that runs");
        let id = child.id().expect("a process that runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        within("Mosquitto to end", child.wait()).await.unwrap();
    }
}

/// A Mosquitto that listens.
async fn started(config: &Path, tcp: u16) -> Child {
    let mut command = Command::new("/usr/sbin/mosquitto");
    command.arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let child = command.spawn().expect("Debian package mosquitto");
    within("Mosquitto to listen", async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, tcp)).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    child
}

/// A Mosquitto that lets everybody do everything and keeps nothing on disk, and its port.
pub async fn open_mosquitto() -> (Child, u16) {
    let folder = tempfile::tempdir().unwrap();
    let (tcp, file) = (free_address().port(), folder.path().join("mosquitto.conf"));
    let config = format!("allow_anonymous true\nmax_queued_messages 5000\nlistener {tcp} 127.0.0.1\n");
    std::fs::write(&file, config).unwrap();
    (started(&file, tcp).await, tcp)
}

fn plugin() -> PathBuf {
    let libraries = std::fs::read_dir("/usr/lib").unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let found =
        libraries.map(|folder| folder.join("mosquitto_dynamic_security.so")).find(|file| file.exists());
    found.expect("Debian package mosquitto")
}

/// A server that hands its messages to a Mosquitto.
async fn beside(mosquitto: &Mosquitto) -> Rt {
    beside_with(mosquitto, |_| {}).await
}

async fn beside_with(mosquitto: &Mosquitto, change: impl FnOnce(&mut Realtime)) -> Rt {
    let (tcp, ws) = (mosquitto.tcp, mosquitto.ws);
    let mut rt = Box::pin(Rt::start_with(Engine::Sqlite, |config| {
        config.realtime.mqtt_listen = String::new();
        config.realtime.broker = format!("mqtt://127.0.0.1:{tcp}");
        config.realtime.broker_user = USER.to_owned();
        config.realtime.broker_password = waypost::config::Secret::new(PASSWORD);
        config.realtime.public_mqtt = tcp;
        config.realtime.public_ws = ws;
        change(&mut config.realtime);
    }))
    .await;
    rt.mqtt.set_port(tcp);
    rt
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_receive_over_a_mosquitto_beside_the_server() {
    let mosquitto = Mosquitto::start().await;
    let rt = beside(&mosquitto).await;
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/verifyPolicy?secretKey={CLIENT_KEY}");
    let told = rt_done(&rt.stage.http.get(&path).await);
    let (tcp, ws) = (mosquitto.tcp.to_string(), mosquitto.ws.to_string());
    let broker = json!({"ip": "127.0.0.1", "ws": ws, "wss": "", "tcp": tcp, "ssl": "", "path": "/mqtt"});
    assert_eq!(told["broker"], broker);
    let (tcp, ws) = (format!("mqtt://127.0.0.1:{tcp}"), format!("ws://127.0.0.1:{ws}/mqtt"));
    let made = Session::Made;
    away_and_back(&rt, made, "web", 1, |phone, count| node(&ws, None, phone, 1, count)).await;
    away_and_back(&rt, made, "tcp", 2, |phone, count| node(&tcp, None, phone, 2, count)).await;
    let place = ("127.0.0.1", mosquitto.tcp);
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
async fn only_the_newest_device_with_its_token_comes_in_and_reads_its_own_topics() {
    let mosquitto = Mosquitto::start().await;
    only_the_newest(&beside(&mosquitto).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_while_the_broker_is_down_waits_for_it() {
    let mut mosquitto = Mosquitto::start().await;
    let rt = beside(&mosquitto).await;
    let phone = rt.register("ann", "d1").await;
    mosquitto.stop().await;
    for text in ["one", "two", "three"] {
        rt.send(&["ann"], &json!({"text": text})).await;
    }
    rt.stage.hook.wait("all to be handed over", |callbacks| (callbacks.len() >= 3).then_some(())).await;
    mosquitto.run().await;
    let mut device = rt.connect(&phone, QoS::ExactlyOnce).await;
    for text in ["one", "two", "three"] {
        assert_eq!(device.next().await["message"], text);
    }
    // No device can come in while its account cannot be made.
    mosquitto.stop().await;
    let answer = rt.call("register", &json!({"userId": "bob", "deviceId": "d1"})).await;
    assert_eq!(waypost_suite::rt_refused(&answer, 503, 1), "");
}

/// Speaks TLS to the Mosquitto, and believes the authority in a file.
fn with_tls(mosquitto: &Mosquitto, trusted: &Papers) -> impl FnOnce(&mut Realtime) + use<> {
    let (broker, ca) = (format!("mqtts://localhost:{}", mosquitto.tcp), trusted.path("ca.pem"));
    move |realtime| {
        realtime.broker = broker;
        realtime.broker_ca = ca.display().to_string();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_with_tls_is_spoken_to_by_who_trusts_its_authority() {
    let papers = Papers::make();
    let mosquitto = Mosquitto::sealed(&papers).await;
    let rt = beside_with(&mosquitto, with_tls(&mosquitto, &papers)).await;
    let phone = rt.register("sub", "d1").await;
    rt.send(&["sub"], &json!({"text": "sealed twice"})).await;
    let ca = papers.path("ca.pem");
    let mut sub = mosquitto_sub(("localhost", mosquitto.tcp), Some(&ca), &phone, 2, 1);
    let line = sub.line().await;
    assert!(line.starts_with(&format!("2 {RT_APP}/sub ")) && line.contains("sealed twice"), "{line}");
    sub.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_no_trusted_authority_vouches_for_does_not_answer() {
    let mosquitto = Mosquitto::sealed(&Papers::make()).await;
    let stranger = Papers::make();
    let rt = beside_with(&mosquitto, with_tls(&mosquitto, &stranger)).await;
    let answer = rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await;
    assert_eq!(waypost_suite::rt_refused(&answer, 503, 1), "");
}
