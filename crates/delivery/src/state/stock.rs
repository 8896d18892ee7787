//! What comes into memory: admissions, offers, and the room there is for them.

use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

use super::State;
use crate::breaker::Gate;
use crate::item::Item;
use crate::queue::Stored;
use crate::timers::Timer;

/// A queue may hold this part of the memory it leaves free.
const SHARE: usize = 8;

impl<P> State<P> {
    /// Reserves up to `n` slots for items that are about to be committed as leased to us. None while older work
    /// of the queue lies in the store: it goes first.
    pub(crate) fn admit(&mut self, key: &QueueKey, n: usize, now: Micros) -> usize {
        if self.draining || n == 0 {
            return 0;
        }
        let id = self.queue_for(key, now);
        let room = self.room(id, now);
        let Some(queue) = self.queues.get_mut(&id) else { return 0 };
        let slots = if queue.must_store() { 0 } else { n.min(room) };
        // The rest goes to the store, and what comes after it goes behind it.
        queue.caught_up &= slots == n;
        self.reserve(id, slots);
        slots
    }

    pub(super) fn reserve(&mut self, id: i64, slots: usize) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.reserved += slots;
        let dest = queue.key.dest;
        self.hold(dest, slots);
    }

    /// Gives reserved slots back.
    pub(crate) fn release(&mut self, id: i64, slots: usize) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.reserved -= slots;
        let dest = queue.key.dest;
        self.unhold(dest, slots);
        self.consider_claim(id);
    }

    /// Turns reserved slots into items. `items` are no more than `slots`; the rest is given back.
    pub(crate) fn offer(&mut self, id: i64, slots: usize, items: Vec<Item<P>>, claimed: bool, now: Micros) {
        debug_assert!(items.len() <= slots);
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.reserved -= slots;
        let mut kept = 0;
        let mut first_end = Micros::MAX;
        for item in items {
            first_end = first_end.min(item.lease_until);
            queue.has_lanes |= item.lane != 0;
            if !claimed && item.lane == 0 && queue.stored == Stored::Visible {
                queue.items.push_newer(item);
                self.with_newer.insert(id);
                kept += 1;
            } else {
                kept += usize::from(queue.items.push(item, claimed));
            }
        }
        let dest = queue.key.dest;
        self.unhold(dest, slots - kept);
        if kept > 0 {
            let sweep_at = first_end.sub_ms(self.policy.lease_needed_ms());
            self.timers.set_sooner(Timer::Sweep(id), Micros(sweep_at.0.saturating_add(1)));
        }
        self.route(id, now);
        self.consider_claim(id);
    }

    /// Rows of the queue were committed that nobody has leased, or that are for later.
    pub(crate) fn backlog(&mut self, key: &QueueKey, ready_at: Micros, now: Micros) {
        let id = self.queue_for(key, now);
        self.stored_later(id, ready_at, now);
    }

    /// The same for a queue that is known.
    pub(crate) fn stored_later(&mut self, id: i64, at: Micros, now: Micros) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.note(at, now);
        }
        self.arm_due(id);
        self.consider_claim(id);
    }

    /// Slots the queue may still take. The bound shrinks with the free memory (a queue may hold an eighth of
    /// what it leaves free), so that many queues that stand still leave room for the next one.
    pub(super) fn room(&mut self, id: i64, now: Micros) -> usize {
        let policy = &self.policy;
        let Some(queue) = self.queues.get(&id) else { return 0 };
        let Some(dest) = self.dests.get(&queue.key.dest) else { return 0 };
        let held = queue.held();
        let free = policy.memory_items_max.saturating_sub(self.held);
        let share = free.saturating_sub(held.saturating_mul(SHARE)) / (SHARE + 1);
        // A queue that holds nothing gets one slot while there is any: whoever holds something comes back by itself.
        let share = share.max(usize::from(held == 0 && free > 0));
        let few = policy.open_items_max.saturating_sub(held);
        let mut room = policy.per_queue_items_max.saturating_sub(held).min(share);
        if dest.breaker.gate(now) != Gate::Open {
            room = room.min(few);
        }
        // More than goes out before the leases end would only be claimed in vain.
        if let Some(bucket) = &dest.bucket {
            room = room.min(policy.sendable(bucket.rate_per_s()).saturating_sub(dest.held).max(few));
        }
        if let Some(sender) = self.senders.get(&queue.key.sender) {
            room = room.min(policy.sendable(sender.bucket.rate_per_s()).saturating_sub(held).max(few));
        }
        room
    }
}
