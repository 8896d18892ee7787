//! The load generator: kept-alive connections, closed loop or at a fixed rate.

mod connection;
mod target;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::board::{Board, now_us};
use crate::histogram::Histogram;
use crate::places::runtime;

pub use target::Target;

/// What to send and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom to ask.
    pub target: Target,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Number of the first message.
    pub first: u32,
    /// How many messages; a multiple of the target's size.
    pub messages: u32,
    /// Requests a second, all connections together; closed loop without.
    pub rate_per_s: Option<f64>,
    /// Go on over broken connections, as a client does whose server is being killed.
    pub survives: bool,
    /// Ends the load early when set.
    pub stop: Arc<AtomicBool>,
}

impl Plan {
    /// A closed loop that ends at the first broken connection.
    #[must_use]
    pub fn closed(target: Target, connections: usize, first: u32, messages: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        Self { target, connections, first, messages, rate_per_s: None, survives: false, stop }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Messages accepted.
    pub accepted: u64,
    /// Messages in requests that were answered otherwise.
    pub refused: u64,
    /// The first such answer.
    pub first_refusal: Option<String>,
    /// Requests whose connection broke before the answer.
    pub broken: u64,
    /// From the intended start of a request to its answer, accepted ones only.
    pub latency: Histogram,
    /// First request's start to last answer, in seconds.
    pub seconds: f64,
    /// Message and transaction id of each accepted request.
    pub transactions: Vec<(u32, String)>,
}

impl Outcome {
    /// Accepted messages a second.
    #[must_use]
    pub fn accepted_per_s(&self) -> f64 {
        self.accepted as f64 / self.seconds.max(1e-9)
    }
}

/// What the connections of one run share.
struct Shared {
    plan: Plan,
    board: Arc<Board>,
    next: Cell<u32>,
    started_us: u64,
    outcome: RefCell<Outcome>,
}

/// Runs a plan to its end on this thread.
///
/// # Errors
/// When a connection cannot be made or breaks and the plan does not survive that.
pub fn run(plan: Plan, board: &Arc<Board>) -> anyhow::Result<Outcome> {
    let runtime = runtime()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, run_all(plan, board.clone()))
}

async fn run_all(plan: Plan, board: Arc<Board>) -> anyhow::Result<Outcome> {
    let connections = plan.connections;
    let shared = Rc::new(Shared {
        next: Cell::new(plan.first),
        plan,
        board,
        started_us: now_us(),
        outcome: RefCell::default(),
    });
    let tasks: Vec<_> =
        (0..connections).map(|_| tokio::task::spawn_local(connection::run(shared.clone()))).collect();
    for task in tasks {
        task.await.context("a connection's task ended badly")??;
    }
    let mut outcome = shared.outcome.take();
    outcome.seconds = now_us().saturating_sub(shared.started_us) as f64 / 1e6;
    Ok(outcome)
}
