//! What operators see.

use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

use super::State;
use crate::breaker::OpenCause;
use crate::lane::LaneCause;
use crate::place::Shut;
use crate::queue::{Place, Queue, Stored};

/// Lanes shown for each queue.
const LANES_SHOWN_MAX: usize = 100;

/// One queue with anything in it, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Which queue.
    pub queue: QueueKey,
    /// Items in memory that are not in flight.
    pub waiting: usize,
    /// Items handed out.
    pub in_flight: usize,
    /// True when the store has rows that could be claimed now.
    pub backlog: bool,
    /// When the next stored row becomes visible, as far as known.
    pub next_stored_at: Option<Micros>,
    /// What the whole queue waits for.
    pub blocked: Option<Blockage>,
    /// Lanes that stand still, at most 100.
    pub lanes: Vec<BlockedLane>,
}

/// Why, since when and until when nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blockage {
    /// Since when.
    pub since: Micros,
    /// By what.
    pub by: BlockedBy,
    /// The next try, when time alone decides.
    pub next_try_at: Option<Micros>,
}

/// What a queue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockedBy {
    /// The destination's breaker is open, for this cause.
    Breaker(OpenCause),
    /// The destination's rate limit.
    DestRate,
    /// As many items are in flight to the destination as may be.
    DestInFlight,
    /// The sender's rate limit.
    SenderRate,
}

/// One lane that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockedLane {
    /// The lane.
    pub lane: i64,
    /// Since when nothing of it got through.
    pub since: Micros,
    /// The work item it waits for.
    pub by: i64,
    /// When that may be tried again.
    pub next_try_at: Micros,
    /// Why.
    pub because: LaneCause,
}

impl<P> State<P> {
    /// All queues with anything in them, ordered by tenant, destination, sender and priority.
    pub(crate) fn snapshot(&mut self, now: Micros) -> Vec<QueueView> {
        let mut ids: Vec<i64> =
            self.queues.iter().filter(|(_, queue)| !queue.is_idle()).map(|(&id, _)| id).collect();
        ids.sort_unstable();
        let mut views: Vec<QueueView> = ids.into_iter().filter_map(|id| self.view(id, now)).collect();
        views
            .sort_by_key(|view| (view.queue.tenant, view.queue.dest, view.queue.sender, view.queue.priority));
        views
    }

    fn view(&mut self, id: i64, now: Micros) -> Option<QueueView> {
        let blocked = self.blockage(id, now);
        let queue = self.queues.get(&id)?;
        Some(QueueView {
            queue: queue.key,
            waiting: queue.items.waiting(),
            in_flight: queue.in_flight,
            backlog: queue.stored != Stored::No,
            next_stored_at: queue.later,
            blocked,
            lanes: blocked_lanes(queue),
        })
    }

    fn blockage(&mut self, id: i64, now: Micros) -> Option<Blockage> {
        let queue = self.queues.get(&id)?;
        let dest = self.dests.get_mut(&queue.key.dest)?;
        if queue.place == Place::Sender {
            let sender = self.senders.get(&queue.key.sender)?;
            let by = BlockedBy::SenderRate;
            return Some(Blockage { since: sender.shut_since?, by, next_try_at: sender.wake_at(now) });
        }
        if let Some(outage) = dest.breaker.outage() {
            let by = BlockedBy::Breaker(outage.cause);
            return Some(Blockage { since: outage.since, by, next_try_at: Some(outage.probe_at) });
        }
        let shut = dest.room(&self.policy, now).err().filter(|_| queue.place == Place::Dest)?;
        let by = match shut {
            Shut::Rate => BlockedBy::DestRate,
            Shut::InFlight | Shut::Breaker => BlockedBy::DestInFlight,
        };
        Some(Blockage { since: dest.shut_since?, by, next_try_at: dest.wake_at(now) })
    }
}

fn blocked_lanes<P>(queue: &Queue<P>) -> Vec<BlockedLane> {
    let lanes = queue.items.blocked_lanes(LANES_SHOWN_MAX).into_iter();
    let view = |(lane, block): (i64, crate::lane::LaneBlock)| BlockedLane {
        lane,
        since: block.since,
        by: block.head,
        next_try_at: block.next_at,
        because: block.cause,
    };
    lanes.map(view).collect()
}
