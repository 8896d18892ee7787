//! Our letters at a relay nobody here wrote (`interop/relay.py`, on aiosmtpd), read by Python's own `email` package: STARTTLS, AUTH,
//! envelope, headers, bodies and files.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::process::Stdio;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use waypost_channels::email::{
    Attachment, Carried, Carrier as _, Language, Letter, RelaySettings, RelayTls, SmtpRelay,
};
use waypost_core::time::Micros;

const LIMIT: Duration = Duration::from_secs(40);
const USER: &str = "waypost";
const PASSWORD: &str = "pâss word";

struct Far {
    _python: Child,
    _folder: tempfile::TempDir,
    told: Lines<BufReader<ChildStdout>>,
    port: u16,
    authority_pem: Vec<u8>,
}

impl Far {
    async fn start() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("certificate.pem"), cert.pem()).unwrap();
        std::fs::write(place("key.pem"), signing_key.serialize_pem()).unwrap();
        let interop = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
        let mut python = Command::new(format!("{interop}/.venv/bin/python"))
            .arg(format!("{interop}/relay.py"))
            .args(["--user", USER, "--password", PASSWORD, "--certificate"])
            .arg(place("certificate.pem"))
            .arg("--key")
            .arg(place("key.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python starts; run tests/interop/install");
        let mut told = BufReader::new(python.stdout.take().unwrap()).lines();
        let first = next(&mut told).await;
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        Self { _python: python, _folder: folder, told, port, authority_pem: cert.pem().into_bytes() }
    }

    fn relay(&self, password: &str) -> SmtpRelay {
        SmtpRelay::new(RelaySettings {
            host: "localhost".to_owned(),
            port: self.port,
            tls: RelayTls::Starttls,
            authority_pem: Some(self.authority_pem.clone()),
            login: Some((USER.to_owned(), password.to_owned())),
            hello_name: "waypost.example.org".to_owned(),
            timeout_ms: 30_000,
            idle_ms: 60_000,
            idle_max: 1,
        })
        .unwrap()
    }
}

async fn next(told: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = timeout(LIMIT, told.next_line()).await.expect("a line in time").unwrap().expect("a line");
    serde_json::from_str(&line).expect("one JSON object a line")
}

fn letter(to: &str) -> Letter {
    Letter {
        message_id: "waypost.7@example.org".to_owned(),
        written_at: Micros::from_secs(1_790_000_000),
        from: "Permis Québec <no-reply@example.org>".parse().unwrap(),
        reply_to: None,
        to: to.parse().unwrap(),
        meant_for: None,
        subject:
            "Votre permis est prêt — n° 7, with a subject that is long enough to be folded over several lines"
                .to_owned(),
        text: format!(".\n..\nPrêt. {}\nFrom here\n", "long ".repeat(300)),
        html: Some("<p>Prêt &amp; signé</p>".to_owned()),
        language: Some(Language::Fr),
        attachments: vec![Attachment {
            name: "reçu, n° 7.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: (0..=255).collect(),
        }],
    }
}

#[tokio::test]
async fn a_letter_reads_at_the_far_end_as_it_was_written() {
    let mut far = Far::start().await;
    let relay = far.relay(PASSWORD);
    let own = letter("Hélène Été <helene@example.net>");
    let carried = relay.carry(&own).await;
    assert!(matches!(carried, Carried::Taken(_)), "{carried:?}");
    let told = next(&mut far.told).await;
    let envelope =
        json!([told["sender"], told["recipients"], told["tls"], told["authenticated"], told["defects"]]);
    assert_eq!(envelope, json!(["no-reply@example.org", ["helene@example.net"], true, true, []]));
    assert_eq!(told["to"], json!([["Hélène Été", "helene@example.net"]]));
    assert_eq!(told["from"], json!([["Permis Québec", "no-reply@example.org"]]));
    assert_eq!(told["headers"]["subject"], own.subject);
    assert_eq!(told["headers"]["message-id"], "<waypost.7@example.org>");
    assert_eq!(told["headers"]["date"], "Mon, 21 Sep 2026 14:13:20 +0000");
    assert_eq!(told["headers"]["content-language"], "fr");
    let read = |member: &str| told[member].as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!((read("plain"), read("html")), (own.text.trim_end().to_owned(), own.html.clone().unwrap()));
    let bytes: String = (0..=255_u8).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(told["files"], json!([{"name": "reçu, n° 7.pdf", "type": "application/pdf", "hex": bytes}]));
    // The next letter goes over the same connection.
    assert!(matches!(relay.carry(&letter("bob@example.net")).await, Carried::Taken(_)));
    assert_eq!(next(&mut far.told).await["recipients"], json!(["bob@example.net"]));
}

#[tokio::test]
async fn its_answers_are_taken_for_what_they_are() {
    let far = Far::start().await;
    let relay = far.relay(PASSWORD);
    let refused = relay.carry(&letter("refuse@example.net")).await;
    assert!(matches!(&refused, Carried::Refused(why) if why.code == Some(550)), "{refused:?}");
    let later = relay.carry(&letter("later@example.net")).await;
    assert!(matches!(&later, Carried::Later { why, whole: false } if why.code == Some(451)), "{later:?}");
    let stranger = far.relay("other").carry(&letter("ann@example.net")).await;
    assert!(
        matches!(&stranger, Carried::Later { why, whole: true } if why.code == Some(535)),
        "{stranger:?}"
    );
}
