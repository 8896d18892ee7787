//! Placing a call: a free place, its turn, a port, the INVITE, and what the far side says first.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::timeout;

use super::super::config::is_user;
use super::super::flow::Plan;
use super::super::meters;
use super::super::outcomes::Outcomes;
use super::call::{self, Running};
use super::dial::{self, Dialled, Whom};
use super::{Line, Shared, locked};

/// How long an order waits for a free place or its turn before it is sent back.
const PATIENCE_MS: u64 = 1_000;
/// When an order that was sent back is worth another try.
const FULL_AGAIN_MS: u64 = 1_000;
/// The code of what has none of its own: others.
pub(super) const OTHERS: u16 = 7404;

/// Hears what becomes of a placed call, in order. Must not block.
pub trait Listener: Send + Sync {
    /// A step of the call, by its code, and words for the story.
    fn told(&self, code: u16, detail: &str);
    /// Digits that a step of the flow collected.
    fn collected(&self, step: &str, digits: &str);
    /// The third party of a flow could not be reached; why, for the story.
    fn unreached(&self, why: &str);
    /// Nothing more will be told.
    fn over(&self);
}

/// A call to place.
pub struct Order {
    /// The number, digits with or without `+`.
    pub number: String,
    /// Who calls; the trunk's caller when absent.
    pub caller: Option<String>,
    /// What is played.
    pub plan: Arc<Plan>,
    /// When the answer to [`super::Trunk::place`] must be there, in milliseconds from now.
    pub deadline_ms: u64,
    /// Hears the rest.
    pub listener: Arc<dyn Listener>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placing {
    /// The far side has it; the listener hears the rest.
    Placed {
        /// The call's name.
        call_id: String,
    },
    /// All places are taken, or too many calls begin: try again then. Nothing was sent.
    Full {
        /// Milliseconds from now.
        again_ms: u64,
    },
    /// The trunk could not: another one may. Nobody's phone rang.
    Failed {
        /// The code when there is no other.
        code: u16,
        /// Why.
        detail: String,
    },
    /// It cannot be placed as it is.
    Refused {
        /// The code.
        code: u16,
        /// Why.
        detail: String,
    },
}

/// What a call task says of the beginning.
#[derive(Debug)]
pub(super) enum First {
    Placed,
    Failed(u16, String),
}

pub(super) async fn place(shared: &Arc<Shared>, order: Order) -> Placing {
    let placing = begin(shared, order).await;
    let result = match &placing {
        Placing::Placed { .. } => "placed",
        Placing::Full { .. } => "full",
        Placing::Failed { .. } => "failed",
        Placing::Refused { .. } => "refused",
    };
    meters::offered(&shared.config.name, result);
    placing
}

async fn begin(shared: &Arc<Shared>, order: Order) -> Placing {
    let failed = |detail: &str| Placing::Failed { code: OTHERS, detail: detail.to_owned() };
    let Some(line) = line(shared).await else { return failed("the trunk is not connected") };
    if !line.is_up {
        return failed("the trunk's far side does not answer");
    }
    let Some(caller) = order.caller.clone().or_else(|| shared.config.caller.clone()) else {
        return Placing::Refused {
            code: 7101,
            detail: "nobody says who calls: no cli, no caller".to_owned(),
        };
    };
    if !is_user(&caller) || !is_user(&order.number) {
        return Placing::Refused { code: 7102, detail: "the number cannot be called".to_owned() };
    }
    let permit = match slot(shared).await {
        Ok(permit) => permit,
        Err(placing) => return placing,
    };
    let ring_ms = u64::from(shared.config.ring_s) * 1_000;
    let Dialled { call_id, socket, inbox, setup } =
        match dial::dial(shared, &line, &Whom { number: &order.number, caller: &caller, ring_ms }).await {
            Ok(dialled) => dialled,
            Err(why) => return failed(&why),
        };
    let (first, answer) = oneshot::channel();
    let Order { plan, listener, deadline_ms, .. } = order;
    let running = Running {
        shared: Arc::clone(shared),
        call_id: call_id.clone(),
        line,
        socket,
        inbox,
        plan,
        listener,
        caller,
        first: Some(first),
        deadline_ms,
        permit: Some(permit),
    };
    shared.spawn(call::run(running, setup));
    shared.note_running();
    match answer.await {
        Ok(First::Placed) => Placing::Placed { call_id },
        Ok(First::Failed(code, detail)) => Placing::Failed { code, detail },
        Err(_) => failed("the trunk was closed"),
    }
}

/// The open way; a trunk that has just been opened is waited for.
async fn line(shared: &Arc<Shared>) -> Option<Line> {
    let mut line = shared.line.subscribe();
    let open = timeout(Duration::from_millis(PATIENCE_MS), line.wait_for(Option::is_some)).await;
    open.ok()?.ok()?.clone()
}

/// A place among the calls, and its turn.
pub(super) async fn slot(shared: &Arc<Shared>) -> Result<OwnedSemaphorePermit, Placing> {
    let full = Placing::Full { again_ms: FULL_AGAIN_MS };
    let wanted = Arc::clone(&shared.slots).acquire_owned();
    let permit = match timeout(Duration::from_millis(PATIENCE_MS), wanted).await {
        Ok(Ok(permit)) => permit,
        Ok(Err(_)) => {
            return Err(Placing::Failed { code: OTHERS, detail: "the trunk is closing".to_owned() });
        }
        Err(_) => return Err(full),
    };
    let now = shared.now();
    let turn = locked(&shared.pace).take(now, PATIENCE_MS);
    match turn {
        Ok(at) => {
            tokio::time::sleep_until(shared.at(at)).await;
            Ok(permit)
        }
        Err(at) => Err(Placing::Full { again_ms: at - now }),
    }
}

/// The codes that only the called party can bring about: its network has accepted the call then.
pub(super) fn is_of_callee(codes: &[u16]) -> bool {
    codes.iter().any(|code| matches!(code, 7401..=7403))
}

/// What a final response means before the call counts as placed: `None` when it is the called party's word.
pub(super) fn trunk_fault(status: u16) -> Option<u16> {
    use super::super::outcomes::Retry;
    let row = Outcomes::built_in().of_status(status)?;
    (row.retry == Retry::Later).then(|| row.codes.last().copied().unwrap_or(OTHERS))
}
