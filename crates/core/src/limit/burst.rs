//! Transactions per second with burst mode (spec 1, "Transaction limits"): up to half as much again, at most 100
//! more, for 30 minutes a day and 8 hours a month.

use super::Bucket;
use crate::time::Micros;

/// Most transactions a second that burst mode adds.
pub const BURST_TPS_EXTRA_MAX: u32 = 100;
/// Seconds of burst a day (UTC): 30 minutes.
pub const BURST_DAY_SECS_MAX: u32 = 30 * 60;
/// Seconds of burst a calendar month (UTC): 8 hours.
pub const BURST_MONTH_SECS_MAX: u32 = 8 * 3_600;

const DAY_SECS: i64 = 86_400;

/// How a transaction was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Admission {
    /// Within the limit.
    Normal,
    /// Above it, in burst mode: the answer says `Queued in burst mode`.
    Burst,
    /// Above it: 7020.
    Refused,
}

/// Seconds in which burst was used. Kept over a restart by whoever owns the limiter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurstUse {
    /// Day since 1970-01-01 (UTC) that `day_secs` counts.
    pub day: i64,
    /// Seconds used on that day.
    pub day_secs: u32,
    /// Month since 1970-01 (UTC) that `month_secs` counts.
    pub month: i64,
    /// Seconds used in that month.
    pub month_secs: u32,
}

/// The limit of one tenant and API family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TpsLimiter {
    base: Bucket,
    /// `None` when burst mode is off.
    extra: Option<Bucket>,
    used: BurstUse,
    /// The second that was counted last.
    counted_sec: i64,
}

impl TpsLimiter {
    /// A limiter of `tps` transactions a second. `used` is what an earlier limiter left.
    #[must_use]
    pub fn new(tps: u32, burst_mode: bool, used: BurstUse) -> Self {
        let extra_tps = (tps / 2).min(BURST_TPS_EXTRA_MAX);
        let extra = burst_mode.then(|| Bucket::new(extra_tps, extra_tps));
        Self { base: Bucket::new(tps, tps), extra, used, counted_sec: i64::MIN }
    }

    /// Admits or refuses `n` transactions together.
    pub fn admit(&mut self, now: Micros, n: u32) -> Admission {
        if self.base.try_take(now, n) {
            return Admission::Normal;
        }
        if self.extra.is_none() || !self.open_second(now) {
            return Admission::Refused;
        }
        let taken = self.extra.as_mut().is_some_and(|extra| extra.try_take(now, n));
        if taken { self.count_second(now) } else { Admission::Refused }
    }

    /// What has been used, to be stored.
    #[must_use]
    pub const fn used(&self) -> BurstUse {
        self.used
    }

    /// Whether burst may be used in this second: it is counted already, or there is time left.
    fn open_second(&mut self, now: Micros) -> bool {
        let day = now.as_secs().div_euclid(DAY_SECS);
        // A clock that steps back over midnight must not give the day's burst again.
        if day > self.used.day {
            self.used.day = day;
            self.used.day_secs = 0;
        }
        let month = month_of(day);
        if month > self.used.month {
            self.used.month = month;
            self.used.month_secs = 0;
        }
        let left = self.used.day_secs < BURST_DAY_SECS_MAX && self.used.month_secs < BURST_MONTH_SECS_MAX;
        left || now.as_secs() == self.counted_sec
    }

    fn count_second(&mut self, now: Micros) -> Admission {
        if now.as_secs() != self.counted_sec {
            self.counted_sec = now.as_secs();
            self.used.day_secs += 1;
            self.used.month_secs += 1;
        }
        Admission::Burst
    }
}

/// Months since 1970-01 of a day since 1970-01-01.
fn month_of(day: i64) -> i64 {
    let at = jiff::Timestamp::from_second(day.saturating_mul(DAY_SECS)).unwrap_or_default();
    let date = jiff::tz::Offset::UTC.to_datetime(at).date();
    (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-31T23:00:00Z.
    const START: Micros = Micros::from_secs(1_769_900_400);

    fn count(limiter: &mut TpsLimiter, now: Micros, tries: u32) -> (u32, u32, u32) {
        let mut seen = (0, 0, 0);
        for _ in 0..tries {
            match limiter.admit(now, 1) {
                Admission::Normal => seen.0 += 1,
                Admission::Burst => seen.1 += 1,
                Admission::Refused => seen.2 += 1,
            }
        }
        seen
    }

    #[test]
    fn burst_adds_half_but_at_most_a_hundred() {
        let check = |tps, burst_mode, expected| {
            let mut limiter = TpsLimiter::new(tps, burst_mode, BurstUse::default());
            assert_eq!(count(&mut limiter, START, 1_000), expected, "{tps} {burst_mode}");
        };
        check(10, false, (10, 0, 990));
        check(10, true, (10, 5, 985));
        check(500, true, (500, 100, 400));
        check(1, true, (1, 0, 999));
    }

    #[test]
    fn a_second_of_burst_is_counted_once() {
        let mut limiter = TpsLimiter::new(10, true, BurstUse::default());
        count(&mut limiter, START, 20);
        assert_eq!((limiter.used().day_secs, limiter.used().month_secs), (1, 1));
        count(&mut limiter, START.add_ms(1_000), 20);
        assert_eq!((limiter.used().day_secs, limiter.used().month_secs), (2, 2));
    }

    #[test]
    fn a_day_has_thirty_minutes_of_burst() {
        let mut limiter = TpsLimiter::new(2, true, BurstUse::default());
        let burst_secs: u32 = (0..2_000).map(|sec| count(&mut limiter, START.add_ms(sec * 1_000), 4).1).sum();
        assert_eq!(burst_secs, BURST_DAY_SECS_MAX);
        assert_eq!(count(&mut limiter, START.add_ms(3_000_000), 4).1, 0);
        let next_day = START.add_ms(3_600_000);
        assert_eq!(count(&mut limiter, next_day, 4).1, 1);
        assert_eq!((limiter.used().day_secs, limiter.used().month_secs), (1, 1), "the month ended too");
    }

    #[test]
    fn a_month_has_eight_hours_of_burst_over_a_restart() {
        let day = START.as_secs() / DAY_SECS;
        let used = BurstUse { day, day_secs: 5, month: month_of(day), month_secs: BURST_MONTH_SECS_MAX - 1 };
        let mut limiter = TpsLimiter::new(2, true, used);
        assert_eq!(count(&mut limiter, START, 4).1, 1);
        assert_eq!(count(&mut limiter, START.add_ms(1_000), 4).1, 0);
        assert_eq!(limiter.used(), BurstUse { day_secs: 6, month_secs: BURST_MONTH_SECS_MAX, ..used });
    }

    #[test]
    fn months_are_counted_from_1970() {
        assert_eq!((month_of(0), month_of(30), month_of(31), month_of(365)), (0, 0, 1, 12));
    }
}
