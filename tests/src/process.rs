//! The server as a process of its own.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::bound::within;

/// Lines of the log kept for a failure's report.
const LINES_MAX: usize = 200;

/// A running server process. It is killed when this is dropped.
pub struct Process {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts `program serve` and waits until it says that it serves.
    ///
    /// # Panics
    /// When it ends instead, or says nothing in time.
    pub async fn start(program: &Path, config: &Path) -> Self {
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(config);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let address = within("the server to serve", serving(&mut lines, &log)).await;
        let address = address.unwrap_or_else(|| panic!("the server ended: {:?}", log.lock().unwrap()));
        tokio::spawn(keep(lines, Arc::clone(&log)));
        Self { child, address, log }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory it has had so far (`VmHWM`), KiB.
    ///
    /// # Panics
    /// When it has ended, or the system does not tell.
    #[must_use]
    pub fn peak_memory_kib(&self) -> u64 {
        let id = self.child.id().expect("a process that runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("the system tells");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Kills it (SIGKILL) and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn kill(mut self) {
        within("the killed server to end", self.child.kill()).await.expect("a process to kill");
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().expect("a process that runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("the command `kill`");
        assert!(sent.success(), "kill -TERM {id}");
        within("the stopped server to end", self.child.wait()).await.expect("an exit status")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in self.log.lock().unwrap().iter() {
                eprintln!("server: {line}");
            }
        }
    }
}

async fn serving(
    lines: &mut Lines<BufReader<ChildStderr>>,
    log: &Mutex<VecDeque<String>>,
) -> Option<SocketAddr> {
    while let Ok(Some(line)) = lines.next_line().await {
        let json: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        note(log, line);
        if json["message"] == "serving" {
            return json["address"].as_str()?.parse().ok();
        }
    }
    None
}

async fn keep(mut lines: Lines<BufReader<ChildStderr>>, log: Arc<Mutex<VecDeque<String>>>) {
    while let Ok(Some(line)) = lines.next_line().await {
        note(&log, line);
    }
}

fn note(log: &Mutex<VecDeque<String>>, line: String) {
    let mut log = log.lock().unwrap();
    if log.len() == LINES_MAX {
        log.pop_front();
    }
    log.push_back(line);
}
