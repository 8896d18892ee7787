//! Message ids and transaction ids.
//!
//! Inside, a message is known by a [`MessageId`]: one integer, time-ordered, cheap to index. Outside, the
//! contract shows a UUID ([`TransactionId`]); it contains the first message id of its request, so that a
//! look-up by transaction id needs no index of its own: decode the id, read the row, compare the 16 bytes.

mod generator;
mod transaction;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

pub use generator::{IdGenerator, InvalidNode, NODE_MAX};
pub use transaction::{TransactionId, TransactionRef, TransactionRefError, UNIT_MAX};

/// 2020-01-01T00:00:00Z in unix milliseconds: where the time part of an id starts.
const EPOCH_MS: i64 = 1_577_836_800_000;
/// Bits below the time part: 6 of the node, 16 of the counter.
const LOW_BITS: u32 = 22;
const COUNTER_BITS: u32 = 16;
/// The time part has 41 bits: until September 2089.
const MS_MAX: i64 = (1 << 41) - 1;

/// The id of one message: `(unix ms since 2020) << 22 | node << 16 | counter`. Positive, and increasing on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

impl MessageId {
    /// When the id was made, to the millisecond. May run ahead of the clock under extreme load.
    #[must_use]
    pub const fn time(self) -> Micros {
        Micros::from_ms((self.0 >> LOW_BITS) + EPOCH_MS)
    }

    /// The node that made the id (0..=63).
    #[must_use]
    pub const fn node(self) -> u8 {
        ((self.0 >> COUNTER_BITS) & 0x3f) as u8
    }

    /// The id `offset` places after this one; valid inside a range from [`IdGenerator::next_range`].
    #[must_use]
    pub const fn nth(self, offset: u16) -> Self {
        Self(self.0 + offset as i64)
    }

    /// The smallest id any node can make at `at`: the lower edge of a scan by time.
    #[must_use]
    pub const fn floor(at: Micros) -> Self {
        let ms = at.as_ms() - EPOCH_MS;
        let ms = if ms < 0 { 0 } else { ms };
        Self(if ms > MS_MAX { i64::MAX } else { ms << LOW_BITS })
    }

    const fn ms(self) -> i64 {
        self.0 >> LOW_BITS
    }

    const fn low(self) -> i64 {
        self.0 & ((1 << LOW_BITS) - 1)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_time_and_node() {
        let at = Micros::from_ms(EPOCH_MS + 5_000);
        let id = MessageId(MessageId::floor(at).0 | 63 << 16 | 9);
        assert_eq!((id.time(), id.node(), id.nth(1).0 - id.0), (at, 63, 1));
    }

    #[test]
    fn the_floor_of_a_time_before_2020_is_zero() {
        assert_eq!(MessageId::floor(Micros::ZERO), MessageId(0));
        assert_eq!(MessageId::floor(Micros::MAX), MessageId(i64::MAX));
    }
}
