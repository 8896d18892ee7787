//! Handing an item out and taking its end back.

use metrics::counter;
use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

use super::State;
use crate::item::{Finish, Item};
use crate::items::Dropped;
use crate::lane::LaneCause;
use crate::queue::{Place, Stored};

/// An item on its way out, with what its end needs.
#[derive(Debug)]
pub(crate) struct Picked<P> {
    pub(crate) item: Item<P>,
    pub(crate) queue: QueueKey,
    pub(crate) out: Out,
}

/// What the state must be told about an item that ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    pub(crate) queue: i64,
    pub(crate) id: i64,
    pub(crate) lane: i64,
    pub(crate) lease_until: Micros,
    pub(crate) probe: bool,
}

impl<P> State<P> {
    /// The next item by the fair choice.
    pub(crate) fn pick(&mut self, now: Micros) -> Option<Picked<P>> {
        if self.draining {
            return None;
        }
        while let Some(id) = self.active.pop() {
            if let Some(picked) = self.pick_from(id, now) {
                return Some(picked);
            }
        }
        None
    }

    fn pick_from(&mut self, id: i64, now: Micros) -> Option<Picked<P>> {
        let queue = self.queues.get_mut(&id)?;
        let (dest_id, sender_id) = (queue.key.dest, queue.key.sender);
        let place = std::mem::replace(&mut queue.place, Place::Idle);
        let dest = self.dests.get_mut(&dest_id)?;
        dest.granted -= 1;
        let dest_has_room = dest.room(&self.policy, now).is_ok();
        let mut sender = self.senders.get_mut(&sender_id);
        if let (Some(sender), Place::Active { by_sender: true }) = (&mut sender, place) {
            sender.granted = sender.granted.saturating_sub(1);
        }
        let sender_has_room = sender.is_none_or(|sender| sender.has_room(now));
        let picked = if dest_has_room && sender_has_room { self.take(id, now) } else { None };
        self.route(id, now);
        self.pump_dest(dest_id, now);
        self.pump_sender(sender_id, now);
        self.consider_claim(id);
        picked
    }

    /// Takes the queue's next item and all it costs.
    fn take(&mut self, id: i64, now: Micros) -> Option<Picked<P>> {
        let lease_min = now.add_ms(self.policy.lease_needed_ms());
        let queue = self.queues.get_mut(&id)?;
        let (item, dropped) = queue.items.pop(now, lease_min);
        let picked = item.map(|item| {
            queue.in_flight += 1;
            self.in_flight += 1;
            let (queue_id, item_id) = (id, item.id);
            let out = Out {
                queue: queue_id,
                id: item_id,
                lane: item.lane,
                lease_until: item.lease_until,
                probe: false,
            };
            Picked { item, queue: queue.key, out }
        });
        let picked = picked.map(|picked| self.charge(picked, now));
        self.dropped(id, dropped, now);
        picked
    }

    /// One token of each gate, a place among the items in flight, and the breaker's word whether it is a probe.
    fn charge(&mut self, mut picked: Picked<P>, now: Micros) -> Picked<P> {
        if let Some(sender) = self.senders.get_mut(&picked.queue.sender) {
            sender.bucket.take(now);
        }
        if let Some(dest) = self.dests.get_mut(&picked.queue.dest) {
            dest.in_flight += 1;
            if let Some(bucket) = &mut dest.bucket {
                bucket.take(now);
            }
            picked.out.probe = dest.breaker.start(now);
        }
        picked
    }

    /// Items left memory because of their leases.
    pub(super) fn dropped(&mut self, id: i64, dropped: Dropped, now: Micros) {
        let (Some(queue), Some(visible_at)) = (self.queues.get_mut(&id), dropped.visible_at) else { return };
        counter!("waypost_delivery_lease_drops_total", "work" => self.policy.name)
            .increment(dropped.items as u64);
        queue.note(visible_at, now);
        let dest = queue.key.dest;
        self.unhold(dest, dropped.items);
        self.arm_due(id);
        self.consider_claim(id);
    }

    /// An item's end.
    pub(crate) fn finish(&mut self, out: Out, finish: Finish, now: Micros) {
        self.in_flight -= 1;
        let Some(queue) = self.queues.get_mut(&out.queue) else { return };
        queue.in_flight -= 1;
        let dest = queue.key.dest;
        match finish {
            Finish::Done | Finish::Refused | Finish::GaveUp => {
                queue.items.advance(out.lane);
                // The next row of the lane can be claimed from here on; a claim that runs now may have missed it.
                if out.lane != 0 && queue.stored != Stored::No {
                    queue.note(now, now);
                }
            }
            Finish::RetryAt(at, _) => {
                queue.items.hold(out.lane, now, out.id, at, LaneCause::Retry);
                queue.note(at, now);
            }
            Finish::Lost => {
                queue.items.hold(out.lane, now, out.id, out.lease_until, LaneCause::Lost);
                queue.note(out.lease_until, now);
            }
        }
        if !matches!(finish, Finish::Done | Finish::Refused | Finish::GaveUp) {
            self.arm_due(out.queue);
        }
        self.unhold(dest, 1);
        self.settle_dest(dest, out.probe, finish, now);
        self.route(out.queue, now);
        self.pump_dest(dest, now);
        self.consider_claim(out.queue);
    }

    fn settle_dest(&mut self, id: i64, probe: bool, finish: Finish, now: Micros) {
        let Some(dest) = self.dests.get_mut(&id) else { return };
        dest.in_flight -= 1;
        let was_open = dest.breaker.outage().is_some();
        match finish.health() {
            Some(health) => dest.breaker.result(&self.policy.breaker, now, health, probe),
            None if probe => dest.breaker.probe_lost(),
            None => {}
        }
        if dest.breaker.outage().is_some() && !was_open {
            counter!("waypost_delivery_breaker_opened_total", "work" => self.policy.name).increment(1);
            tracing::warn!(work = self.policy.name, dest = id, outage = ?dest.breaker.outage(), "breaker opened");
        } else if was_open && dest.breaker.outage().is_none() {
            tracing::info!(work = self.policy.name, dest = id, "breaker closed");
        }
    }
}
