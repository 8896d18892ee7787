//! The numbers a dispatcher works by, checked once.

use thiserror::Error;

use crate::breaker::BreakerPolicy;

/// The largest batch one claim may ask for.
pub const CLAIM_BATCH_MAX: usize = 500;

/// The numbers a dispatcher works by. [`Policy::new`] gives defaults for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is delivered ("sms", "callback"): the label of the metrics.
    pub name: &'static str,
    /// The longest an attempt may take, milliseconds. Workers must keep it.
    pub deadline_ms: i64,
    /// How long a claim keeps an item from others, milliseconds; more than `deadline_ms + lease_margin_ms`.
    pub lease_ms: i64,
    /// What the answer's commit may take after the attempt's end, milliseconds.
    pub lease_margin_ms: i64,
    /// Items in memory over all queues: waiting, in flight and reserved.
    pub memory_items_max: usize,
    /// Items in memory of one queue.
    pub per_queue_items_max: usize,
    /// Items in memory of one queue whose destination's breaker is not closed.
    pub open_items_max: usize,
    /// Items one claim asks for, at most [`CLAIM_BATCH_MAX`].
    pub claim_batch_max: usize,
    /// A queue with backlog is filled up when fewer items than this wait in memory.
    pub low_water: usize,
    /// Claims that run at the same time, over all queues.
    pub claims_max: usize,
    /// Pause of a queue after its claim failed, or when its rows are held by someone else, milliseconds.
    pub claim_pause_ms: i64,
    /// Retries due within the same span of this many milliseconds are claimed together.
    pub retry_grain_ms: i64,
    /// Items in flight to one destination, unless set for it.
    pub dest_in_flight_max: usize,
    /// Breakers of the destinations.
    pub breaker: BreakerPolicy,
}

/// A policy that cannot be worked by.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PolicyError {
    /// An item could be claimed by another while its attempt still runs.
    #[error(
        "the lease must be longer than deadline and margin: {lease_ms} > {deadline_ms} + {lease_margin_ms} ms"
    )]
    LeaseTooShort {
        /// The lease asked for, milliseconds.
        lease_ms: i64,
        /// The deadline asked for, milliseconds.
        deadline_ms: i64,
        /// The margin asked for, milliseconds.
        lease_margin_ms: i64,
    },
    /// A number is outside its range.
    #[error("{field} must be between {min} and {max}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
        /// What was asked for.
        value: i64,
    },
}

impl Policy {
    /// The defaults around a deadline and a lease, both in milliseconds.
    #[must_use]
    pub fn new(name: &'static str, deadline_ms: i64, lease_ms: i64) -> Self {
        Self {
            name,
            deadline_ms,
            lease_ms,
            lease_margin_ms: 1_000,
            memory_items_max: 20_000,
            per_queue_items_max: 4_000,
            open_items_max: 4,
            claim_batch_max: CLAIM_BATCH_MAX,
            low_water: 250,
            claims_max: 2,
            claim_pause_ms: 500,
            retry_grain_ms: 20,
            dest_in_flight_max: 1_000,
            breaker: BreakerPolicy::default(),
        }
    }

    /// Refuses what could hand an item out twice, and what could not move at all.
    ///
    /// # Errors
    /// [`PolicyError`] names the first number that is wrong.
    pub fn check(&self) -> Result<(), PolicyError> {
        let count = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        let breaker = &self.breaker;
        range("deadline_ms", self.deadline_ms, 1, DAY_MS)?;
        range("lease_ms", self.lease_ms, 1, DAY_MS)?;
        range("lease_margin_ms", self.lease_margin_ms, 0, DAY_MS)?;
        range("memory_items_max", count(self.memory_items_max), 1, 10_000_000)?;
        range("per_queue_items_max", count(self.per_queue_items_max), 1, 10_000_000)?;
        range("open_items_max", count(self.open_items_max), 1, 10_000)?;
        range("claim_batch_max", count(self.claim_batch_max), 1, count(CLAIM_BATCH_MAX))?;
        range("low_water", count(self.low_water), 1, 10_000_000)?;
        range("claims_max", count(self.claims_max), 1, 64)?;
        range("claim_pause_ms", self.claim_pause_ms, 1, 60_000)?;
        range("retry_grain_ms", self.retry_grain_ms, 1, 60_000)?;
        range("dest_in_flight_max", count(self.dest_in_flight_max), 1, 1_000_000)?;
        range("breaker.failures_in_row_max", i64::from(breaker.failures_in_row_max), 1, 1_000_000)?;
        range("breaker.window_ms", breaker.window_ms, 1, DAY_MS)?;
        range("breaker.window_samples_min", i64::from(breaker.window_samples_min), 1, 1_000_000)?;
        range("breaker.window_failure_percent", i64::from(breaker.window_failure_percent), 1, 100)?;
        range("breaker.open_ms_min", breaker.open_ms_min, 1, DAY_MS)?;
        range("breaker.open_ms_max", breaker.open_ms_max, breaker.open_ms_min, DAY_MS)?;
        if self.lease_ms <= self.deadline_ms + self.lease_margin_ms {
            let Self { lease_ms, deadline_ms, lease_margin_ms, .. } = *self;
            return Err(PolicyError::LeaseTooShort { lease_ms, deadline_ms, lease_margin_ms });
        }
        Ok(())
    }

    /// The time an item must still have on its lease when it is handed out, milliseconds.
    #[must_use]
    pub const fn lease_needed_ms(&self) -> i64 {
        self.deadline_ms + self.lease_margin_ms
    }

    /// The time an item may wait in memory before its lease is too short for an attempt, milliseconds.
    #[must_use]
    pub const fn wait_ms(&self) -> i64 {
        self.lease_ms - self.lease_needed_ms()
    }

    /// Items that go out at `rate_per_s` in that time; at least 1.
    #[must_use]
    pub fn sendable(&self, rate_per_s: u32) -> usize {
        let items = i64::from(rate_per_s).saturating_mul(self.wait_ms()) / 1_000;
        usize::try_from(items).unwrap_or(usize::MAX).max(1)
    }
}

const DAY_MS: i64 = 24 * 3_600_000;

const fn range(field: &'static str, value: i64, min: i64, max: i64) -> Result<(), PolicyError> {
    if value < min || value > max {
        return Err(PolicyError::OutOfRange { field, min, max, value });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_not_longer_than_deadline_and_margin_is_refused() {
        let policy = Policy::new("sms", 15_000, 16_000);
        let expected =
            PolicyError::LeaseTooShort { lease_ms: 16_000, deadline_ms: 15_000, lease_margin_ms: 1_000 };
        assert_eq!(policy.check(), Err(expected));
        assert_eq!(Policy { lease_ms: 16_001, ..policy }.check(), Ok(()));
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let policy = Policy { claim_batch_max: 501, ..Policy::new("sms", 1_000, 5_000) };
        let expected = PolicyError::OutOfRange { field: "claim_batch_max", min: 1, max: 500, value: 501 };
        assert_eq!(policy.check(), Err(expected));
    }

    #[test]
    fn the_waiting_time_is_what_the_lease_leaves() {
        let policy = Policy::new("sms", 1_000, 5_000);
        assert_eq!((policy.lease_needed_ms(), policy.wait_ms()), (2_000, 3_000));
        assert_eq!((policy.sendable(7), policy.sendable(0)), (21, 1));
    }
}
