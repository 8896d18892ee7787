//! The largest file of a service request, sent to the server's own process.

use std::path::{Path, PathBuf};

use http::Method;
use serde_json::{Value, json};
use waypost::config::Config;
use waypost_simulators::clamd::{ClamdConfig, ClamdHandle, SimulatedClamd};
use waypost_suite::{Backstage, Engine, RawAnswer, RawHttp, Stage, on_both_engines, within};

use crate::SERVER;

on_both_engines!(
    the_largest_file_is_taken_and_given_out_in_little_memory,
    one_byte_more_is_refused_whatever_was_announced,
    an_upload_that_is_cut_leaves_neither_a_row_nor_a_file,
);

/// 200 MB, the published limit.
pub const LARGEST: u64 = 200 << 20;
/// What one write carries.
const PIECE: usize = 1 << 20;
/// The whole process may take so much at its peak, in KiB.
pub const MEMORY_KIB_MAX: u64 = 100 * 1024;

/// A server that takes files, an application and a request to attach them to.
pub struct Ground {
    pub stage: Stage,
    /// Scans until the end.
    pub clamd: ClamdHandle,
    headers: [(String, String); 2],
    pub request: i64,
}

impl Ground {
    async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let clamd = SimulatedClamd::start(ClamdConfig::default()).await.unwrap();
        let address = clamd.address().to_string();
        let backstage = Backstage::new(engine).await.config(|config| {
            config.services.clamd = address;
            config.server.request_timeout_ms = 120_000;
            change(config);
        });
        let stage = backstage.start_process(SERVER).await;
        let key = application(&stage).await;
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let headers = [("api-key".to_owned(), text("api_key")), ("app-jwt".to_owned(), text("app_jwt"))];
        let mut ground = Self { stage, clamd, headers, request: 0 };
        let person =
            json!({"FirstName": "Alex", "LastName": "Applicant", "GCKey": {"MBUN": "M1", "Issuer": "gckey"}});
        let user = ground.call("/api/v1/users", person).await["Id"].to_string();
        ground.call(&format!("/api/v1/services/1/enrolluser?userId={user}"), Value::Null).await;
        let ask = format!("/api/v1/servicerequests?userId={user}&serviceId=1&englishName=A&frenchName=B");
        ground.request = ground.call(&ask, Value::Null).await["ServiceRequestId"].as_i64().unwrap();
        ground
    }

    /// Key and token of the application.
    pub fn headers(&self) -> [(&str, &str); 2] {
        self.headers.each_ref().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    async fn call(&self, path: &str, body: Value) -> Value {
        let headers = self.headers();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let with_type = [&headers[..], &[("content-type", "application/json")]].concat();
        let answer = self.stage.http.send(Method::POST, path, &with_type, body).await;
        assert_eq!(answer.http, 200, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// Begins an upload that announces `size`, its body framed by `framing`.
    pub async fn begin(&self, size: u64, framing: &str) -> RawHttp {
        let mut connection = RawHttp::connect(self.stage.http.address()).await;
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "POST /api/v1/file-attachments?serviceRequestId={}&filename=large.bin&contentType=application/pdf&size={size} \
             HTTP/1.1\r\nhost: a\r\ncontent-type: application/octet-stream\r\n{headers}{framing}\r\n\r\n",
            self.request
        );
        connection.write(head).await;
        connection
    }

    /// Everything below the folder of files.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.stage.config().store.data_dir.join("blobs"), &mut found);
        found
    }

    async fn rows(&self) -> i64 {
        self.stage.desk.read(|tx| tx.query("SELECT count(*) FROM sd_file", &[])?[0].int(0)).await
    }

    /// Looks at the folder again until it holds so many files.
    async fn holds(&self, files: usize) {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
        let look = async {
            while self.files().len() != files {
                ticks.tick().await;
            }
        };
        within("the folder of files to change", look).await;
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

/// A service and an application with a key; what the command showed of the key.
async fn application(stage: &Stage) -> Value {
    let tenant = stage.login.tenant_slug.as_str();
    let of = ["--tenant", tenant, "--application", "PORTAL"];
    let run = async |arguments: &[&str]| stage.command(SERVER, arguments, &[]).await;
    let service =
        ["admin", "online-service", "create", "--tenant", tenant, "--service", "PERMIT", "--name", "Permit"];
    run(&[&service[..], &["--name-fr", "Permis", "--base-url", "https://permits.example", "--open"]].concat()).await;
    let grants = ["--grants", "accounts,users,requests,files", "--all-services"];
    run(&[&["admin", "application", "create"][..], &of, &grants].concat()).await;
    run(&[&["admin", "application", "create-key"][..], &of].concat()).await
}

/// Sends `bytes` zeros.
pub async fn zeros(connection: &mut RawHttp, bytes: u64) {
    let piece = vec![0_u8; PIECE];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(PIECE as u64);
        connection.write(&piece[..usize::try_from(now).unwrap()]).await;
        left -= now;
    }
}

fn refusal(answer: &RawAnswer) -> (u16, bool, Value) {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let told = answer.head.to_lowercase().contains("mtapistatus: 607003,607001\r\n");
    (answer.http, told, body["Detail"].clone())
}

async fn the_largest_file_is_taken_and_given_out_in_little_memory(engine: Engine) {
    let ground = Ground::new(engine).await;
    let before = ground.stage.peak_memory_kib();
    let mut connection = ground.begin(LARGEST, &format!("content-length: {LARGEST}")).await;
    zeros(&mut connection, LARGEST).await;
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.http, 200, "{}", answer.body);
    let kept: Value = serde_json::from_str(&answer.body).unwrap();
    let id = kept["Id"].as_i64().unwrap();
    let shown = json!({"Id": id, "ServiceRequestId": ground.request, "Name": "large.bin", "Size": LARGEST,
        "ContentType": "application/pdf", "Data": null});
    assert_eq!(kept, shown);
    assert_eq!((ground.rows().await, ground.files().len()), (1, 1));
    assert_eq!(std::fs::metadata(&ground.files()[0]).unwrap().len(), LARGEST);
    let taken = ground.stage.peak_memory_kib();

    let mut connection = RawHttp::connect(ground.stage.http.address()).await;
    let [key, token] = &ground.headers;
    connection
        .write(format!(
            "GET /api/v1/file-attachments/{id} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
             accept: application/octet-stream\r\n{}: {}\r\n{}: {}\r\n\r\n",
            key.0, key.1, token.0, token.1
        ))
        .await;
    let sent = connection.drained().await;
    assert!((LARGEST..LARGEST + (1 << 20)).contains(&sent), "{sent}");
    let given = ground.stage.peak_memory_kib();
    eprintln!("peak memory, KiB: {before} before, {taken} after the upload, {given} after the download");
    assert!(given < MEMORY_KIB_MAX, "{before} KiB before, {taken} KiB after the upload, {given} KiB in all");
}

async fn one_byte_more_is_refused_whatever_was_announced(engine: Engine) {
    let ground = Ground::new(engine).await;
    let more = LARGEST + 1;
    let rule = |field: &str| {
        json!({"Field": field, "Rule": format!("at most {LARGEST} bytes"),
            "Remedy": waypost_status::MtapiCode::FileTooLarge.entry().remedy})
    };
    let mut connection = ground.begin(more, &format!("content-length: {more}")).await;
    assert_eq!(refusal(&connection.answer().await.unwrap()), (413, true, rule("size")));
    let mut connection = ground.begin(LARGEST, &format!("content-length: {more}")).await;
    assert_eq!(refusal(&connection.answer().await.unwrap()), (413, true, rule("body")));
    // Without a length that is announced, it is the body itself that tells.
    let mut connection = ground.begin(LARGEST, "transfer-encoding: chunked").await;
    connection.write(format!("{LARGEST:x}\r\n")).await;
    zeros(&mut connection, LARGEST).await;
    connection.write("\r\n1\r\n0\r\n0\r\n\r\n").await;
    assert_eq!(refusal(&connection.answer().await.unwrap()), (413, true, rule("body")));
    ground.holds(0).await;
    assert_eq!(ground.rows().await, 0);
}

async fn an_upload_that_is_cut_leaves_neither_a_row_nor_a_file(engine: Engine) {
    let ground = Ground::new(engine).await;
    let mut connection = ground.begin(LARGEST, &format!("content-length: {LARGEST}")).await;
    zeros(&mut connection, 10 << 20).await;
    ground.holds(1).await;
    drop(connection);
    ground.holds(0).await;
    assert_eq!(ground.rows().await, 0);
}
