//! SIPp as the far end, a lossy way to it, ears, and a trunk.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket as StdSocket};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use waypost_channels::push::SystemRandomness;
use waypost_channels::voice::config::TrunkConfig;
use waypost_channels::voice::flow::{Flow, Plan, Sound};
use waypost_channels::voice::trunk::{Listener, Order, Placing, Trunk};

const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Long enough for a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(40);

/// A port nobody has at this moment.
pub fn free_port() -> u16 {
    StdSocket::bind((HOME, 0)).unwrap().local_addr().unwrap().port()
}

/// SIPp with one of our scenarios, for one call.
pub struct Far {
    child: Child,
    pub port: u16,
}

impl Far {
    pub fn start(scenario: &str, rtp_port: u16, tcp: bool) -> Self {
        Self::play(scenario, rtp_port, tcp, 1, &[])
    }

    /// For a call and the call to a third party, whose sound goes to `third_port`.
    pub fn of_two(scenario: &str, rtp_port: u16, third_port: u16) -> Self {
        Self::play(scenario, rtp_port, false, 2, &["-key", "third_port", &third_port.to_string()])
    }

    /// Calls `peer` from `port`.
    pub fn calling(scenario: &str, port: u16, peer: SocketAddr) -> Self {
        Self::run(scenario, port, 0, false, 1, &[&peer.to_string()])
    }

    fn play(scenario: &str, rtp_port: u16, tcp: bool, calls: u32, more: &[&str]) -> Self {
        Self::run(scenario, free_port(), rtp_port, tcp, calls, more)
    }

    fn run(scenario: &str, port: u16, rtp_port: u16, tcp: bool, calls: u32, more: &[&str]) -> Self {
        let file = format!("{}/../../tests/interop/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("sipp");
        command.args([
            "-sf",
            &file,
            "-i",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-m",
            &calls.to_string(),
            "-nostdin",
        ]);
        command.args(more);
        command.args(["-key", "rtp_port", &rtp_port.to_string(), "-timeout", "35"]);
        command.args(["-t", if tcp { "t1" } else { "u1" }]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().expect("sipp is needed: Debian's package sip-tester, see ./test");
        Self { child, port }
    }

    /// Waits until its call is over; fails when it did not go as the scenario says.
    pub async fn went_as_written(self) {
        let output = tokio::time::timeout(PATIENCE, self.child.wait_with_output()).await.unwrap().unwrap();
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
}

/// What is heard of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Code(u16),
    Digits(String, String),
    Unreached(String),
    Over,
}

struct Ear(mpsc::UnboundedSender<Heard>);

impl Listener for Ear {
    fn told(&self, code: u16, _: &str) {
        let _ = self.0.send(Heard::Code(code));
    }

    fn collected(&self, step: &str, digits: &str) {
        let _ = self.0.send(Heard::Digits(step.to_owned(), digits.to_owned()));
    }

    fn unreached(&self, why: &str) {
        let _ = self.0.send(Heard::Unreached(why.to_owned()));
    }

    fn over(&self) {
        let _ = self.0.send(Heard::Over);
    }
}

/// A trunk to a port of this machine, quick of patience.
pub fn trunk(port: u16, more: &str) -> Trunk {
    let options = if more.contains("options_s") { "" } else { "options_s = 0\n" };
    let text = format!(
        "{options}name = \"test\"\nhost = \"127.0.0.1\"\nport = {port}\ncaller = \"453745878\"\nt1_ms = 40\n\
         ring_s = 1\nnumber_prefix = \"+\"\n{more}"
    );
    Trunk::spawn(toml::from_str::<TrunkConfig>(&text).unwrap(), Arc::new(SystemRandomness)).unwrap()
}

/// A prompt of so many milliseconds.
pub fn prompt(ms: usize) -> Arc<Plan> {
    let sound = Sound::Prompt("hello".into());
    let octets: Arc<[u8]> = vec![0x12; ms * 8].into();
    let flow = Arc::new(Flow::of_sound(sound.clone()));
    Arc::new(Plan { flow, sounds: [(sound, octets)].into() })
}

/// A call under way.
pub struct Line {
    pub placing: Placing,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Line {
    pub async fn call(trunk: &Trunk, plan: Arc<Plan>) -> Self {
        let (ear, heard) = mpsc::unbounded_channel();
        let (number, listener) = ("447700900001".to_owned(), Arc::new(Ear(ear)));
        let placing = trunk.place(Order { number, caller: None, plan, deadline_ms: 5_000, listener }).await;
        Self { placing, heard }
    }

    pub async fn next(&mut self) -> Option<Heard> {
        tokio::time::timeout(PATIENCE, self.heard.recv()).await.unwrap()
    }

    /// Everything until the call is over.
    pub async fn codes(&mut self) -> Vec<u16> {
        let mut codes = Vec::new();
        loop {
            match self.next().await {
                Some(Heard::Code(code)) => codes.push(code),
                Some(Heard::Over) | None => return codes,
                Some(Heard::Digits(..) | Heard::Unreached(_)) => {}
            }
        }
    }
}

/// A way between a trunk and a far end that loses every datagram whose number `loses` names.
pub async fn lossy(far: u16, loses: fn(u64) -> bool) -> u16 {
    let (near, out) = (UdpSocket::bind((HOME, 0)).await.unwrap(), UdpSocket::bind((HOME, 0)).await.unwrap());
    let port = near.local_addr().unwrap().port();
    out.connect((HOME, far)).await.unwrap();
    tokio::spawn(async move {
        let (mut there, mut back, mut count) = ([0; 4096], [0; 4096], 0);
        let mut caller: Option<SocketAddr> = None;
        loop {
            tokio::select! {
                got = near.recv_from(&mut there) => {
                    let Ok((length, from)) = got else { continue };
                    caller = Some(from);
                    count += 1;
                    if !loses(count) {
                        let _ = out.send(&there[..length]).await;
                    }
                }
                got = out.recv(&mut back) => {
                    let (Ok(length), Some(caller)) = (got, caller) else { continue };
                    count += 1;
                    if !loses(count) {
                        let _ = near.send_to(&back[..length], caller).await;
                    }
                }
            }
        }
    });
    port
}
