//! Makes message ids.

use std::sync::atomic::{AtomicI64, Ordering};

use thiserror::Error;

use super::{COUNTER_BITS, EPOCH_MS, LOW_BITS, MS_MAX, MessageId};
use crate::time::Micros;

/// The largest node number.
pub const NODE_MAX: u8 = 63;

/// Ids a node can make in one millisecond.
const IDS_PER_MS: i64 = 1 << COUNTER_BITS;
/// The state keeps one more bit than the counter, because a full millisecond counts to 65,536.
const STATE_BITS: u32 = COUNTER_BITS + 1;

/// A node number above [`NODE_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("node {0} is not in 0..=63")]
pub struct InvalidNode(pub u8);

/// Makes ids for one node; shared by reference between threads, without a lock.
///
/// Ids never repeat and never go backward while the generator lives, whatever the clock does. After a restart
/// call [`IdGenerator::resume_after`] with the newest stored id, in case the clock was set back meanwhile.
#[derive(Debug)]
pub struct IdGenerator {
    node: i64,
    /// `millisecond << 17 | next free counter`.
    state: AtomicI64,
}

impl IdGenerator {
    /// A generator for node `node` (0..=63); every node that shares a store has its own number.
    ///
    /// # Errors
    /// [`InvalidNode`] above 63.
    pub const fn new(node: u8) -> Result<Self, InvalidNode> {
        if node > NODE_MAX {
            return Err(InvalidNode(node));
        }
        // Starting at millisecond 1 keeps the first id of node 0 above zero on a machine without a clock.
        Ok(Self { node: node as i64, state: AtomicI64::new(1 << STATE_BITS) })
    }

    /// The first of `n` consecutive ids (see [`MessageId::nth`]); `n` of 0 counts as 1.
    ///
    /// A range that would overflow the millisecond's counter starts in the next millisecond.
    pub fn next_range(&self, now: Micros, n: u16) -> MessageId {
        let now_ms = now.as_ms().saturating_sub(EPOCH_MS).clamp(0, MS_MAX);
        let n = i64::from(n.max(1));
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let (ms, counter) = place(state, now_ms, n);
            let next = ms << STATE_BITS | (counter + n);
            match self.state.compare_exchange_weak(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return MessageId(ms << LOW_BITS | self.node << COUNTER_BITS | counter),
                Err(seen) => state = seen,
            }
        }
    }

    /// Makes every later id greater than `last`.
    pub fn resume_after(&self, last: MessageId) {
        self.state.fetch_max((last.ms() + 1) << STATE_BITS, Ordering::Relaxed);
    }
}

/// Where a range of `n` goes: its millisecond and first counter.
const fn place(state: i64, now_ms: i64, n: i64) -> (i64, i64) {
    let last_ms = state >> STATE_BITS;
    let counter = state & ((1 << STATE_BITS) - 1);
    if now_ms > last_ms {
        (now_ms, 0)
    } else if counter + n > IDS_PER_MS {
        (last_ms + 1, 0)
    } else {
        (last_ms, counter)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const NOW: Micros = Micros::from_ms(EPOCH_MS + 86_400_000);

    #[test]
    fn a_node_above_63_is_refused() {
        assert_eq!(IdGenerator::new(64).unwrap_err(), InvalidNode(64));
        assert_eq!(IdGenerator::new(63).unwrap().next_range(NOW, 1).node(), 63);
    }

    #[test]
    fn a_range_that_would_overflow_starts_in_the_next_millisecond() {
        let ids = IdGenerator::new(5).unwrap();
        for _ in 0..65 {
            ids.next_range(NOW, 1_000);
        }
        let in_this = ids.next_range(NOW, 536);
        let in_next = ids.next_range(NOW, 1_000);
        assert_eq!((in_this.time(), in_this.low() & 0xffff), (NOW, 65_000));
        assert_eq!((in_next.time(), in_next.low() & 0xffff, in_next.node()), (NOW.add_ms(1), 0, 5));
    }

    #[test]
    fn ids_stay_positive_without_a_clock_and_after_a_restart_in_the_past() {
        let ids = IdGenerator::new(0).unwrap();
        assert!(ids.next_range(Micros::ZERO, 1) > MessageId(0));
        let last = MessageId::floor(NOW).nth(77);
        ids.resume_after(last);
        assert!(ids.next_range(Micros::ZERO, 1) > last);
    }

    #[test]
    fn threads_share_a_generator_without_repeating_an_id() {
        let ids = IdGenerator::new(1).unwrap();
        let made: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..5_000).map(|_| ids.next_range(NOW, 3).0).collect()))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let distinct: HashSet<i64> = made.iter().flatten().flat_map(|first| *first..*first + 3).collect();
        assert_eq!(distinct.len(), 4 * 5_000 * 3);
    }

    proptest! {
        #[test]
        fn ranges_never_overlap_and_never_go_back(
            node in 0_u8..=63,
            steps in prop::collection::vec((-5_i64..5, 1_u16..=1_000), 1..300),
        ) {
            let ids = IdGenerator::new(node).unwrap();
            let (mut now, mut past_end) = (NOW, MessageId(0));
            for (step_ms, n) in steps {
                now = now.add_ms(step_ms);
                let first = ids.next_range(now, n);
                prop_assert!(first >= past_end);
                prop_assert_eq!(first.node(), node);
                prop_assert_eq!(first.nth(n - 1).node(), node);
                prop_assert_eq!(first.nth(n - 1).time(), first.time());
                past_end = first.nth(n);
            }
        }
    }
}
