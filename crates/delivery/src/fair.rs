//! The fair choice among queues that could send now.
//!
//! Three levels. Tenants share by weight; inside a tenant the priorities 3, 2, 1 share 8 : 4 : 1, so that a
//! low one is slowed and never starved; inside a priority the queues take turns. The shares are kept by
//! *passes* (stride scheduling): each turn moves the tenant's pass ahead by `STRIDE / weight`, and the lowest
//! pass goes next. A tenant that was away comes back at the pass of the moment: it neither pays for its rest nor
//! saves it up. All steps are O(log tenants).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

const STRIDE: u64 = 1 << 20;
const CLASSES: usize = 3;
const CLASS_WEIGHTS: [u64; CLASSES] = [8, 4, 1];
const SWEEP_MIN: usize = 256;

/// The largest weight of a tenant; the smallest is 1.
pub const WEIGHT_MAX: u32 = 1_000;

/// What a queue is to the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The queue's id; it must not be in the structure already.
    pub queue: i64,
    /// Whose queue it is.
    pub tenant: i64,
    /// 3, 2 or 1; anything above counts as 3, 0 as 1.
    pub priority: u8,
    /// The tenant's share against other tenants, `1..=WEIGHT_MAX`.
    pub weight: u32,
}

/// The waiting queues of one place.
#[derive(Debug, Default)]
pub struct Fair {
    tenants: HashMap<i64, Tenant>,
    order: BinaryHeap<Reverse<(u64, u64, i64)>>,
    now: u64,
    /// The highest pass there is.
    top: u64,
    turns: u64,
    queues: usize,
    sweep_at: usize,
}

#[derive(Debug, Default)]
struct Tenant {
    pass: u64,
    stride: u64,
    class_now: u64,
    class_pass: [u64; CLASSES],
    rings: [VecDeque<i64>; CLASSES],
    queues: usize,
}

impl Fair {
    /// True when no queue waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.queues == 0
    }

    /// Adds a queue behind those of its tenant and priority.
    pub fn push(&mut self, entry: Entry) {
        self.sweep();
        let tenant = self.tenants.entry(entry.tenant).or_default();
        tenant.stride = STRIDE / u64::from(entry.weight.clamp(1, WEIGHT_MAX));
        tenant.push(class_of(entry.priority), entry.queue);
        if tenant.queues == 1 {
            tenant.pass = tenant.pass.max(self.now);
            self.turns += 1;
            self.order.push(Reverse((tenant.pass, self.turns, entry.tenant)));
        }
        self.queues += 1;
    }

    /// Takes out the queue whose turn it is.
    pub fn pop(&mut self) -> Option<i64> {
        let Reverse((pass, _, id)) = self.order.pop()?;
        let tenant = self.tenants.get_mut(&id)?;
        let queue = tenant.pop()?;
        self.now = pass;
        self.queues -= 1;
        tenant.pass = pass + tenant.stride;
        self.top = self.top.max(tenant.pass);
        if self.queues == 0 {
            // Nobody competed for this turn: all start even next time.
            self.now = self.top;
        }
        if tenant.queues > 0 {
            self.turns += 1;
            self.order.push(Reverse((tenant.pass, self.turns, id)));
        }
        Some(queue)
    }

    /// Forgets tenants that are away and have nothing to pay; amortised over the pushes.
    fn sweep(&mut self) {
        if self.tenants.len() < self.sweep_at.max(SWEEP_MIN) {
            return;
        }
        let now = self.now;
        self.tenants.retain(|_, tenant| tenant.queues > 0 || tenant.pass > now);
        self.sweep_at = self.tenants.len() * 2;
    }
}

impl Tenant {
    fn push(&mut self, class: usize, queue: i64) {
        if self.rings[class].is_empty() {
            self.class_pass[class] = self.class_pass[class].max(self.class_now);
        }
        self.rings[class].push_back(queue);
        self.queues += 1;
    }

    fn pop(&mut self) -> Option<i64> {
        // On equal passes the first, that is the higher priority, wins.
        let class =
            (0..CLASSES).filter(|&c| !self.rings[c].is_empty()).min_by_key(|&c| self.class_pass[c])?;
        let queue = self.rings[class].pop_front()?;
        self.class_now = self.class_pass[class];
        self.class_pass[class] += STRIDE / CLASS_WEIGHTS[class];
        self.queues -= 1;
        Some(queue)
    }
}

const fn class_of(priority: u8) -> usize {
    match priority {
        0 | 1 => 2,
        2 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn entry(queue: i64, tenant: i64, priority: u8, weight: u32) -> Entry {
        Entry { queue, tenant, priority, weight }
    }

    /// Pops `turns` times; each queue has work for ever and goes back in at once.
    fn share(entries: &[Entry], turns: usize) -> BTreeMap<i64, usize> {
        let mut fair = Fair::default();
        entries.iter().for_each(|&e| fair.push(e));
        let mut counts = BTreeMap::new();
        for _ in 0..turns {
            let queue = fair.pop().expect("busy");
            *counts.entry(queue).or_default() += 1;
            fair.push(*entries.iter().find(|e| e.queue == queue).expect("known"));
        }
        counts
    }

    #[test]
    fn tenants_share_by_weight_however_many_queues_they_have() {
        let mut entries: Vec<Entry> = (0..50).map(|q| entry(q, 1, 2, 1)).collect();
        entries.push(entry(100, 2, 2, 1));
        entries.push(entry(200, 3, 2, 2));
        let counts = share(&entries, 4_000);
        let big: usize = (0..50).map(|q| counts[&q]).sum();
        assert_eq!((big, counts[&100], counts[&200]), (1_000, 1_000, 2_000));
        assert!((0..50).all(|q| counts[&q] == 20));
    }

    #[test]
    fn priorities_share_eight_to_four_to_one() {
        let counts = share(&[entry(3, 1, 3, 1), entry(2, 1, 2, 1), entry(1, 1, 1, 1)], 1_300);
        assert_eq!(counts, BTreeMap::from([(3, 800), (2, 400), (1, 100)]));
    }

    #[test]
    fn the_higher_priority_goes_first_among_newcomers() {
        let mut fair = Fair::default();
        [1u8, 2, 3].into_iter().for_each(|p| fair.push(entry(i64::from(p), 1, p, 1)));
        assert_eq!([fair.pop(), fair.pop(), fair.pop(), fair.pop()], [Some(3), Some(2), Some(1), None]);
        assert!(fair.is_empty());
    }

    #[test]
    fn a_tenant_that_rested_gets_no_saved_up_share() {
        let mut fair = Fair::default();
        for _ in 0..1_000 {
            fair.push(entry(1, 1, 2, 1));
            assert_eq!(fair.pop(), Some(1));
        }
        fair.push(entry(1, 1, 2, 1));
        fair.push(entry(2, 2, 2, 1));
        let mut turns = Vec::new();
        for _ in 0..8 {
            let queue = fair.pop().expect("busy");
            turns.push(queue);
            fair.push(entry(queue, queue, 2, 1));
        }
        assert_eq!(turns.iter().filter(|&&q| q == 2).count(), 4);
    }

    #[test]
    fn tenants_that_left_are_forgotten() {
        let mut fair = Fair::default();
        for tenant in 0..10_000 {
            fair.push(entry(tenant, tenant, 2, 1));
            assert_eq!(fair.pop(), Some(tenant));
        }
        assert!(fair.tenants.len() <= 2 * SWEEP_MIN);
        assert!(fair.is_empty());
    }
}
