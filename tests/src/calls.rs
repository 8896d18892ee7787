//! SIPp as the far end of a trunk, which nobody here wrote.

use std::process::Stdio;

use tokio::net::UdpSocket;
use tokio::process::{Child, Command};

use crate::bound::within;

/// SIPp with one of the scenarios in `tests/interop/sipp`.
pub struct Far {
    child: Child,
    /// The port it listens on, UDP.
    pub port: u16,
}

impl Far {
    /// Plays `scenario` for so many calls.
    ///
    /// # Panics
    /// When SIPp is not there (Debian's package `sip-tester`).
    #[must_use]
    pub fn start(scenario: &str, calls: u32) -> Self {
        let free = || {
            let socket = std::net::UdpSocket::bind(("127.0.0.1", 0)).expect("a free port");
            socket.local_addr().expect("its address").port()
        };
        let (port, rtp, third) = (free(), free(), free());
        let file = format!("{}/interop/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("sipp");
        command.args(["-sf", &file, "-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"]);
        command.args(["-m", &calls.to_string(), "-key", "rtp_port", &rtp.to_string(), "-timeout", "60"]);
        command.args(["-key", "third_port", &third.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().expect("sipp: Debian's package sip-tester, see ./test");
        Self { child, port }
    }

    /// A port of which every third datagram either way is lost.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn lossy(&self) -> u16 {
        let bind = || UdpSocket::bind(("127.0.0.1", 0));
        let (near, out) = (bind().await.expect("a free port"), bind().await.expect("a free port"));
        out.connect(("127.0.0.1", self.port)).await.expect("a way to SIPp");
        let port = near.local_addr().expect("its address").port();
        tokio::spawn(lose(near, out));
        port
    }

    /// Waits until its calls are over.
    ///
    /// # Panics
    /// When one did not go as the scenario says.
    pub async fn went_as_written(self) {
        let output = within("SIPp's end", self.child.wait_with_output()).await.expect("an exit code");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Passes datagrams on, but for every third.
async fn lose(near: UdpSocket, out: UdpSocket) {
    let (mut there, mut back, mut count) = ([0; 4096], [0; 4096], 0_u64);
    let mut caller = None;
    let mut is_lost = || {
        count += 1;
        count.is_multiple_of(3)
    };
    loop {
        tokio::select! {
            Ok((length, from)) = near.recv_from(&mut there) => {
                caller = Some(from);
                if !is_lost() {
                    let _ = out.send(&there[..length]).await;
                }
            }
            Ok(length) = out.recv(&mut back) => {
                if let Some(caller) = caller && !is_lost() {
                    let _ = near.send_to(&back[..length], caller).await;
                }
            }
        }
    }
}
