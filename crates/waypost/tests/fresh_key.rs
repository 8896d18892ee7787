//! A key made beside a running server is good for its first request.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::{Value, json};
use waypost::config::Config;
use waypost::demo::Client;
use waypost::serve;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_on_its_first_use() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.store.data_dir = folder.path().join("data");
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let admin = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
        command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", &config.store.data_dir);
        let output = command.arg("admin").args(args).arg("--json").output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let running = serve::start(&config).await.unwrap();
    let mut client = Client::connect(running.address()).await.unwrap();
    let mut code = async |key: &str| {
        let body = json!({"deliverychannel": "sms", "channels": {"sms": {"text": "Hello"}},
            "destination": [{"msisdn": ["447700900001"]}]});
        let answer =
            client.post("/resources/v1/messaging", key, body.to_string().into_bytes()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let response = &answer["response"];
        response.get(0).unwrap_or(response)["code"].as_str().unwrap().to_owned()
    };
    admin(&["tenant", "create", "--slug", "acme"]);
    admin(&["service", "create", "--tenant", "acme", "--slug", "alerts", "--sender", "ACME"]);
    for _ in 0..3 {
        let made = admin(&["key", "create", "--tenant", "acme", "--service", "alerts"]);
        assert_eq!(code(made["key"].as_str().unwrap()).await, "1001");
    }
    assert_eq!(code("wps_no-such-key").await, "7001");
    drop(client);
    running.stop().await.unwrap();
}
