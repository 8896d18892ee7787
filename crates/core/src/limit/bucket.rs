//! A token bucket.

use crate::time::Micros;

/// One token in millionths: `rate` tokens a second are then exactly `rate` millionths a microsecond.
const TOKEN: u64 = 1_000_000;

/// A token bucket: `burst` tokens at most, refilled at `rate` a second, full at the start. No rounding error builds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    rate_per_s: u32,
    burst: u32,
    /// Millionths of a token.
    level: u64,
    /// When `level` was right.
    at: Micros,
}

impl Bucket {
    /// A full bucket. A rate of 0 never refills.
    #[must_use]
    pub const fn new(rate_per_s: u32, burst: u32) -> Self {
        Self { rate_per_s, burst, level: burst as u64 * TOKEN, at: Micros(i64::MIN) }
    }

    /// Takes `n` tokens if there are as many. A clock that goes backward neither gives nor takes tokens.
    pub fn try_take(&mut self, now: Micros, n: u32) -> bool {
        self.refill(now);
        let need = u64::from(n) * TOKEN;
        let enough = self.level >= need;
        if enough {
            self.level -= need;
        }
        enough
    }

    /// The earliest moment at which `n` tokens can be there; `None` for never (more than the burst, or rate 0).
    #[must_use]
    pub fn next_at(&self, now: Micros, n: u32) -> Option<Micros> {
        let mut then = self.clone();
        then.refill(now);
        let missing = (u64::from(n) * TOKEN).saturating_sub(then.level);
        if missing == 0 {
            return Some(now);
        }
        if n > self.burst || self.rate_per_s == 0 {
            return None;
        }
        let wait_us = missing.div_ceil(u64::from(self.rate_per_s));
        // Counted from `at`: after a step back of the clock the refill starts there.
        Some(Micros(then.at.0.saturating_add(i64::try_from(wait_us).unwrap_or(i64::MAX))))
    }

    /// Gives back `n` tokens that were taken and not used.
    pub fn give_back(&mut self, n: u32) {
        self.level = (self.level + u64::from(n) * TOKEN).min(u64::from(self.burst) * TOKEN);
    }

    fn refill(&mut self, now: Micros) {
        if now <= self.at {
            return;
        }
        let elapsed_us = now.0.abs_diff(self.at.0);
        let gained = elapsed_us.saturating_mul(u64::from(self.rate_per_s));
        self.level = self.level.saturating_add(gained).min(u64::from(self.burst) * TOKEN);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Micros = Micros::from_secs(1_700_000_000);

    #[test]
    fn the_burst_is_there_at_once_and_then_the_rate() {
        let mut bucket = Bucket::new(10, 5);
        assert!(bucket.try_take(START, 5));
        assert!(!bucket.try_take(START, 1));
        assert_eq!(bucket.next_at(START, 1), Some(START.add_ms(100)));
        assert!(!bucket.try_take(START.add_ms(99), 1));
        assert!(bucket.try_take(START.add_ms(100), 1));
        assert_eq!(bucket.next_at(START.add_ms(100), 5), Some(START.add_ms(600)));
    }

    #[test]
    fn what_can_never_be_there_has_no_moment() {
        assert_eq!(Bucket::new(10, 5).next_at(START, 6), None);
        let mut dry = Bucket::new(0, 1);
        assert!(dry.try_take(START, 1));
        assert_eq!(dry.next_at(START, 1), None);
        assert_eq!(dry.next_at(START, 0), Some(START));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_twice() {
        let mut bucket = Bucket::new(10, 5);
        assert!(bucket.try_take(START, 5));
        assert!(!bucket.try_take(START.sub_ms(10_000), 1));
        assert!(!bucket.try_take(START, 1));
        assert_eq!(bucket.next_at(START.sub_ms(10_000), 1), Some(START.add_ms(100)));
    }

    #[test]
    fn tokens_given_back_do_not_exceed_the_burst() {
        let mut bucket = Bucket::new(1, 5);
        assert!(bucket.try_take(START, 3));
        bucket.give_back(100);
        assert!(bucket.try_take(START, 5));
        assert!(!bucket.try_take(START, 1));
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_and_nothing_lost_to_rounding(
            rate in 1_u32..5_000, burst in 1_u32..100, steps in prop::collection::vec(0_i64..50_000, 1..200)
        ) {
            let (mut bucket, mut now, mut taken) = (Bucket::new(rate, burst), START, 0_u64);
            for step_us in steps {
                now = Micros(now.0 + step_us);
                while bucket.try_take(now, 1) {
                    taken += 1;
                }
            }
            let elapsed_us = now.0.abs_diff(START.0);
            prop_assert!(taken <= u64::from(burst) + elapsed_us * u64::from(rate) / 1_000_000);
            let next = bucket.next_at(now, 1).unwrap();
            prop_assert!(next > now);
            prop_assert!(!bucket.clone().try_take(Micros(next.0 - 1), 1));
            prop_assert!(bucket.try_take(next, 1));
        }
    }
}
