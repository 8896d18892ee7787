//! Points in time and the clock seam.

mod expiry;
mod format;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub use expiry::{ExpiryError, parse_expiry};
pub use format::{Zone, ZoneError, notification_timestamp, rfc3339_utc, status_timestamp};

/// A point in time: microseconds since 1970-01-01T00:00:00Z. It is stored and compared as the integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// 1970-01-01T00:00:00Z.
    pub const ZERO: Self = Self(0);
    /// The last representable point; "never" for a due time.
    pub const MAX: Self = Self(i64::MAX);

    /// From unix milliseconds; saturates.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// From unix seconds; saturates.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Unix milliseconds, rounded down.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Unix seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This point plus `ms` milliseconds; saturates.
    #[must_use]
    pub const fn add_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    /// This point minus `ms` milliseconds; saturates.
    #[must_use]
    pub const fn sub_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms.saturating_mul(1_000)))
    }

    /// Milliseconds from `earlier` to this point, rounded down; negative when `earlier` is later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000)
    }
}

/// The clock seam: whoever needs "now" is given one of these.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Micros;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Micros {
        let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |us| -us),
        };
        Micros(micros)
    }
}

/// A clock that stands still until it is told to move; for tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: Micros) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Shows `now` from here on; may go backward, as a real wall clock may.
    pub fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves by `ms` milliseconds.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms.saturating_mul(1_000), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Micros {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_round_down_on_both_sides_of_the_epoch() {
        assert_eq!((Micros(1_999).as_ms(), Micros(-1).as_ms()), (1, -1));
        assert_eq!((Micros(1_999_999).as_secs(), Micros(-1).as_secs()), (1, -1));
        assert_eq!(Micros(5_000).since_ms(Micros(1_001)), 3);
    }

    #[test]
    fn adding_past_the_end_of_time_stays_at_the_end() {
        assert_eq!(Micros::MAX.add_ms(1), Micros::MAX);
        assert_eq!(Micros(i64::MIN).sub_ms(1), Micros(i64::MIN));
        assert_eq!(Micros::from_ms(i64::MAX), Micros::MAX);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = std::sync::Arc::new(ManualClock::new(Micros::from_ms(10)));
        assert_eq!(clock.now(), Micros::from_ms(10));
        clock.advance_ms(5);
        assert_eq!(clock.now(), Micros::from_ms(15));
        clock.set(Micros::from_ms(1));
        assert_eq!(clock.now(), Micros::from_ms(1));
    }

    #[test]
    fn the_system_clock_is_after_this_code_was_written() {
        assert!(SystemClock.now() > Micros::from_secs(1_700_000_000));
    }
}
