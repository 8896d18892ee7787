//! Payload encryption: what the server sends is opened, and what it takes is sealed, by another program.

use http::Method;
use rumqttc::QoS;
use serde_json::{Value, json};
use tokio::process::Command;
use waypost_suite::{Answer, CLIENT_KEY, Engine, Phone, RT_APP, Rt, rt_done, rt_refused, within};

async fn sealed_js(what: &str, key: &str, text: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/sealed.js");
    let mut command = Command::new("node");
    command.args([script, what, key, text]).kill_on_drop(true);
    let output = within("node", command.output()).await.expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn post(rt: &Rt, phone: &Phone, call: &str, body: String) -> Answer {
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/{call}");
    let headers = [
        ("content-type", "application/json"),
        ("secretKey", CLIENT_KEY),
        ("accessToken", phone.token.as_str()),
    ];
    rt.stage.http.send(Method::POST, &path, &headers, body).await
}

async fn register(rt: &Rt) -> (Phone, String) {
    let answer = rt_done(&rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await);
    assert_eq!(answer["encryptionType"], "AES");
    assert_eq!(answer["policy"]["features"]["encryption"], "1");
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let phone = Phone { client_id: text("clientId"), user: text("userId"), token: text("accessToken") };
    (phone, text("encryptionKey"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_encrypts_sends_and_takes_sealed_bodies_only() {
    let rt = Box::pin(Rt::start_as(Engine::Sqlite, &json!({"encryption": true}), &json!({}))).await;
    let (phone, key) = register(&rt).await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    rt.send(&["ann"], &json!({"text": "For your eyes"})).await;
    let (publish, json) = device.next_unacknowledged().await;
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["encrypted"]);
    let message: Value = serde_json::from_str(&sealed_js("open", &key, &json.to_string()).await).unwrap();
    assert_eq!(
        (&message["message"], &message["clientId"]),
        (&json!("For your eyes"), &json!(phone.client_id))
    );
    drop(device);
    // A repetition is the same to the octet.
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    let (again, _) = device.next_unacknowledged().await;
    assert_eq!((again.payload, again.dup), (publish.payload, true));

    let report = json!({"clientId": phone.client_id, "channel": "rt", "status": 2, "tid": message["tid"]});
    let sealed = sealed_js("seal", &key, &report.to_string()).await;
    rt_done(&post(&rt, &phone, "deliveryupdate", sealed).await);
    rt.stage.hook.outcome("ann", 7500).await;
    let said =
        sealed_js("seal", &key, &json!({"clientId": phone.client_id, "message": "Seen"}).to_string()).await;
    rt_done(&post(&rt, &phone, "mo", said).await);

    let other = "A".repeat(43) + "=";
    for bad in [
        json!({"clientId": phone.client_id, "message": "in clear"}).to_string(),
        json!({"encrypted": "AAAA"}).to_string(),
        json!({"encrypted": 7}).to_string(),
        sealed_js("seal", &other, r#"{"clientId": "x"}"#).await,
        sealed_js("seal", &key, "no JSON").await,
        sealed_js("seal", &key, "[]").await,
    ] {
        assert_eq!(rt_refused(&post(&rt, &phone, "mo", bad.clone()).await, 200, 4), "encrypted", "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_may_bring_its_own_key() {
    let key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let secrets = json!({"encryption_key": key});
    let rt = Box::pin(Rt::start_as(Engine::Sqlite, &json!({"encryption": true}), &secrets)).await;
    assert_eq!(register(&rt).await.1, key);
}
