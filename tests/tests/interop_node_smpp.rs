//! Our SMPP connector against an SMSC nobody here wrote (`interop/smsc.js`, on node-smpp).
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;
use waypost_channels::smpp::{
    Address, Connection, ConnectionConfig, ConnectionHandle, DeliverAnswer, DeliverSm, Inbound, LinkState,
    Seams, Submit, SubmitError, Unknown,
};
use waypost_core::sms::receipt::{ReceiptState, ReceiptTlvs, parse_receipt};
use waypost_core::sms::segment::{Concatenation, SmsContent, segment};
use waypost_suite::{Backstage, Engine, SENDER};

/// Nothing here takes longer unless it hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// The peer; it ends with its standard input, so with this value.
struct Peer {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Peer {
    async fn start(options: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/smsc.js");
        let mut child = Command::new("node")
            .arg(script)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts; run tests/interop/install");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut peer = Self { _child: child, lines, port: 0 };
        let ready = peer.event("ready").await;
        peer.port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        peer
    }

    /// The next event of a kind; others are passed over.
    async fn event(&mut self, kind: &str) -> Value {
        loop {
            let line = timeout(LIMIT, self.lines.next_line()).await.expect("an event in time").unwrap();
            let event: Value = serde_json::from_str(&line.expect("the peer still runs")).unwrap();
            if event["event"] == kind {
                return event;
            }
        }
    }

    fn config(&self, password: &str) -> ConnectionConfig {
        let mut config = ConnectionConfig::new("node", "127.0.0.1", self.port, "waypost", password);
        config.reconnect_min_ms = 10;
        config
    }
}

/// Keeps what comes in and answers it.
struct Kept(mpsc::UnboundedSender<DeliverSm>);

impl Inbound for Kept {
    fn deliver(&self, message: DeliverSm) -> Pin<Box<dyn Future<Output = DeliverAnswer> + Send + 'static>> {
        self.0.send(message).unwrap();
        Box::pin(async { DeliverAnswer::Ok })
    }
}

async fn connect(peer: &Peer) -> (ConnectionHandle, mpsc::UnboundedReceiver<DeliverSm>) {
    let (sender, inbound) = mpsc::unbounded_channel();
    let handle = Connection::spawn(peer.config("secret"), Arc::new(Kept(sender)), Seams::default()).unwrap();
    timeout(LIMIT, handle.bound()).await.expect("bound in time").unwrap();
    (handle, inbound)
}

/// The parts of a text as the connector takes them.
fn parts(text: &str) -> Vec<Submit> {
    let cut = segment(SmsContent::Text(text), Concatenation::Udh8, 0x2a).unwrap();
    cut.parts
        .into_iter()
        .map(|part| Submit {
            source: Address::new(5, 0, "Waypost"),
            dest: Address::new(1, 1, "447700000001"),
            data_coding: cut.data_coding,
            udh: part.udh.unwrap_or_default().into(),
            payload: part.payload.into(),
            ..Submit::default()
        })
        .collect()
}

/// Id and state that a receipt tells.
fn told(receipt: &DeliverSm) -> (String, ReceiptState) {
    let tlvs = ReceiptTlvs {
        receipted_message_id: receipt.receipted_message_id.as_deref(),
        message_state: receipt.message_state,
        network_error_code: None,
    };
    let read = parse_receipt(&receipt.payload, tlvs).unwrap();
    (read.provider_id, read.state)
}

#[tokio::test]
async fn a_text_is_read_as_it_was_meant_and_its_receipt_comes_back() {
    for text in ["Your parcel is here", "Ünïcode: Δ, € and [brackets] ~", "Посылка ждёт вас 📦"]
    {
        let mut peer = Peer::start(&[]).await;
        let (handle, mut inbound) = connect(&peer).await;
        let answer = handle.submit(parts(text).remove(0)).await.unwrap();
        let seen = peer.event("submit").await;
        let read = json!({
            "source": seen["source"], "destination": seen["destination"], "source_ton": seen["source_ton"],
            "dest_ton": seen["dest_ton"], "registered_delivery": seen["registered_delivery"], "text": seen["text"],
            "message_id": seen["message_id"],
        });
        let meant = json!({
            "source": "Waypost", "destination": "447700000001", "source_ton": 5, "dest_ton": 1,
            "registered_delivery": 1, "text": text, "message_id": answer.message_id,
        });
        assert_eq!(read, meant);
        let receipt = timeout(LIMIT, inbound.recv()).await.expect("a receipt in time").unwrap();
        assert!(receipt.is_receipt());
        assert_eq!(told(&receipt), (answer.message_id.clone(), ReceiptState::Delivered));
        let answered = peer.event("deliver_resp").await;
        assert_eq!(answered, json!({"event": "deliver_resp", "message_id": answer.message_id, "status": 0}));
    }
}

#[tokio::test]
async fn a_long_text_arrives_in_parts_that_join_to_it() {
    let mut peer = Peer::start(&["--receipts", "none"]).await;
    let (handle, _inbound) = connect(&peer).await;
    let text = "€ and [brackets], many times over. ".repeat(12);
    let parts = parts(&text);
    let total = parts.len();
    let mut read = String::new();
    for (part, number) in parts.into_iter().zip(1..) {
        handle.submit(part).await.unwrap();
        let seen = peer.event("submit").await;
        assert_eq!(seen["udh"], format!("00032a{total:02x}{number:02x}"));
        assert_eq!(seen["esm_class"], 0x40);
        read.push_str(seen["text"].as_str().unwrap());
    }
    assert_eq!((read, total), (text, 3));
}

#[tokio::test]
async fn a_receipt_before_its_response_is_not_lost() {
    let mut peer = Peer::start(&["--receipts", "before", "--receipt-id", "decimal"]).await;
    let (handle, mut inbound) = connect(&peer).await;
    let answer = handle.submit(parts("early").remove(0)).await.unwrap();
    let receipt = timeout(LIMIT, inbound.recv()).await.expect("a receipt in time").unwrap();
    let value = u64::from_str_radix(&answer.message_id, 16).unwrap();
    assert_eq!(told(&receipt), (value.to_string(), ReceiptState::Delivered));
    assert_eq!(peer.event("deliver_resp").await["status"], 0);
}

#[tokio::test]
async fn an_inbound_message_is_taken_and_is_no_receipt() {
    let mut peer = Peer::start(&["--inbound", "STOP please"]).await;
    let (_handle, mut inbound) = connect(&peer).await;
    let message = timeout(LIMIT, inbound.recv()).await.expect("a message in time").unwrap();
    let seen = (
        message.source.digits.as_str(),
        message.dest.digits.as_str(),
        &message.payload[..],
        message.is_receipt(),
    );
    assert_eq!(seen, ("447700000099", "Waypost", &b"STOP please"[..], false));
    assert_eq!(peer.event("deliver_resp").await["status"], 0);
}

#[tokio::test]
async fn throttling_is_told_as_such_and_passes() {
    let mut peer = Peer::start(&["--throttle", "1", "--receipts", "none"]).await;
    let (handle, _inbound) = connect(&peer).await;
    let first = handle.submit(parts("too fast").remove(0)).await;
    assert_eq!(first, Err(SubmitError::Throttled(0x58)));
    let second = handle.submit(parts("again").remove(0)).await.unwrap();
    assert_eq!(peer.event("submit").await["status"], 0x58);
    assert_eq!(peer.event("submit").await["message_id"], second.message_id);
}

#[tokio::test]
async fn a_session_that_breaks_after_a_submit_leaves_its_fate_unknown_and_binds_again() {
    let mut peer = Peer::start(&["--drop-after", "1", "--receipts", "none"]).await;
    let (handle, _inbound) = connect(&peer).await;
    let lost = handle.submit(parts("gone").remove(0)).await;
    assert_eq!(lost, Err(SubmitError::Unknown(Unknown::Dropped)));
    let kept = async { handle.reserve().await.unwrap().submit(parts("here").remove(0)).await };
    let kept = timeout(LIMIT, kept).await.expect("bound again in time").unwrap();
    assert_eq!(peer.event("submit").await["text"], "gone");
    assert_eq!(peer.event("bind").await["ok"], true);
    assert_eq!(peer.event("submit").await["message_id"], kept.message_id);
}

#[tokio::test]
async fn a_wrong_password_does_not_bind_and_says_why() {
    let mut peer = Peer::start(&[]).await;
    let (sender, _inbound) = mpsc::unbounded_channel();
    let handle = Connection::spawn(peer.config("wrong"), Arc::new(Kept(sender)), Seams::default()).unwrap();
    let mut states = handle.watch();
    let refused = states.wait_for(|state| matches!(state, LinkState::BackingOff { .. }));
    let refused = timeout(LIMIT, refused).await.expect("refused in time").unwrap().clone();
    let LinkState::BackingOff { why, .. } = refused else { unreachable!("waited for it") };
    assert!(why.contains("ESME_RBINDFAIL") || why.contains("0x0000000D"), "{why}");
    assert_eq!(peer.event("bind").await["ok"], false);
}

#[tokio::test]
async fn closing_unbinds_in_order() {
    let mut peer = Peer::start(&[]).await;
    let (handle, _inbound) = connect(&peer).await;
    handle.close(Duration::from_secs(1)).await;
    assert_eq!(peer.event("unbind").await, json!({"event": "unbind"}));
    assert_eq!(handle.state(), LinkState::Closed);
}

#[tokio::test]
async fn the_whole_server_delivers_through_it_whenever_and_however_its_receipts_come() {
    for options in [&["--receipts", "after"][..], &["--receipts", "before", "--receipt-id", "decimal"]] {
        let mut peer = Peer::start(options).await;
        let smsc = SocketAddr::from((Ipv4Addr::LOCALHOST, peer.port));
        let stage =
            Box::pin(async { Backstage::new(Engine::Sqlite).await.link_to(smsc).await.start().await }).await;
        assert_eq!(peer.event("bind").await["ok"], true);
        let transid = stage.send("Ünïcode: Δ and €", "447700900001").await;
        let seen = peer.event("submit").await;
        let told = (&seen["source"], &seen["destination"], &seen["text"]);
        assert_eq!(told, (&json!(SENDER), &json!("447700900001"), &json!("Ünïcode: Δ and €")));
        assert_eq!(stage.hook.outcome("447700900001", 7500).await.status(), "Delivered");
        assert_eq!(peer.event("deliver_resp").await["status"], 0);
        stage.record(&transid).await.assert_stands("delivered", None);
    }
}
