//! A token bucket in integers: exact over any span, no drift, no floating point.

use waypost_core::time::Micros;

/// One token, in the unit the level is kept in (one microsecond at one token a second).
const TOKEN: i128 = 1_000_000;
/// Timers wake to the millisecond or later; what accrues in this many microseconds beyond the burst is kept, or
/// the rate could never be reached.
const SLACK_US: i128 = 5_000;

/// Grants `rate_per_s` tokens a second and saves up to `burst`. Starts with the burst.
#[derive(Clone, Debug)]
pub struct Bucket {
    rate_per_s: u32,
    depth: i128,
    level: i128,
    at: Micros,
}

impl Bucket {
    /// A bucket that holds its burst. A rate or burst of 0 counts as 1.
    #[must_use]
    pub fn new(rate_per_s: u32, burst: u32, now: Micros) -> Self {
        let rate_per_s = rate_per_s.max(1);
        let level = i128::from(burst.max(1)) * TOKEN;
        Self { rate_per_s, depth: level + i128::from(rate_per_s) * SLACK_US, level, at: now }
    }

    /// Tokens granted each second.
    #[must_use]
    pub const fn rate_per_s(&self) -> u32 {
        self.rate_per_s
    }

    /// Changes rate and burst and keeps what was saved, as far as the new burst allows.
    pub fn reshape(&mut self, rate_per_s: u32, burst: u32, now: Micros) {
        self.fill(now);
        let fresh = Self::new(rate_per_s, burst, now);
        *self = Self { level: self.level.min(fresh.depth), ..fresh };
    }

    /// Whole tokens there at `now`.
    pub fn tokens(&mut self, now: Micros) -> usize {
        self.fill(now);
        usize::try_from(self.level / TOKEN).unwrap_or(0)
    }

    /// Takes one token; false, and nothing taken, when there is none.
    pub fn take(&mut self, now: Micros) -> bool {
        self.fill(now);
        if self.level < TOKEN {
            return false;
        }
        self.level -= TOKEN;
        true
    }

    /// The first moment with at least `tokens` tokens (at most the bucket's depth); `now` when they are there.
    #[must_use]
    pub fn ready_at(&self, tokens: usize, now: Micros) -> Micros {
        let wanted = (i128::try_from(tokens).unwrap_or(i128::MAX / TOKEN) * TOKEN).min(self.depth);
        let missing = wanted - self.level;
        if missing <= 0 {
            return now;
        }
        let rate = i128::from(self.rate_per_s);
        let wait_us = (missing + rate - 1) / rate;
        Micros(self.at.0.saturating_add(i64::try_from(wait_us).unwrap_or(i64::MAX))).max(now)
    }

    /// A clock that went backward grants nothing until it has caught up, and costs nothing.
    fn fill(&mut self, now: Micros) {
        if now <= self.at {
            // A wall clock set back by hours must not stop a destination for hours.
            if self.at.since_ms(now) > 1_000 {
                self.at = now;
            }
            return;
        }
        let elapsed_us = i128::from(now.0) - i128::from(self.at.0);
        self.level = (self.level + elapsed_us * i128::from(self.rate_per_s)).min(self.depth);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Micros = Micros(1_000_000_000);

    fn drain(bucket: &mut Bucket, now: Micros) -> usize {
        let mut taken = 0;
        while bucket.take(now) {
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_fresh_bucket_holds_its_burst_and_no_more_after_a_long_rest() {
        let mut bucket = Bucket::new(10, 30, START);
        assert_eq!(drain(&mut bucket, START), 30);
        assert_eq!(drain(&mut bucket, START.add_ms(3_600_000)), 30);
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_is_exact_over_minutes() {
        let mut bucket = Bucket::new(7, 1, START);
        assert_eq!(drain(&mut bucket, START), 1);
        let mut now = START;
        let mut taken = 0;
        while now < START.add_ms(180_000) {
            now = bucket.ready_at(1, now);
            assert!(bucket.take(now));
            assert!(!bucket.take(now));
            taken += 1;
        }
        // Rounding up to the microsecond for each token is not lost: the level keeps the rest.
        assert_eq!(taken, 7 * 180);
    }

    #[test]
    fn a_timer_that_is_five_milliseconds_late_each_time_still_reaches_the_rate() {
        for rate in [3u32, 150, 5_000] {
            let mut bucket = Bucket::new(rate, 1, START);
            let (mut now, mut taken) = (START, 0);
            while now < START.add_ms(60_000) {
                taken += drain(&mut bucket, now);
                now = Micros(bucket.ready_at(1, now).0.max(now.0 + 1) + 4_800);
            }
            let wanted = 60 * rate as usize;
            assert!(taken + 1 >= wanted - wanted / 1_000 && taken <= wanted + 26, "{rate}/s: {taken}");
        }
    }

    #[test]
    fn a_clock_set_back_does_not_stop_the_bucket() {
        let mut bucket = Bucket::new(1, 1, START);
        assert!(bucket.take(START));
        let back = START.sub_ms(3_600_000);
        assert!(!bucket.take(back));
        assert!(bucket.take(back.add_ms(1_000)));
    }

    #[test]
    fn a_new_shape_keeps_what_was_saved() {
        let mut bucket = Bucket::new(10, 10, START);
        assert_eq!(drain(&mut bucket, START), 10);
        bucket.reshape(100, 50, START);
        assert_eq!(bucket.tokens(START), 0);
        assert_eq!((bucket.rate_per_s(), bucket.tokens(START.add_ms(100))), (100, 10));
        bucket.reshape(1, 3, START.add_ms(100));
        assert_eq!(bucket.tokens(START.add_ms(100)), 3);
    }

    proptest! {
        #[test]
        fn no_span_ever_grants_more_than_burst_plus_rate(
            rate in 1u32..5_000, burst in 1u32..100, steps in prop::collection::vec(0i64..300_000, 1..200)
        ) {
            let mut bucket = Bucket::new(rate, burst, START);
            let depth = i128::from(burst) + (i128::from(rate) * SLACK_US + TOKEN - 1) / TOKEN;
            let (mut now, mut granted) = (START, 0usize);
            for step in steps {
                now = Micros(now.0 + step);
                granted += drain(&mut bucket, now);
                let bound = depth + i128::from(now.0 - START.0) * i128::from(rate) / TOKEN;
                prop_assert!((granted as i128) <= bound);
                prop_assert!(bucket.ready_at(1, now) > now);
            }
        }
    }
}
