//! Filling memory up from the store: one claim of a queue at a time, a bounded number in all.

use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

use super::State;
use crate::item::Item;
use crate::queue::{Queue, Stored};

/// A claim to be run outside the lock.
#[derive(Clone, Debug)]
pub(crate) struct ClaimJob {
    pub(crate) id: i64,
    pub(crate) queue: QueueKey,
    pub(crate) n: usize,
    pub(crate) now: Micros,
    pub(crate) lease_until: Micros,
    seq: u64,
    later: Option<Micros>,
}

impl<P> State<P> {
    /// Puts the queue on the list of those that want a claim, when it does.
    pub(super) fn consider_claim(&mut self, id: i64) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let low = self.policy.low_water.min(self.policy.per_queue_items_max.div_ceil(2));
        let wants = queue.stored == Stored::Visible
            && !queue.claiming
            && !queue.wants_claim
            && queue.paused_until.is_none()
            && queue.items.ahead() + queue.reserved < low;
        if wants {
            queue.wants_claim = true;
            self.want_claims.push_back(id);
        }
    }

    pub(super) fn could_claim(&self) -> bool {
        !self.want_claims.is_empty()
            && self.claims < self.policy.claims_max
            && self.held < self.policy.memory_items_max
    }

    /// True when memory is full, and some of it waits for claims that have no room.
    pub(super) fn must_join(&self) -> bool {
        self.held >= self.policy.memory_items_max && !self.with_newer.is_empty()
    }

    /// Items that waited for older rows may go out: these are here, or there is no room to claim them.
    fn join_newer(&mut self, id: i64, now: Micros) {
        self.with_newer.remove(&id);
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.items.join_newer();
        }
        self.route(id, now);
    }

    /// The next claim to run; its slots are reserved. A queue without room leaves the list: it holds items, and
    /// comes back when one of them ends.
    pub(crate) fn next_claim(&mut self, now: Micros) -> Option<ClaimJob> {
        if self.must_join() {
            let ids: Vec<i64> = self.with_newer.iter().copied().collect();
            ids.into_iter().for_each(|id| self.join_newer(id, now));
        }
        while !self.draining && self.could_claim() {
            let id = self.want_claims.pop_front()?;
            let n = self.room(id, now).min(self.policy.claim_batch_max);
            let Some(queue) = self.queues.get_mut(&id) else { continue };
            queue.wants_claim = false;
            if n == 0 {
                self.join_newer(id, now);
                continue;
            }
            if queue.stored != Stored::Visible || queue.claiming {
                continue;
            }
            queue.claiming = true;
            let job = ClaimJob {
                id,
                queue: queue.key,
                n,
                now,
                lease_until: now.add_ms(self.policy.lease_ms),
                seq: queue.stored_seq,
                later: queue.later.take(),
            };
            self.claims += 1;
            self.reserve(id, n);
            return Some(job);
        }
        None
    }

    /// The claim's items. True when it gave fewer than asked for: then [`State::claim_ended`] needs the store's
    /// next moment; otherwise the claim is over.
    pub(crate) fn claimed(&mut self, job: &ClaimJob, mut items: Vec<Item<P>>, now: Micros) -> bool {
        let is_short = items.len() < job.n;
        items.truncate(job.n);
        self.offer(job.id, job.n, items, true, now);
        if !is_short {
            self.claim_over(job.id, |queue| {
                queue.caught_up = false;
                if let Some(later) = job.later {
                    queue.note(later, now);
                }
            });
        }
        is_short
    }

    /// After a short claim: when the next row is visible, as the store says.
    pub(crate) fn claim_ended(&mut self, job: &ClaimJob, next_ready: Option<Micros>, now: Micros) {
        let pause_until = now.add_ms(self.policy.claim_pause_ms);
        self.claim_over(job.id, |queue| {
            queue.items.settle(job.now, next_ready.is_none());
            queue.caught_up = true;
            if queue.stored_seq != job.seq {
                return;
            }
            queue.stored = Stored::No;
            match next_ready {
                Some(at) if at > now => queue.note(at, now),
                Some(_) => {
                    queue.stored = Stored::Behind;
                    queue.paused_until = Some(pause_until);
                }
                None => {}
            }
        });
        self.join_newer(job.id, now);
    }

    /// The claim failed: the queue rests; slots that got no items are given back.
    pub(crate) fn claim_failed(&mut self, job: &ClaimJob, error: &str, gave_items: bool, now: Micros) {
        tracing::warn!(work = self.policy.name, queue = job.id, %error, "claim failed");
        let pause_until = now.add_ms(self.policy.claim_pause_ms);
        if !gave_items {
            self.release(job.id, job.n);
        }
        self.claim_over(job.id, |queue| {
            if let Some(later) = job.later {
                queue.note(later, now);
            }
            queue.paused_until = Some(pause_until);
        });
        self.join_newer(job.id, now);
    }

    fn claim_over(&mut self, id: i64, change: impl FnOnce(&mut Queue<P>)) {
        self.claims -= 1;
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.claiming = false;
            change(queue);
        }
        self.arm_due(id);
        self.consider_claim(id);
    }
}
