//! The servers under test, each started from nothing with the same far side.

pub mod content;
pub mod kannel;
mod process;
pub mod waypost;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::board::Board;
use crate::load::{self, Outcome, Plan, Target};
use crate::places::{Place, free_port, wait_until};
use crate::sink;
use crate::smsc::{self, Script, Smsc};

pub use process::{Process, cpu_s};

/// `submit_sm` under way at once on the one SMPP session each server gets.
pub const WINDOW: u32 = 200;
/// Messages sent before anything is measured, so that no server pays for its first steps; theirs are `0..FIRST`.
pub const FIRST: u32 = 200;
const WARM_UP_CONNECTIONS: usize = 4;
/// Without a new call-back for this long the warm-up is over.
const WARM_UP_QUIET: Duration = Duration::from_secs(2);
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
    /// Opens both for a warm-up and messages `FIRST..FIRST + messages`.
    ///
    /// # Errors
    /// When no port or thread is to be had.
    pub fn open(messages: u32, script: Script) -> anyhow::Result<Self> {
        let board = Arc::new(Board::new(FIRST + messages));
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

    /// Sends a plan's messages.
    ///
    /// # Errors
    /// When the connection breaks or a message is refused: a rate over refusals would be a lie.
    pub fn send(&self, plan: Plan, board: &Arc<Board>) -> anyhow::Result<Outcome> {
        let states = || self.processes.iter().map(Process::state).collect::<String>();
        let outcome =
            load::run(plan, board).with_context(|| format!("its processes' states: {}", states()))?;
        if let Some(first) = outcome.first_refusal {
            bail!("{} messages were refused; the first answer: {first}", outcome.refused);
        }
        Ok(outcome)
    }

    /// Ends its processes at once.
    pub fn kill(&mut self) {
        self.processes.iter_mut().for_each(Process::kill);
    }
}

/// Starts a server in an empty folder and warms it up.
///
/// # Errors
/// When it is not there, does not stand in time or refuses the warm-up.
pub fn start(kind: Kind, waypost: &Path, dir: &Path, far: &Far) -> anyhow::Result<Running> {
    let running = match kind {
        Kind::Waypost => waypost::Installation::new(waypost, dir, far)?.start(far),
        Kind::Kannel => kannel::start(dir, far),
        Kind::Ceiling => ceiling(dir, far),
    }
    .with_context(|| format!("start of {kind}"))?;
    let outcome = running
        .send(Plan::closed(running.target.clone(), WARM_UP_CONNECTIONS, 0, FIRST), &far.board)
        .context("warm-up")?;
    if kind != Kind::Ceiling {
        settle(&far.board, WARM_UP_QUIET, || far.board.finished_count() >= outcome.accepted);
    }
    Ok(running)
}

/// How long repetitions are waited for after the last expected call-back.
const REPEATS: Duration = Duration::from_millis(500);
/// Longest wait for the last call-back.
const SETTLE_LIMIT: Duration = Duration::from_secs(1_800);

/// Waits until `done`, or no new call-back came for the `quiet` time; then a little longer, for repetitions.
pub fn settle(board: &Board, quiet: Duration, mut done: impl FnMut() -> bool) {
    let (mut moved, mut seen) = (Instant::now(), 0);
    wait_until(SETTLE_LIMIT, Duration::from_millis(5), || {
        let now = board.finished_count();
        if now != seen {
            (seen, moved) = (now, Instant::now());
        }
        done() || moved.elapsed() >= quiet
    });
    std::thread::sleep(REPEATS);
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
