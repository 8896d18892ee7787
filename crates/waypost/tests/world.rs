//! The sandbox and the demo: a whole server with a simulated operator, on loopback.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use waypost::demo::{self, Client, Traffic};
use waypost::sandbox::{Options, Received, World};

/// Far above what anything here takes; a test that hits it has failed.
const DEADLINE: Duration = Duration::from_secs(60);

struct Sandbox {
    world: World,
    called_back: mpsc::UnboundedReceiver<Received>,
}

impl Sandbox {
    async fn start(options: Options) -> Self {
        let (sink, called_back) = mpsc::unbounded_channel();
        let observer: Option<waypost::sandbox::Observer> = Some(Arc::new(move |received: &Received| {
            let _ = sink.send(received.clone());
        }));
        let world = World::start(Options { observer, ..options }).await.unwrap();
        Self { world, called_back }
    }

    async fn send(&self, msisdn: &str, correlation: &str) -> Value {
        let body = json!({"deliverychannel": "sms", "channels": {"sms": {"text": "Hello"}},
            "destination": [{"msisdn": [msisdn], "correlationid": correlation}]});
        let mut client = Client::connect(self.world.address()).await.unwrap();
        let key = &self.world.ready().service_key;
        let answer =
            client.post("/resources/v1/messaging", key, body.to_string().into_bytes()).await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    /// The codes of the next `count` call-backs, sorted.
    async fn codes(&mut self, count: usize) -> Vec<String> {
        let mut codes = Vec::new();
        while codes.len() < count {
            let next = tokio::time::timeout(DEADLINE, self.called_back.recv()).await;
            let received = next.expect("a call-back in time").expect("a receiver");
            let info = &received.body["deliveryInfoNotification"]["deliveryInfo"];
            codes.push(info["code"].as_str().expect("a code").to_owned());
        }
        codes.sort();
        codes
    }
}

#[tokio::test]
async fn a_message_in_the_sandbox_is_delivered_and_called_back() {
    let mut sandbox = Sandbox::start(Options::default()).await;
    let answer = sandbox.send("447700900001", "hello-1").await;
    assert_eq!(answer["response"][0]["code"], "1001", "{answer}");
    assert_eq!(sandbox.codes(2).await, ["7500", "7501"]);
    let mut client = Client::connect(sandbox.world.receiver().address()).await.unwrap();
    let shown: Value = serde_json::from_slice(&client.get("/received").await.unwrap()).unwrap();
    assert_eq!(shown.as_array().map(Vec::len), Some(2));
    assert_eq!(shown[0]["body"]["deliveryInfoNotification"]["correlationid"], "hello-1");
    drop(client);
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn the_sandboxs_event_is_answered_with_its_template() {
    let mut sandbox = Sandbox::start(Options::default()).await;
    let (event, template) = (sandbox.world.ready().event_id.clone(), sandbox.world.ready().template_id);
    let key = sandbox.world.ready().service_key.clone();
    let mut client = Client::connect(sandbox.world.address()).await.unwrap();
    let told = json!({"events": [{"evtid": event, "parameters": {"name": "Ann"}}, {"evtid": event}]});
    let path = "/resources/v1/events/externalevent";
    let answer = client.post(path, &key, told.to_string().into_bytes()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let codes = [&answer["response"][0]["code"], &answer["response"][1]["code"]];
    assert_eq!(codes, ["1002", "7025"], "{answer}");
    assert_eq!(sandbox.codes(2).await, ["7500", "7501"]);
    let sent = json!({"deliverychannel": "sms", "message": {"template": template, "parameters": {"name": "Ann"}},
        "destination": [{"msisdn": ["447700900001"]}]});
    let answer = client.post("/resources/v1/messaging", &key, sent.to_string().into_bytes()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["response"][0]["code"], "1001", "{answer}");
    assert_eq!(sandbox.codes(2).await, ["7500", "7501"]);
    drop(client);
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn the_last_four_digits_force_the_outcome() {
    let mut sandbox = Sandbox::start(Options::default()).await;
    sandbox.send("447700907204", "fails").await;
    assert_eq!(sandbox.codes(2).await, ["7204", "7501"]);
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn a_sandbox_with_a_folder_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(folder.path().join("data")), ..Options::default() };
    let first = Sandbox::start(options.clone()).await;
    let key = first.world.ready().service_key.clone();
    first.world.stop().await.unwrap();
    let mut second = Sandbox::start(options).await;
    assert_eq!(second.world.ready().service_key, key);
    assert_eq!(second.send("447700900001", "again").await["response"][0]["code"], "1001");
    assert_eq!(second.codes(2).await, ["7500", "7501"]);
    second.world.stop().await.unwrap();
}

#[tokio::test]
async fn a_demo_run_misses_nothing_and_doubles_nothing() {
    let traffic = Traffic { messages: 200, fail_percent: 5 };
    let (summary, _) = Box::pin(demo::run(traffic, 8)).await.unwrap();
    assert_eq!(summary.answers, BTreeMap::from([("1001".to_owned(), 200)]));
    let outcomes = [("7201", 3), ("7203", 3), ("7204", 2), ("7207", 2), ("7500", 190)];
    assert_eq!(summary.outcomes, outcomes.map(|(code, count)| (code.to_owned(), count)).into());
    assert_eq!((summary.missing, summary.duplicates, summary.unknown), (0, 0, 0));
    let steps: Vec<_> = summary.service_desk.iter().map(|row| row.step).collect();
    let expected =
        ["register", "enrol", "create", "attach", "scan", "submit", "history", "transfer", "notice", "query"];
    assert_eq!(steps, expected);
    let refused = summary.service_desk.iter().filter(|row| row.http != 200).map(|row| row.step);
    assert_eq!(refused.collect::<Vec<_>>(), ["scan"]);
    let content = summary.content.unwrap();
    assert_eq!(
        (content.objects, content.object.as_str(), content.mended),
        (7, "products RP1", true),
        "{content:?}"
    );
    assert!(content.difference["path"].is_string(), "{content:?}");
    let letter = summary.letter.unwrap();
    assert!(letter.subject.starts_with("You are invited to "), "{letter:?}");
}

#[test]
fn the_command_tells_when_it_is_ready_and_stops_in_order_at_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.args(["sandbox", "--ready-file"]).arg(&ready).stdout(Stdio::piped());
    let mut sandbox = command.spawn().unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("Ctrl-C stops it")));
    let told: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
    let data_dir = std::path::PathBuf::from(told["data_dir"].as_str().unwrap());
    assert!(told["http"].as_str().unwrap().starts_with("http://127.0.0.1:") && data_dir.is_dir());
    assert!(Command::new("kill").args(["-TERM", &sandbox.id().to_string()]).status().unwrap().success());
    assert_eq!(sandbox.wait().unwrap().code(), Some(0));
    assert!(!data_dir.exists());
}
