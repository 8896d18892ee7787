//! A lane's turn: its messages one after the other, each answered and written down before the next.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use waypost_delivery::{Finish, Ticket};
use waypost_store::{Sql, StoreError, work};

use super::exchange;
use super::runtime::Shared;
use crate::records::lane::Lane;
use crate::records::plan::Step;
use crate::records::settle::Held;
use crate::records::{inspect, settle};

/// Messages of one turn at most: then other lanes of the partner have theirs.
const MESSAGES_MAX: usize = 16;

/// Runs until the dispatcher drains: at most `concurrency` lanes at once, each in this one task.
pub async fn run(shared: Arc<Shared>) {
    let mut turns = FuturesUnordered::new();
    let mut open = true;
    while open || !turns.is_empty() {
        let room = open && turns.len() < shared.settings.concurrency;
        tokio::select! {
            biased;
            Some(done) = turns.next(), if !turns.is_empty() => {
                let done: Result<(), _> = done;
                if done.is_err() {
                    // Its ticket is gone with it: the lane goes on when its lease ends.
                    tracing::error!("a lane's turn panicked");
                }
            }
            ticket = shared.lanes.next(), if room => match ticket {
                Some(ticket) => turns.push(AssertUnwindSafe(turn(Arc::clone(&shared), ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

async fn turn(shared: Arc<Shared>, ticket: Ticket<Lane>) {
    let lane = ticket.item().payload.clone();
    let held = Held { work: ticket.item().id, fence: ticket.item().fence };
    let finish = match messages(&shared, &lane, held).await {
        Ok(Some(Step::Rest(at))) => {
            // The row waits in the store until then; the lane's place in memory is free.
            shared.lanes.backlog(&Lane::queue(lane.partner, lane.tenant), at);
            Finish::Done
        }
        Ok(Some(Step::Push(_) | Step::Audit(_) | Step::Idle)) => Finish::Done,
        Ok(None) => Finish::Lost,
        Err(error) => {
            tracing::warn!(%error, property = lane.property, "what a partner answered is not written down; it is asked again");
            Finish::Lost
        }
    };
    ticket.finish(finish);
    shared.turned();
}

/// The turn's messages; returns the step it ended with, `None` when the work was lost to somebody else.
async fn messages(shared: &Arc<Shared>, lane: &Lane, held: Held) -> Result<Option<Step>, StoreError> {
    let job = {
        let (shared, lane) = (Arc::clone(shared), lane.clone());
        move |tx: &mut dyn Sql| settle::begin(tx, &shared.env(), &lane, held)
    };
    let mut step = outcome(shared, job).await?;
    for _ in 0..MESSAGES_MAX {
        step = match step {
            Some(Step::Push(order)) => {
                let answered = exchange::push(shared, lane, &order).await;
                let (own, lane) = (Arc::clone(shared), lane.clone());
                outcome(shared, move |tx| settle::push(tx, &own.env(), &lane, held, &order, &answered))
                    .await?
            }
            Some(Step::Audit(question)) => {
                let answered = exchange::audit(shared, lane, &question).await;
                let (own, lane) = (Arc::clone(shared), lane.clone());
                outcome(shared, move |tx| inspect::audit(tx, &own.env(), &lane, held, &question, &answered))
                    .await?
            }
            other => return Ok(other),
        };
        if shared.is_stopping() {
            break;
        }
    }
    match step {
        Some(Step::Push(_) | Step::Audit(_)) => give_way(shared, held).await,
        other => Ok(other),
    }
}

/// The lane has had its turn: it goes to the end of the partner's queue.
async fn give_way(shared: &Arc<Shared>, held: Held) -> Result<Option<Step>, StoreError> {
    let now = shared.clock.now();
    let given = outcome(shared, move |tx| work::release(tx, held.work, held.fence, now)).await?;
    Ok(given.then_some(Step::Rest(now)))
}

/// What has happened outside is written down, also when new work fills the queue of writes.
async fn outcome<T: Send + 'static>(
    shared: &Shared,
    job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = oneshot::channel();
    shared.store.write_outcome(job, move |written| {
        // Whoever asked may have gone; it is written all the same.
        let _ = answer.send(written);
    });
    answered.await.unwrap_or(Err(StoreError::Closed))
}
