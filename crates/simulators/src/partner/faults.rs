//! How a partner misbehaves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Faults, each off by default. A share is in thousandths of the messages; which ones is decided by a counter and `seed`,
/// so that a run can be repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// What the shares are drawn from.
    pub seed: u64,
    /// Pause before every answer, milliseconds.
    pub slow_ms: u64,
    /// Share that is never answered.
    pub hang: u32,
    /// A property whose messages are never answered; empty for none.
    pub hang_property: String,
    /// Share whose connection is closed unread.
    pub drop_before: u32,
    /// Share that is applied and whose connection is closed without an answer.
    pub drop_after: u32,
    /// Share answered 500 and not applied.
    pub error_500: u32,
    /// Share answered 400 with 4006 although it is good.
    pub reject: u32,
    /// Share answered with another message's id.
    pub wrong_id: u32,
    /// Share of updates that are acknowledged and not applied.
    pub lose_updates: u32,
    /// Error codes as texts.
    pub string_codes: bool,
    /// Answers packed with gzip.
    pub gzip: bool,
    /// Products that are left out stay.
    pub keep_products: bool,
    /// New objects that exist are refused, as one public receiver does.
    pub refuse_existing: bool,
    /// Credentials are refused, whatever they are.
    pub unauthorized: bool,
}

/// What is done to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is served.
    Served,
    /// It is never answered.
    Hang,
    /// The connection is closed unread.
    DropBefore,
    /// The connection is closed after it was applied.
    DropAfter,
    /// 500, not applied.
    Error500,
    /// 400, not applied.
    Reject,
    /// Applied, answered with another id.
    WrongId,
    /// Acknowledged and not applied.
    LoseUpdate,
}

impl Faults {
    /// Pause before an answer.
    #[must_use]
    pub const fn pause(&self) -> Duration {
        Duration::from_millis(self.slow_ms)
    }

    /// What is done to message number `number`, which is about a property.
    #[must_use]
    pub fn fate_of(&self, number: u64, is_update: bool, property: &str) -> Fate {
        let hangs = !self.hang_property.is_empty() && self.hang_property == property;
        if hangs { Fate::Hang } else { self.fate(number, is_update) }
    }

    /// What is done to message number `number`.
    #[must_use]
    pub fn fate(&self, number: u64, is_update: bool) -> Fate {
        let drawn = u32::try_from(mix(self.seed ^ mix(number)) % 1_000).unwrap_or(0);
        let lost = if is_update { self.lose_updates } else { 0 };
        let shares = [
            (self.hang, Fate::Hang),
            (self.drop_before, Fate::DropBefore),
            (self.drop_after, Fate::DropAfter),
            (self.error_500, Fate::Error500),
            (self.reject, Fate::Reject),
            (self.wrong_id, Fate::WrongId),
            (lost, Fate::LoseUpdate),
        ];
        let mut below = 0;
        for (share, fate) in shares {
            below += share;
            if drawn < below {
                return fate;
            }
        }
        Fate::Served
    }
}

/// The finaliser of SplitMix64.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_a_run_can_be_repeated() {
        let faults = Faults { seed: 3, error_500: 10, drop_after: 5, ..Faults::default() };
        let count = |fate| (0..100_000).filter(|number| faults.fate(*number, true) == fate).count();
        assert!((900..1_100).contains(&count(Fate::Error500)));
        assert!((400..600).contains(&count(Fate::DropAfter)));
        assert_eq!(count(Fate::LoseUpdate), 0);
        assert_eq!(faults.fate(7, false), faults.fate(7, false));
        let all = Faults { hang: 1_000, ..Faults::default() };
        assert!((0..100).all(|number| all.fate(number, false) == Fate::Hang));
    }
}
