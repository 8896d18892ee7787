//! All a dispatcher knows, changed under one lock. No I/O and no waiting: every step is told the time and leaves what
//! is to be claimed, woken or armed for its caller.

mod claims;
mod limits;
mod pick;
mod route;
mod stock;
mod view;

use std::collections::{HashMap, HashSet, VecDeque};

use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

pub(crate) use claims::ClaimJob;
pub(crate) use pick::{Out, Picked};
pub use view::{Blockage, BlockedBy, BlockedLane, QueueView};

use crate::fair::{Entry, Fair};
use crate::place::{Dest, Sender};
use crate::policy::Policy;
use crate::queue::{Queue, Stored};
use crate::timers::{Timer, Timers};

/// Timers handled in one step, so that a step under the lock stays short.
const TIMERS_PER_STEP_MAX: usize = 1_024;
const SWEEP_QUEUES_MIN: usize = 1_024;
/// A queue is looked through for ended leases no more often than this.
const LEASE_SWEEP_GAP_MS: i64 = 1_000;

#[derive(Debug)]
pub(crate) struct State<P> {
    policy: Policy,
    queues: HashMap<i64, Queue<P>>,
    dests: HashMap<i64, Dest>,
    senders: HashMap<i64, Sender>,
    weights: HashMap<i64, u32>,
    active: Fair,
    timers: Timers,
    want_claims: VecDeque<i64>,
    /// Queues with items that wait for older rows to be claimed.
    with_newer: HashSet<i64>,
    claims: usize,
    held: usize,
    in_flight: usize,
    draining: bool,
    forget_at: usize,
}

impl<P> State<P> {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            policy,
            queues: HashMap::new(),
            dests: HashMap::new(),
            senders: HashMap::new(),
            weights: HashMap::new(),
            active: Fair::default(),
            timers: Timers::default(),
            want_claims: VecDeque::new(),
            with_newer: HashSet::new(),
            claims: 0,
            held: 0,
            in_flight: 0,
            draining: false,
            forget_at: SWEEP_QUEUES_MIN,
        }
    }

    /// Items handed out and not finished.
    pub(crate) const fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Memory slots taken: waiting, in flight and reserved.
    pub(crate) const fn held(&self) -> usize {
        self.held
    }

    pub(crate) const fn is_draining(&self) -> bool {
        self.draining
    }

    /// Row and fence of every item that is leased and not in flight.
    pub(crate) fn leased(&self) -> Vec<(i64, i64)> {
        let items = self.queues.values().flat_map(|queue| queue.items.each_waiting());
        items.map(|item| (item.id, item.fence)).collect()
    }

    pub(crate) const fn drain(&mut self) {
        self.draining = true;
    }

    /// True when a worker could do something at once: take an item or start a claim.
    pub(crate) fn has_work(&self) -> bool {
        !self.draining && (!self.active.is_empty() || self.could_claim() || self.must_join())
    }

    /// When time alone may bring work.
    pub(crate) fn wake_at(&self) -> Option<Micros> {
        self.timers.first()
    }

    /// Does what has become due.
    pub(crate) fn tick(&mut self, now: Micros) {
        for _ in 0..TIMERS_PER_STEP_MAX {
            match self.timers.pop_due(now) {
                Some(Timer::Dest(dest)) => self.pump_dest(dest, now),
                Some(Timer::Sender(sender)) => self.pump_sender(sender, now),
                Some(Timer::Due(queue)) => self.due(queue, now),
                Some(Timer::Sweep(queue)) => self.sweep_leases(queue, now),
                None => return,
            }
        }
    }

    fn due(&mut self, id: i64, now: Micros) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        if queue.paused_until.is_some_and(|at| at <= now) {
            queue.paused_until = None;
            if queue.stored == Stored::Behind {
                queue.stored = Stored::Visible;
            }
        }
        if queue.later.is_some_and(|at| at <= now) {
            queue.later = None;
            queue.note(now, now);
        }
        self.arm_due(id);
        self.consider_claim(id);
    }

    /// Rounds up, so that retries that are due about the same time are claimed together.
    fn arm_due(&mut self, id: i64) {
        let grain_us = self.policy.retry_grain_ms * 1_000;
        let at = self.queues.get(&id).and_then(Queue::due_at);
        let at = at.map(|at| Micros(at.0.div_euclid(grain_us).saturating_add(1).saturating_mul(grain_us)));
        self.timers.set(Timer::Due(id), at);
    }

    fn sweep_leases(&mut self, id: i64, now: Micros) {
        let lease_min = now.add_ms(self.policy.lease_needed_ms());
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let dropped = queue.items.sweep(now, lease_min);
        let next = queue.items.first_lease_end().map(|end| end.sub_ms(self.policy.lease_needed_ms()));
        if let Some(next) = next {
            self.timers.set_sooner(Timer::Sweep(id), Micros(next.0 + 1).max(now.add_ms(LEASE_SWEEP_GAP_MS)));
        }
        self.dropped(id, dropped, now);
    }

    /// The queue, made when it is not known.
    fn queue_for(&mut self, key: &QueueKey, now: Micros) -> i64 {
        let id = key.id();
        if !self.queues.contains_key(&id) {
            self.forget_idle();
            self.queues.insert(id, Queue::new(*key));
        }
        self.dests.entry(key.dest).or_insert_with(|| Dest::new(now));
        id
    }

    /// Forgets queues and destinations that are idle; amortised over the new ones.
    fn forget_idle(&mut self) {
        if self.queues.len() < self.forget_at {
            return;
        }
        let timers = &mut self.timers;
        self.queues.retain(|&id, queue| {
            let keep = !queue.is_idle();
            if !keep {
                timers.set(Timer::Sweep(id), None);
            }
            keep
        });
        self.dests.retain(|_, dest| !dest.is_idle());
        for queue in self.queues.values() {
            self.dests.entry(queue.key.dest).or_insert_with(|| Dest::new(Micros::ZERO));
        }
        self.forget_at = (self.queues.len() * 2).max(SWEEP_QUEUES_MIN);
    }

    /// Moves the counts of memory slots together: in all, and of the queue's destination.
    fn hold(&mut self, dest: i64, slots: usize) {
        self.held += slots;
        if let Some(dest) = self.dests.get_mut(&dest) {
            dest.held += slots;
        }
    }

    fn unhold(&mut self, dest: i64, slots: usize) {
        self.held -= slots;
        if let Some(dest) = self.dests.get_mut(&dest) {
            dest.held -= slots;
        }
    }

    fn entry_of(&self, id: i64) -> Option<Entry> {
        let key = &self.queues.get(&id)?.key;
        let weight = self.weights.get(&key.tenant).copied().unwrap_or(1);
        Some(Entry { queue: id, tenant: key.tenant, priority: key.priority, weight })
    }
}
