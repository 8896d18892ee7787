//! The servers under test, each started from nothing with the same far side.

pub mod kannel;
mod process;
pub mod waypost;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::board::Board;
use crate::load::Target;
use crate::places::{Place, free_port, wait_until};
use crate::sink;
use crate::smsc::{self, Script, Smsc};

pub use process::{Process, cpu_s};

/// `submit_sm` under way at once on the one SMPP session each server gets.
pub const WINDOW: u32 = 200;
/// Longest time a server may take to stand.
pub const START_LIMIT: Duration = Duration::from_secs(30);
const START_PAUSE: Duration = Duration::from_millis(2);

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// The server of this repository.
    Waypost,
    /// Kannel from the distribution.
    Kannel,
    /// A bare axum handler that keeps nothing.
    Ceiling,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waypost => "waypost",
            Self::Kannel => "kannel",
            Self::Ceiling => "ceiling",
        })
    }
}

/// What stands on the other sides of a server, and the board they mark.
#[derive(Debug)]
pub struct Far {
    /// What was seen of each message.
    pub board: Arc<Board>,
    /// The customer's end.
    pub sink: Place,
    /// The operator's end.
    pub smsc: Smsc,
}

impl Far {
    /// Opens both for messages `0..capacity`.
    ///
    /// # Errors
    /// When no port or thread is to be had.
    pub fn open(capacity: u32, script: Script) -> anyhow::Result<Self> {
        let board = Arc::new(Board::new(capacity));
        let sink = sink::start(board.clone())?;
        let smsc = smsc::start(board.clone(), script)?;
        Ok(Self { board, sink, smsc })
    }
}

/// A server that stands; its processes end when this is dropped.
#[derive(Debug)]
pub struct Running {
    processes: Vec<Process>,
    /// How to ask it.
    pub target: Target,
}

impl Running {
    /// The most memory its processes ever held together, in MiB.
    #[must_use]
    pub fn peak_mib(&self) -> f64 {
        self.processes.iter().map(Process::peak_mib).sum()
    }

    /// Processor time its processes used so far, in seconds.
    #[must_use]
    pub fn cpu_s(&self) -> f64 {
        self.processes.iter().map(Process::cpu_s).sum()
    }

    /// Ends its processes at once.
    pub fn kill(&mut self) {
        self.processes.iter_mut().for_each(Process::kill);
    }
}

/// Starts a server in an empty folder.
///
/// # Errors
/// When it is not there or does not stand in time; its log is in the folder.
pub fn start(kind: Kind, waypost: &Path, dir: &Path, far: &Far) -> anyhow::Result<Running> {
    match kind {
        Kind::Waypost => waypost::Installation::new(waypost, dir, far)?.start(far),
        Kind::Kannel => kannel::start(dir, far),
        Kind::Ceiling => ceiling(dir, far),
    }
    .with_context(|| format!("{kind} in {}", dir.display()))
}

fn ceiling(dir: &Path, far: &Far) -> anyhow::Result<Running> {
    let port = free_port()?;
    let this: PathBuf = std::env::current_exe()?;
    let process = Process::start(
        Command::new(this).arg("ceiling").arg("--port").arg(port.to_string()),
        &dir.join("ceiling.log"),
    )?;
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let target = Target::Messaging { addr, key: "bench".to_owned(), notify_url: sink::url(far.sink.addr()) };
    let running = Running { processes: vec![process], target };
    await_port(addr)?;
    Ok(running)
}

/// Waits until somebody listens.
pub(crate) fn await_port(addr: SocketAddr) -> anyhow::Result<()> {
    if wait_until(START_LIMIT, START_PAUSE, || TcpStream::connect(addr).is_ok()) {
        return Ok(());
    }
    bail!("nobody listens on {addr}")
}

/// Waits until the server is bound to the SMSC.
pub(crate) fn await_receiver(far: &Far) -> anyhow::Result<()> {
    if wait_until(START_LIMIT, START_PAUSE, || far.smsc.receivers() > 0) {
        return Ok(());
    }
    bail!("no SMPP bind came")
}
