//! What the connectors and simulators sign and seal, against libraries nobody here wrote (`interop/social.py`, on
//! oauthlib and wechatpy): both could be wrong in the same way, these are not.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;
use url::Url;
use waypost_channels::twitter::oauth::{Credentials, Moment, authorization};
use waypost_core::time::{ManualClock, Micros};
use waypost_messaging::wire::social::wechat_seal;
use waypost_simulators::social::{Hook, SocialKind, SocialSims};

const LIMIT: Duration = Duration::from_secs(40);
const NOW: Micros = Micros::from_secs(1_790_000_000);
const CREDENTIALS: Credentials<'static> = Credentials {
    consumer_key: "ck +/=é",
    consumer_secret: "cs &%é",
    token: "3001-token",
    token_secret: "ts =+",
};

/// Gives the libraries their task; the JSON they print.
async fn told(task: &Value) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
    let mut python = Command::new(format!("{folder}/.venv/bin/python"))
        .arg(format!("{folder}/social.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python starts; run tests/interop/install");
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(task.to_string().as_bytes()).await.unwrap();
    drop(stdin);
    let output = timeout(LIMIT, python.wait_with_output()).await.expect("an end in time").unwrap();
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn task() -> Value {
    let wechat = json!({"token": "t", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "app_id": "wx1", "hooks": []});
    json!({"oauth": [], "sign": [], "wechat": wechat})
}

#[tokio::test]
async fn oauthlib_finds_our_signatures_good() {
    let urls = [
        "https://api.twitter.com/1.1/direct_messages/events/new.json",
        "http://127.0.0.1:8080/1.1/media/upload.json?media_category=dm_image",
        "https://api.twitter.com:443/1.1/a%20b.json?z=1&a=%C3%A9&a=b+c&empty=",
    ];
    let mut task = task();
    let requests = urls.iter().map(|text| {
        let moment = Moment { nonce: "n0nce", timestamp: NOW.as_secs() };
        let header = authorization("POST", &Url::parse(text).unwrap(), &[], CREDENTIALS, moment);
        json!({"method": "POST", "url": text, "header": header, "consumer_secret": CREDENTIALS.consumer_secret,
            "token_secret": CREDENTIALS.token_secret})
    });
    let mut requests: Vec<Value> = requests.collect();
    let mut forged = requests[0].clone();
    forged["token_secret"] = json!("other");
    requests.push(forged);
    task["oauth"] = json!(requests);
    let told = told(&task).await;
    assert_eq!((&told["error"], &told["verified"]), (&Value::Null, &json!([true, true, true, false])));
}

#[tokio::test]
async fn the_simulator_takes_what_oauthlib_signed() {
    let sims = SocialSims::start().await.unwrap();
    let url = format!("{}/1.1/direct_messages/events/new.json", sims.x.base_url());
    let mut request = sims.app_secrets(SocialKind::Twitter);
    request["method"] = json!("POST");
    request["url"] = json!(url);
    let mut other = request.clone();
    other["consumer_secret"] = json!("other");
    let mut task = task();
    task["sign"] = json!([request, other]);
    let told = told(&task).await;
    assert_eq!(told["error"], Value::Null);
    let event = json!({"event": {"type": "message_create", "message_create": {
        "target": {"recipient_id": "783214001"}, "message_data": {"text": "Hi"}}}});
    for (header, status) in told["signed"].as_array().unwrap().iter().zip([200, 401]) {
        let headers = [("content-type", "application/json"), ("authorization", header.as_str().unwrap())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let hook = Hook { query: Vec::new(), headers, body: event.to_string().into_bytes() };
        let answer = sims.x.post_hook(&Url::parse(&url).unwrap(), &hook).await.unwrap();
        assert_eq!(answer.0, status, "{}", answer.1);
    }
}

#[tokio::test]
async fn wechatpy_reads_our_webhooks_and_we_read_its_messages() {
    let sims = SocialSims::start_at(Arc::new(ManualClock::new(NOW))).await.unwrap();
    let account = sims.app_secrets(SocialKind::Wechat);
    let rest =
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 & <b>]]></Content><MsgId>77</MsgId>";
    let hooks: Vec<Value> = [false, true]
        .into_iter()
        .map(|sealed| sims.wechat_event("o-1", rest, NOW, sealed))
        .map(|hook| {
            let query: serde_json::Map<String, Value> =
                hook.query.into_iter().map(|(name, value)| (name, json!(value))).collect();
            json!({"query": query, "body": String::from_utf8(hook.body).unwrap()})
        })
        .collect();
    let mut task = task();
    let (token, key, app_id) = (&account["token"], &account["encoding_aes_key"], &account["app_id"]);
    task["wechat"] = json!({"token": token, "aes_key": key, "app_id": app_id, "hooks": hooks});
    let told = told(&task).await;
    assert_eq!(told["error"], Value::Null);
    let message =
        json!({"id": "77", "type": "text", "source": "o-1", "content": "你好 & <b>", "time": NOW.as_secs()});
    assert_eq!(told["wechat"]["read"], json!([message, message]));

    let sealed = told["wechat"]["sealed"].as_str().unwrap();
    let elements = waypost_messaging::wire::social::wechat::elements(sealed.as_bytes()).unwrap();
    let (secret, time, nonce) = (token.as_str().unwrap(), &elements["TimeStamp"], &elements["Nonce"]);
    assert!(wechat_seal::is_signed(&elements["MsgSignature"], &[secret, time, nonce, &elements["Encrypt"]]));
    assert!(!wechat_seal::is_signed(
        &elements["MsgSignature"],
        &["other", time, nonce, &elements["Encrypt"]]
    ));
    let opened = |app_id: &str| wechat_seal::open(key.as_str().unwrap(), app_id, &elements["Encrypt"]);
    let written = told["wechat"]["written"].as_str().unwrap().as_bytes().to_vec();
    assert_eq!(opened(app_id.as_str().unwrap()), Some(written));
    assert_eq!(opened("wxother"), None);
}
