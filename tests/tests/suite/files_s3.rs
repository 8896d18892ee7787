//! Files of service requests in a bucket of an S3 store nobody here wrote (`interop/s3.js`), which checks every signature.

use std::process::Stdio;

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use waypost::config::{Config, Secret};
use waypost_suite::{Engine, free_address, within};

use crate::SERVER;
use crate::files::{Ground, LARGEST, MEMORY_KIB_MAX, zeros};

/// The store; it ends with its standard input, so with this value.
struct S3 {
    _child: Child,
    ready: Value,
}

impl S3 {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/s3.js");
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts; run tests/interop/install");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within("the S3 store", lines.next_line()).await.unwrap().expect("it still runs");
        Self { _child: child, ready: serde_json::from_str(&line).unwrap() }
    }

    fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    fn configure(&self, config: &mut Config) {
        config.services.s3_url = self.text("url");
        config.services.s3_key_id = self.text("key_id");
        config.services.s3_secret = Secret::new(self.text("secret"));
    }
}

/// Uploads a content; status, `mtapistatus`, body.
async fn upload(ground: &Ground, content: &[u8]) -> (u16, String, Value) {
    let path = format!(
        "/api/v1/file-attachments?serviceRequestId={}&filename=plan.txt&contentType=text/plain&size={}",
        ground.request,
        content.len()
    );
    let headers = [&ground.headers()[..], &[("content-type", "application/octet-stream")]].concat();
    let answer = ground.stage.http.send(Method::POST, &path, &headers, content.to_vec()).await;
    let codes = answer.headers["mtapistatus"].to_str().unwrap().to_owned();
    (answer.http, codes, serde_json::from_slice(&answer.body).unwrap())
}

/// The content of a file, or the codes of the refusal.
async fn download(ground: &Ground, id: &Value) -> Result<Vec<u8>, String> {
    let path = format!("/api/v1/file-attachments/{id}");
    let headers = [&ground.headers()[..], &[("accept", "application/octet-stream")]].concat();
    let answer = ground.stage.http.send(Method::GET, &path, &headers, "").await;
    let codes = answer.headers["mtapistatus"].to_str().unwrap().to_owned();
    if answer.http == 200 { Ok(answer.body.to_vec()) } else { Err(codes) }
}

async fn rescan(ground: &Ground) -> Value {
    let found = ground.stage.command(SERVER, &["files", "rescan", "--tenant", "acme"], &[]).await;
    found[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_to_the_bucket_and_back_is_rescanned_held_back_released_and_removed() {
    let s3 = S3::start().await;
    let ground = Ground::with(Engine::Sqlite, |config| s3.configure(config)).await;
    let content: Vec<u8> = (0..3_000_001_u32).map(|n| b'a' + (n % 23) as u8).collect();
    let (http, codes, file) = upload(&ground, &content).await;
    assert_eq!((http, codes.as_str(), &file["Size"]), (200, "-1", &json!(3_000_001)));
    assert_eq!(ground.files(), Vec::<std::path::PathBuf>::new());
    assert_eq!(download(&ground, &file["Id"]).await.as_ref(), Ok(&content));
    // As JSON, its pieces cut by the store where it likes.
    let path = format!("/api/v1/file-attachments/{}", file["Id"]);
    let whole = ground.stage.http.send(Method::GET, &path, &ground.headers(), "").await;
    let whole: Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(whole["Data"].as_str().unwrap().len(), content.len().div_ceil(3) * 4);

    ground.clamd.learn(&[b"abcdefghij"]);
    let mut found = json!({"tenant": "acme", "scanned": 1, "clean": 0, "infected": 1, "newlyInfected": [file["Id"]],
        "released": [], "absent": 0, "failed": []});
    assert_eq!(rescan(&ground).await, found);
    assert_eq!(download(&ground, &file["Id"]).await, Err("621002,607004".to_owned()));
    ground.clamd.learn(&[]);
    found["clean"] = json!(1);
    (found["infected"], found["newlyInfected"], found["released"]) =
        (json!(0), json!([]), json!([file["Id"]]));
    assert_eq!(rescan(&ground).await, found);
    assert_eq!(download(&ground, &file["Id"]).await, Ok(content));
    let gone = ground.stage.http.send(Method::DELETE, &path, &ground.headers(), "").await;
    assert_eq!(gone.http, 200);
    assert_eq!(download(&ground, &file["Id"]).await, Err("4041002,607004".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_file_goes_to_the_bucket_in_little_memory() {
    let s3 = S3::start().await;
    let ground = Ground::with(Engine::Sqlite, |config| s3.configure(config)).await;
    let mut connection = ground.begin(LARGEST, &format!("content-length: {LARGEST}")).await;
    zeros(&mut connection, LARGEST).await;
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.http, 200, "{}", answer.body);
    let peak = ground.stage.peak_memory_kib();
    eprintln!("peak memory, KiB: {peak}");
    assert!(peak < MEMORY_KIB_MAX, "{peak} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_refuses_or_is_away_keeps_no_file_and_says_so() {
    let s3 = S3::start().await;
    for (secret, away, http) in [("wrong", false, 500), ("S3RVER", true, 503)] {
        let ground = Ground::with(Engine::Sqlite, |config| {
            s3.configure(config);
            config.services.s3_secret = Secret::new(secret);
            if away {
                config.services.s3_url = format!("http://{}/permits", free_address());
            }
        })
        .await;
        let (told, codes, _) = upload(&ground, b"harmless").await;
        assert_eq!((told, codes.as_str()), (http, "901000,607001"), "{secret}");
        assert_eq!(ground.files(), Vec::<std::path::PathBuf>::new());
        let listed = format!("/api/v1/servicerequests/{}/file-attachments", ground.request);
        let shown = ground.stage.http.send(Method::GET, &listed, &ground.headers(), "").await;
        assert_eq!(shown.text(), "[]");
    }
}
