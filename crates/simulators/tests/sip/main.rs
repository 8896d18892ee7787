//! A trunk against the simulated provider.
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod tls;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use waypost_channels::push::SystemRandomness;
use waypost_channels::voice::flow::{Flow, Plan, Sound};
use waypost_channels::voice::trunk::{Listener, Order, Placing, Trunk};
use waypost_simulators::sip::{SipCounts, SipHandle};

/// `None` when the call is over.
struct Ear(mpsc::UnboundedSender<Option<u16>>);

impl Listener for Ear {
    fn told(&self, code: u16, _: &str) {
        let _ = self.0.send(Some(code));
    }

    fn collected(&self, _: &str, _: &str) {}

    fn unreached(&self, _: &str) {}

    fn over(&self) {
        let _ = self.0.send(None);
    }
}

async fn provider() -> SipHandle {
    SipHandle::start("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

/// A call that plays 40 ms, and what is heard of it.
fn order(number: &str) -> (Order, mpsc::UnboundedReceiver<Option<u16>>) {
    let (ear, heard) = mpsc::unbounded_channel();
    let sound = Sound::Prompt("p".into());
    let sounds = [(sound.clone(), Arc::from([0x12; 320].as_slice()))].into();
    let plan = Arc::new(Plan { flow: Arc::new(Flow::of_sound(sound)), sounds });
    let order =
        Order { number: number.into(), caller: None, plan, deadline_ms: 5_000, listener: Arc::new(Ear(ear)) };
    (order, heard)
}

async fn codes(trunk: &Trunk, number: &str) -> Vec<u16> {
    let (order, mut heard) = order(number);
    assert!(matches!(trunk.place(order).await, Placing::Placed { .. }));
    let mut codes = Vec::new();
    while let Some(Some(code)) = heard.recv().await {
        codes.push(code);
    }
    codes
}

#[tokio::test]
async fn a_call_ends_as_its_number_asks() {
    let provider = provider().await;
    let text = format!(
        r#"{{"name":"sim","host":"127.0.0.1","port":{},"caller":"1","options_s":1,"calls_per_second":0}}"#,
        provider.address().port()
    );
    let trunk = Trunk::spawn(serde_json::from_str(&text).unwrap(), Arc::new(SystemRandomness)).unwrap();
    let expected: [(&str, &[u16]); 7] = [
        ("447700900001", &[7408, 7519, 7409, 7405]),
        ("447700907401", &[7408, 7409, 7401]),
        ("447700907402", &[7408, 7409, 7402]),
        ("447700907403", &[7408, 7409, 7403]),
        ("447700907404", &[7409, 7404]),
        ("447700907406", &[7409, 7406]),
        ("447700907410", &[7408, 7519, 7405, 7410, 7409]),
    ];
    for (number, expected) in expected {
        assert_eq!(codes(&trunk, number).await, expected, "{number}");
    }
    trunk.close(Duration::from_secs(5)).await;
    assert_eq!(provider.counts(), SipCounts { invites: 7, answered: 2, ended: 1, hung_up: 1, faults: 0 });
}

#[tokio::test]
async fn a_request_that_breaks_a_rule_is_told_which() {
    let provider = provider().await;
    let caller = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    caller.connect(provider.address()).await.unwrap();
    let good = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n\
                Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    let changes = [
        ("Max-Forwards: 70\r\n", "", "400 Bad Request: Max-Forwards is missing"),
        ("z9hG4bK1", "1", "400 Bad Request: the branch has no magic cookie"),
        (";tag=1", "", "400 Bad Request: From has no tag"),
        ("1 OPTIONS", "1 BYE", "400 Bad Request: CSeq does not name the method"),
        ("", "", "200 OK"),
    ];
    for (from, to, expected) in changes {
        let request = if from.is_empty() { good.to_owned() } else { good.replace(from, to) };
        caller.send(request.as_bytes()).await.unwrap();
        let mut buffer = [0; 2_048];
        let length = caller.recv(&mut buffer).await.unwrap();
        let answer = String::from_utf8_lossy(&buffer[..length]);
        assert_eq!(answer.lines().next().unwrap(), format!("SIP/2.0 {expected}"));
    }
    assert_eq!(provider.counts().faults, 4);
}
