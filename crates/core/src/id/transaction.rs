//! The transaction id of the contract (`transid`, spec 2.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use uuid::Uuid;

use super::{EPOCH_MS, LOW_BITS, MS_MAX, MessageId};

/// The largest `_<n>` suffix: a request has at most 1,000 destinations (spec 2.4).
pub const UNIT_MAX: u16 = 999;

/// Random bits in a transaction id; with the time part unguessable enough not to be walked.
const ENTROPY_BITS: u32 = 52;

/// A UUID version 7 that carries the first [`MessageId`] of its request.
///
/// Layout: 48 bits unix ms, version, 12 high bits of node and counter (`rand_a`), variant, 10 low bits of the
/// counter, 52 random bits. Time, node and counter come first, so the bytes sort as the message ids do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(Uuid);

impl TransactionId {
    /// The transaction id of the request whose first message is `first`. Of `entropy` 52 bits are used; they must
    /// come from a good random source, since the id is also what keeps a stranger from guessing another's request.
    #[must_use]
    pub const fn from_id(first: MessageId, entropy: u64) -> Self {
        let unix_ms = (first.ms() + EPOCH_MS) as u128;
        let low = first.low() as u128;
        let random = (entropy & ((1 << ENTROPY_BITS) - 1)) as u128;
        let bits = unix_ms << 80 | 7 << 76 | (low >> 10) << 64 | 0b10 << 62 | (low & 0x3ff) << 52 | random;
        Self(Uuid::from_u128(bits))
    }

    /// The first message id of the request; `None` for a UUID that no node of ours can have made.
    #[must_use]
    pub const fn first_id(self) -> Option<MessageId> {
        let bits = self.0.as_u128();
        let ms = (bits >> 80) as i64 - EPOCH_MS;
        let ours = (bits >> 76) & 0xf == 7 && (bits >> 62) & 0b11 == 0b10;
        if !ours || ms < 0 || ms > MS_MAX {
            return None;
        }
        let low = ((bits >> 64) & 0xfff) << 10 | (bits >> 52) & 0x3ff;
        Some(MessageId(ms << LOW_BITS | low as i64))
    }

    /// The 16 bytes the row stores.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        *self.0.as_bytes()
    }

    /// From the 16 bytes of a row; any value is taken.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(out)
    }
}

/// Why a text is not a transaction id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransactionRefError {
    /// The text is not 36 characters of hyphenated UUID.
    #[error("a transaction id is a UUID such as 672de29e-0724-754b-9f9f-d4df16d2a661")]
    BadUuid,
    /// What follows the UUID is not `_0` to `_999` without leading zeros.
    #[error("the suffix of a transaction id is _0 to _999")]
    BadUnit,
}

impl FromStr for TransactionId {
    type Err = TransactionRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The uuid crate also reads braced, URN and simple forms; the contract has the hyphenated one only.
        if text.len() != 36 {
            return Err(TransactionRefError::BadUuid);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| TransactionRefError::BadUuid)
    }
}

impl Serialize for TransactionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TransactionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A transaction id as the wire shows it: `<uuid>`, or `<uuid>_<n>` for one of several destination objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionRef {
    /// The request.
    pub transid: TransactionId,
    /// Which destination object of it (0..=999); `None` when the request had one.
    pub unit: Option<u16>,
}

impl fmt::Display for TransactionRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.transid.fmt(out)?;
        self.unit.map_or(Ok(()), |unit| write!(out, "_{unit}"))
    }
}

impl FromStr for TransactionRef {
    type Err = TransactionRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (uuid, suffix) = text.split_at_checked(36).ok_or(TransactionRefError::BadUuid)?;
        Ok(Self { transid: uuid.parse()?, unit: parse_unit(suffix)? })
    }
}

fn parse_unit(suffix: &str) -> Result<Option<u16>, TransactionRefError> {
    if suffix.is_empty() {
        return Ok(None);
    }
    let digits = suffix.strip_prefix('_').ok_or(TransactionRefError::BadUnit)?;
    let canonical = digits == "0" || !digits.starts_with(['0', '+']);
    match digits.parse::<u16>() {
        Ok(unit) if canonical && unit <= UNIT_MAX => Ok(Some(unit)),
        _ => Err(TransactionRefError::BadUnit),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_id() -> impl Strategy<Value = MessageId> {
        (0..=MS_MAX, 0..1_i64 << LOW_BITS).prop_map(|(ms, low)| MessageId(ms << LOW_BITS | low))
    }

    #[test]
    fn the_wire_form_is_a_lower_case_uuid_of_version_7() {
        let id = TransactionId::from_id(MessageId(1 << LOW_BITS | 0x3f_abcd), u64::MAX);
        assert_eq!(id.to_string(), "016f5e66-e801-7fea-bcdf-ffffffffffff");
        let read = Uuid::from_bytes(id.to_bytes());
        assert_eq!((read.get_version_num(), read.get_variant()), (7, uuid::Variant::RFC4122));
    }

    #[test]
    fn a_foreign_uuid_has_no_message_id() {
        let check = |text: &str| text.parse::<TransactionId>().unwrap().first_id();
        assert_eq!(check("9f2b2d79-1684-4ca5-addb-9d6d18fd9a70"), None);
        assert_eq!(check("00000000-0000-7000-8000-000000000000"), None);
        assert_eq!(check("ffffffff-ffff-7fff-bfff-ffffffffffff"), None);
        assert_eq!(check("016f5e66-e801-7fea-fcdf-ffffffffffff"), None);
    }

    #[test]
    fn only_the_written_forms_are_read() {
        let uuid = "016f5e66-e801-7fea-bcdf-ffffffffffff";
        let check = |text: String| text.parse::<TransactionRef>().map(|read| read.to_string());
        assert_eq!(check(uuid.to_owned()), Ok(uuid.to_owned()));
        assert_eq!(check(uuid.to_uppercase()), Ok(uuid.to_owned()));
        assert_eq!(check(format!("{uuid}_0")), Ok(format!("{uuid}_0")));
        assert_eq!(check(format!("{uuid}_999")), Ok(format!("{uuid}_999")));
        for suffix in ["_", "_1000", "_01", "_00", "_+1", "_-1", "-1", " ", "_1 "] {
            assert_eq!(check(format!("{uuid}{suffix}")), Err(TransactionRefError::BadUnit), "{suffix}");
        }
        let shifted = format!("{{{uuid}}}");
        for text in ["", "abc", &uuid.replace('-', ""), &shifted, &uuid.replace('f', "g"), &"é".repeat(18)] {
            assert_eq!(check(text.to_owned()), Err(TransactionRefError::BadUuid), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_transaction_id_gives_back_its_first_message_id(id in any_id(), entropy: u64) {
            let transid = TransactionId::from_id(id, entropy);
            prop_assert_eq!(transid.first_id(), Some(id));
            prop_assert_eq!(TransactionId::from_bytes(transid.to_bytes()), transid);
        }

        #[test]
        fn transaction_ids_sort_as_their_message_ids(a in any_id(), b in any_id(), x: u64, y: u64) {
            prop_assume!(a != b);
            let (first, second) = (TransactionId::from_id(a, x), TransactionId::from_id(b, y));
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            prop_assert_eq!(first.to_string().cmp(&second.to_string()), a.cmp(&b));
        }

        #[test]
        fn a_reference_is_read_back_as_written(id in any_id(), entropy: u64, unit in prop::option::of(0_u16..=999)) {
            let written = TransactionRef { transid: TransactionId::from_id(id, entropy), unit };
            prop_assert_eq!(written.to_string().parse(), Ok(written));
            prop_assert_eq!(written.to_string().to_uppercase().parse(), Ok(written));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,50}") {
            let _ = text.parse::<TransactionRef>();
        }
    }
}
