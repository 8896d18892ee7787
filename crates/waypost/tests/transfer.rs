//! A tenant leaves one folder and enters another, through the built command.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::{Clock, SystemClock};
use waypost_messaging::records::story::{Entry, StoryKind, Teller};
use waypost_messaging::records::{Accepted, MessageRecord, RequestRecord, accept};
use waypost_store::{Ctx, Location, Store, StoreConfig};

struct Server(TempDir);

impl Server {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
        command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", self.path("data"));
        command.env("WAYPOST_SMPP_PASSWORD", "hunter2").args(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A tenant with one of everything, and `requests` messages of the past.
    async fn filled(requests: i64) -> Self {
        let server = Self::new();
        server.json(&["admin", "tenant", "create", "--slug", "acme", "--name", "Acme Ltd"]);
        server.json(&["admin", "service", "create", "--tenant", "acme", "--slug", "alerts"]);
        server.json(&["admin", "key", "create", "--tenant", "acme", "--service", "alerts"]);
        server.json(&["admin", "sender", "add", "--tenant", "acme", "ACME"]);
        server.json(&["admin", "dnd", "add", "--tenant", "acme", "447700900001"]);
        let connection = ["--name", "one", "--host", "smsc.example", "--system-id", "acme"];
        server.json(&[&["admin", "smpp", "create", "--tenant", "acme"], &connection[..]].concat());
        let place = Location::Sqlite(server.path("data").join("waypost.db"));
        let store = Store::open(&StoreConfig::new(place)).unwrap();
        let now = SystemClock.now().sub_ms(60_000);
        let job = move |tx: &mut dyn waypost_store::Sql| {
            (0..requests).try_for_each(|n| {
                let id = MessageId::floor(now.add_ms(n));
                accept::insert(tx, &Ctx::all("test"), &request(id))?;
                let ids = waypost_core::id::IdGenerator::new(0).unwrap();
                let entry =
                    Entry { message: id, kind: StoryKind::Submitted, code: None, detail: "part 1 of 1" };
                Teller::new(&ids, now).tell(tx, &entry)
            })
        };
        store.write(job).await.unwrap();
        store.close().await;
        server
    }

    fn export(&self, name: &str, options: &[&str]) -> String {
        let out = self.path(name);
        self.json(&[&["export", "--tenant", "acme", "--out", out.to_str().unwrap()], options].concat());
        std::fs::read_to_string(out).unwrap()
    }

    fn import(&self, text: &str) -> Output {
        let file = self.path("import.jsonl");
        std::fs::write(&file, text).unwrap();
        self.run(&["import", file.to_str().unwrap(), "--json"])
    }
}

fn request(id: MessageId) -> Accepted {
    let message = MessageRecord {
        id,
        unit: 0,
        dest_type: "msisdn".into(),
        destination: "+447700900123".into(),
        correlation: Some("case-7".into()),
    };
    let request = RequestRecord {
        id,
        tenant: 1,
        service: 1,
        api_key: 1,
        transid: TransactionId::from_id(id, 7),
        channel: "sms".into(),
        content: r#"{"text":"Hello"}"#.into(),
        notify_url: None,
        callback_data: Some("x;y".into()),
        expires_at: None,
        priority: 2,
        route: None,
        units: 1,
    };
    Accepted { request, messages: vec![message] }
}

#[tokio::test]
async fn a_tenant_moves_to_another_folder_whole() {
    let (home, away) = (Server::filled(300).await, Server::new());
    let text = home.export("acme.jsonl", &["--with-secrets"]);
    let rows = text.lines().count() - 1;
    let told: Value = serde_json::from_slice(&away.import(&text).stdout).unwrap();
    assert_eq!(told, json!({"tenant": "acme", "id": 1, "rows": rows, "new": rows}));
    assert_eq!(away.export("again.jsonl", &["--with-secrets"]), text);
    let found = away.json(&["trace", "case-7"]);
    assert_eq!(found.as_array().map(Vec::len), Some(100));
    assert_eq!(found[0]["story"][0]["detail"], "part 1 of 1");
    let again: Value = serde_json::from_slice(&away.import(&text).stdout).unwrap();
    assert_eq!(again["new"], 0);
    let left: Vec<_> =
        std::fs::read_dir(away.path("data")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("import-")), "{left:?}");
}

#[tokio::test]
async fn secrets_leave_only_when_asked_for_and_without_a_file_the_lines_are_printed() {
    let home = Server::filled(1).await;
    let printed = home.run(&["export", "--tenant", "acme", "--json"]);
    let text = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(text, home.export("plain.jsonl", &[]));
    let told: Value = serde_json::from_slice(&printed.stderr).unwrap();
    let rows = text.lines().count() - 1;
    assert_eq!(told, json!({"tenant": "acme", "rows": rows, "secrets": false, "file": null}));
    assert!(!text.contains("\"password\"") && !text.contains("_secret\""), "{text}");
    assert!(home.export("sealed.jsonl", &["--with-secrets"]).contains("\"password\":\""));
}

#[tokio::test]
async fn a_bad_line_is_told_by_its_number_and_nothing_is_imported() {
    let home = Server::filled(300).await;
    let lines: Vec<String> = home.export("acme.jsonl", &[]).lines().map(str::to_owned).collect();
    let place = lines.iter().rposition(|line| line.contains(r#""table":"message""#)).unwrap();
    assert!(place > 400, "the fault must come after the first batches");
    let without_state = lines[place].replacen(r#""state":0"#, r#""state":null"#, 1);
    assert_ne!(without_state, lines[place]);
    let (cut, _) = lines[place].split_once(',').unwrap();
    for (bad, because) in
        [(cut, "EOF"), (r#"{"table":"massage"}"#, "no table `massage`"), (&without_state, "refused a row")]
    {
        let mut lines = lines.clone();
        lines[place] = bad.to_owned();
        let away = Server::new();
        let refused = away.import(&lines.join("\n"));
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{text}");
        assert!(text.contains(&format!("line {}: ", place + 1)) && text.contains(because), "{text}");
        assert!(text.contains("nothing is imported from"), "{text}");
        assert_eq!(away.json(&["admin", "tenant", "list"]), json!([]));
    }
}

#[test]
fn an_export_never_replaces_a_file_and_an_unknown_tenant_leaves_none() {
    let server = Server::new();
    server.json(&["admin", "tenant", "create", "--slug", "acme"]);
    let (kept, new) = (server.path("kept"), server.path("new"));
    std::fs::write(&kept, "mine").unwrap();
    let refused = server.run(&["export", "--tenant", "acme", "--out", kept.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
    let refused = server.run(&["export", "--tenant", "nobody", "--out", new.to_str().unwrap()]);
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && text.contains("no tenant nobody"), "{text}");
    assert!(!new.exists());
}
