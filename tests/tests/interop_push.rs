//! The push connector against clouds nobody here wrote (`interop/clouds.js`), and our push clouds against a sender nobody
//! here wrote (`interop/pusher.js`): node's HTTP/2, jsonwebtoken, http_ece.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use waypost_channels::connector::{Address, AddressKind, AppAccount, Connector, Handed, Outgoing};
use waypost_channels::push::{PushConnector, SystemRandomness, check_account};
use waypost_core::time::{Clock, SystemClock};
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_simulators::push::PushSims;

/// Nothing here takes longer unless it hangs.
const LIMIT: Duration = Duration::from_secs(30);
const DEVICE: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991deff0";
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// The peer; it ends with its standard input, so with this value.
struct Clouds {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    ready: Value,
}

impl Clouds {
    async fn start() -> Self {
        let mut child = Command::new("node")
            .arg(format!("{FOLDER}/clouds.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts; run tests/interop/install");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut clouds = Self { _child: child, lines, ready: Value::Null };
        clouds.ready = clouds.next().await;
        clouds
    }

    async fn next(&mut self) -> Value {
        let line = timeout(LIMIT, self.lines.next_line()).await.expect("an event in time").unwrap();
        serde_json::from_str(&line.expect("the peer still runs")).unwrap()
    }

    fn account(&self) -> AppAccount {
        let urls = &self.ready["urls"];
        let config = json!({
            "fcm_base_url": urls["fcm"], "apns_base_url": urls["apns"], "apns_team_id": "TEAM",
            "apns_key_id": "KEY", "apns_topic": "a.b", "vapid_subject": "mailto:push@example.com",
        });
        let secrets = self.ready["secrets"].clone();
        AppAccount { id: 1, app_id: "AP1".to_owned(), revision: 1, config, secrets, sandbox: true }
    }
}

fn connector() -> PushConnector {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let resolver = Arc::new(SystemResolver::default());
    let egress = Egress::new(EgressPolicy::sandbox(), resolver, Arc::clone(&clock)).unwrap();
    PushConnector::new(egress, clock, Arc::new(SystemRandomness))
}

fn outgoing(account: &AppAccount, kind: AddressKind, value: &str) -> Outgoing {
    let block = json!({
        "android": {"title": "T", "text": "Здравствуйте"}, "ios": {"title": "T", "text": "Здравствуйте"},
        "web": {"title": "T", "text": "Здравствуйте"},
    });
    Outgoing {
        account: Arc::new(account.clone()),
        block: Arc::new(block),
        address: Address { kind, value: value.to_owned(), device: None },
        tid: "tid-1".to_owned(),
        expires_at: None,
        deadline_ms: 10_000,
    }
}

fn taken(handed: Handed) -> String {
    match handed {
        Handed::Taken { provider_ref, .. } => provider_ref,
        other => panic!("not taken: {other:?}"),
    }
}

#[tokio::test]
async fn fcm_on_other_libraries_reads_our_assertion_and_our_message() {
    let mut clouds = Clouds::start().await;
    let account = clouds.account();
    assert_eq!(check_account(&account), []);
    let connector = connector();
    let outgoing = outgoing(&account, AddressKind::AndroidPush, "device-a");
    assert_eq!(taken(connector.hand_over(outgoing).await), "projects/peer/messages/1");

    let token = clouds.next().await;
    assert_eq!((&token["error"], &token["cloud"]), (&Value::Null, &json!("token")));
    assert_eq!(token["protected"], json!({"alg": "RS256", "typ": "JWT", "kid": "peer-key"}));
    assert_eq!(token["grant"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(token["claims"]["scope"], "https://www.googleapis.com/auth/firebase.messaging");
    let message = clouds.next().await;
    let facts = json!([message["error"], message["cloud"], message["path"], message["version"]]);
    assert_eq!(facts, json!([null, "fcm", "/v1/projects/peer/messages:send", "2.0"]));
    let expected = json!({"message": {
        "token": "device-a", "notification": {"title": "T", "body": "Здравствуйте"},
        "data": {"tid": "tid-1", "appId": "AP1"}, "android": {"ttl": "2419200s"},
    }});
    assert_eq!(message["content"], expected);
}

#[tokio::test]
async fn apns_on_other_libraries_reads_our_token_and_our_notification() {
    let mut clouds = Clouds::start().await;
    let id = taken(connector().hand_over(outgoing(&clouds.account(), AddressKind::IosPush, DEVICE)).await);
    let got = clouds.next().await;
    let facts = json!([got["error"], got["cloud"], got["path"], got["version"], got["scheme"]]);
    assert_eq!(facts, json!([null, "apns", format!("/3/device/{DEVICE}"), "2.0", "bearer"]));
    assert_eq!(got["protected"], json!({"alg": "ES256", "typ": "JWT", "kid": "KEY"}));
    let headers = &got["headers"];
    let facts = json!([
        headers["apns-topic"],
        headers["apns-id"],
        headers["apns-push-type"],
        headers["apns-priority"]
    ]);
    assert_eq!(facts, json!(["a.b", id, "alert", "10"]));
    let aps = json!({"alert": {"title": "T", "body": "Здравствуйте"}});
    assert_eq!(got["content"], json!({"aps": aps, "tid": "tid-1", "appId": "AP1"}));
}

#[tokio::test]
async fn a_browser_on_other_libraries_reads_what_we_encrypted_and_signed() {
    let mut clouds = Clouds::start().await;
    let subscription = clouds.ready["subscription"].to_string();
    let outgoing = outgoing(&clouds.account(), AddressKind::FirefoxPush, &subscription);
    let place = taken(connector().hand_over(outgoing).await);
    let web = clouds.ready["urls"]["web"].as_str().unwrap().to_owned();
    assert_eq!(place, format!("{web}/message/1"));
    let got = clouds.next().await;
    let facts = json!([got["error"], got["cloud"], got["path"], got["key"], got["claims"]["sub"]]);
    assert_eq!(
        facts,
        json!([null, "web", "/push/peer", clouds.ready["server_key"], "mailto:push@example.com"])
    );
    let expected = json!({"title": "T", "alert": "Здравствуйте", "tid": "tid-1", "appId": "AP1"});
    assert_eq!(got["content"], expected);
    let headers = &got["headers"];
    let facts = json!([headers["ttl"], headers["content-encoding"]]);
    assert_eq!(facts, json!(["2419200", "aes128gcm"]));
}

#[tokio::test]
async fn our_clouds_take_what_other_libraries_sign_and_encrypt() {
    let sims = PushSims::start().await.unwrap();
    let subscription: Value = serde_json::from_str(&sims.web.subscription("peer")).unwrap();
    let app = json!({
        "config": sims.app_config(), "secrets": sims.app_secrets(), "subscription": subscription, "device": DEVICE,
    });
    let output = Command::new("node")
        .arg(format!("{FOLDER}/pusher.js"))
        .arg(app.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT, output).await.expect("an end in time").expect("node starts");
    let told: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(told["error"], Value::Null);
    let statuses = json!([told["fcm"]["status"], told["apns"]["status"], told["web"]["status"]]);
    assert_eq!(statuses, json!([200, 200, 201]), "{told}");

    let message = json!({
        "token": "peer-device", "notification": {"title": "T", "body": "x"}, "data": {"tid": "1"},
        "android": {"ttl": "3.5s"},
    });
    assert_eq!(sims.fcm.received()[0].body, message);
    assert_eq!(sims.apns.received()[0].body, json!({"aps": {"alert": "x"}}));
    assert_eq!(sims.web.received()[0].body, json!({"alert": "x"}));
}
