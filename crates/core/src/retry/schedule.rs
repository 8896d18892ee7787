//! A retry schedule.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most retries a schedule can have.
pub const DELAYS_MAX: usize = 64;
/// Longest delay: 30 days.
pub const DELAY_MS_MAX: u64 = 30 * 24 * 3_600_000;

/// How long to wait before each retry. One delay per retry; when they are used up the work is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawSchedule")]
pub struct Schedule {
    delays_ms: Vec<u64>,
    jitter_percent: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedule {
    delays_ms: Vec<u64>,
    #[serde(default)]
    jitter_percent: u8,
}

/// Why a schedule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// More than [`DELAYS_MAX`] delays.
    #[error("a schedule has at most 64 delays, not {0}")]
    TooManyDelays(usize),
    /// A delay over [`DELAY_MS_MAX`].
    #[error("a delay is at most 30 days, not {0} ms")]
    DelayTooLong(u64),
    /// A jitter over 100.
    #[error("the jitter is at most 100 percent, not {0}")]
    JitterTooLarge(u8),
}

impl TryFrom<RawSchedule> for Schedule {
    type Error = ScheduleError;

    fn try_from(raw: RawSchedule) -> Result<Self, ScheduleError> {
        Self::new(raw.delays_ms, raw.jitter_percent)
    }
}

impl Schedule {
    /// A schedule of the given delays, each spread by up to `jitter_percent` to either side.
    ///
    /// # Errors
    /// [`ScheduleError`] names the bound that was passed.
    pub fn new(delays_ms: Vec<u64>, jitter_percent: u8) -> Result<Self, ScheduleError> {
        if delays_ms.len() > DELAYS_MAX {
            return Err(ScheduleError::TooManyDelays(delays_ms.len()));
        }
        if let Some(delay_ms) = delays_ms.iter().find(|delay_ms| **delay_ms > DELAY_MS_MAX) {
            return Err(ScheduleError::DelayTooLong(*delay_ms));
        }
        if jitter_percent > 100 {
            return Err(ScheduleError::JitterTooLarge(jitter_percent));
        }
        Ok(Self { delays_ms, jitter_percent })
    }

    /// Notifications to the client (spec 4.1): three retries, one a minute, then dropped.
    #[must_use]
    pub fn callback() -> Self {
        Self { delays_ms: vec![60_000; 3], jitter_percent: 0 }
    }

    /// Submission to an operator: quick at first, since most refusals are throttling; about two hours in all.
    #[must_use]
    pub fn sms_submit() -> Self {
        const SECS: [u64; 12] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600];
        Self { delays_ms: SECS.map(|secs| secs * 1_000).to_vec(), jitter_percent: 20 }
    }

    /// How long to wait after `tries` failed attempts; `None` when they are used up. `entropy` spreads the delays of
    /// work that failed together.
    #[must_use]
    pub fn next_delay_ms(&self, tries: u32, entropy: u64) -> Option<u64> {
        let retry = usize::try_from(tries.checked_sub(1)?).ok()?;
        let delay_ms = *self.delays_ms.get(retry)?;
        let spread_ms = delay_ms * u64::from(self.jitter_percent) / 100;
        Some(delay_ms - spread_ms + entropy % (2 * spread_ms + 1))
    }

    /// Attempts in all, the first included.
    #[must_use]
    pub fn attempts_max(&self) -> usize {
        self.delays_ms.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_callback_is_tried_once_and_three_times_more_one_a_minute() {
        let schedule = Schedule::callback();
        let delays: Vec<_> = (0..6).map(|tries| schedule.next_delay_ms(tries, 7)).collect();
        assert_eq!(delays, [None, Some(60_000), Some(60_000), Some(60_000), None, None]);
        assert_eq!(schedule.attempts_max(), 4);
    }

    #[test]
    fn jitter_spreads_a_delay_to_both_sides() {
        let schedule = Schedule::new(vec![1_000], 20).unwrap();
        let ends = [0, 200, 400, 401].map(|entropy| schedule.next_delay_ms(1, entropy));
        assert_eq!(ends, [Some(800), Some(1_000), Some(1_200), Some(800)]);
    }

    #[test]
    fn a_schedule_beyond_its_bounds_is_refused() {
        assert_eq!(Schedule::new(vec![1; 65], 0), Err(ScheduleError::TooManyDelays(65)));
        assert_eq!(
            Schedule::new(vec![DELAY_MS_MAX + 1], 0),
            Err(ScheduleError::DelayTooLong(DELAY_MS_MAX + 1))
        );
        assert_eq!(Schedule::new(vec![], 101), Err(ScheduleError::JitterTooLarge(101)));
        assert_eq!(Schedule::new(vec![], 0).unwrap().next_delay_ms(1, 0), None);
    }

    proptest! {
        #[test]
        fn no_delay_leaves_its_spread(tries in 1_u32..13, entropy: u64) {
            let (schedule, exact) = (Schedule::sms_submit(), Schedule { jitter_percent: 0, ..Schedule::sms_submit() });
            let delay_ms = schedule.next_delay_ms(tries, entropy).unwrap();
            let middle_ms = exact.next_delay_ms(tries, entropy).unwrap();
            prop_assert!(delay_ms.abs_diff(middle_ms) * 5 <= middle_ms);
        }
    }
}
