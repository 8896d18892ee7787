//! Exact amounts: millionths of the tenant's unit, in an integer. No rounding anywhere.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Millionths of one unit.
const UNIT: i64 = 1_000_000;
/// Decimals of an amount.
const DECIMALS: usize = 6;

/// An amount in millionths of the tenant's unit of account; never negative when it is read from a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Something other than digits and one point.
    #[error("an amount is written with digits and at most one point, such as 12.50")]
    Malformed,
    /// More decimals than can be kept.
    #[error("an amount has at most six decimals")]
    TooFine,
    /// More than can be kept.
    #[error("an amount is below nine million million")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// This amount `count` times; `None` when it cannot be kept.
    #[must_use]
    pub fn times(self, count: u16) -> Option<Self> {
        self.0.checked_mul(i64::from(count)).map(Self)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let empty_side = whole.is_empty() || (text.contains('.') && fraction.is_empty());
        if empty_side || !digits(whole) || !digits(fraction) {
            return Err(MoneyError::Malformed);
        }
        if fraction.len() > DECIMALS {
            return Err(MoneyError::TooFine);
        }
        let number = |part: &str| part.parse::<i64>().map_err(|_| MoneyError::TooLarge);
        let millionths = number(&format!("{fraction:0<DECIMALS$}"))?;
        let units = number(whole)?.checked_mul(UNIT).ok_or(MoneyError::TooLarge)?;
        units.checked_add(millionths).map(Self).ok_or(MoneyError::TooLarge)
    }
}

impl fmt::Display for Money {
    /// At least two decimals, at most six: `12.50`, `0.000001`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (units, millionths) = (self.0.unsigned_abs() / UNIT as u64, self.0.unsigned_abs() % UNIT as u64);
        let fraction = format!("{millionths:06}");
        let kept = fraction.trim_end_matches('0').len().max(2);
        write!(out, "{sign}{units}.{}", fraction.get(..kept).unwrap_or(&fraction))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        let read = |text: &str| text.parse::<Money>();
        assert_eq!(read("12.5"), Ok(Money(12_500_000)));
        assert_eq!(read("0.000001"), Ok(Money(1)));
        assert_eq!(read("7"), Ok(Money(7_000_000)));
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "１"] {
            assert_eq!(read(text), Err(MoneyError::Malformed), "{text}");
        }
        assert_eq!(read("0.0000001"), Err(MoneyError::TooFine));
        assert_eq!(read("9223372036855"), Err(MoneyError::TooLarge));
        assert_eq!(read("99999999999999999999"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn an_amount_shows_two_to_six_decimals() {
        let shown = [0, 1, 500_000, 12_500_000, -1_250_000].map(|amount| Money(amount).to_string());
        assert_eq!(shown, ["0.00", "0.000001", "0.50", "12.50", "-1.25"]);
        assert_eq!(Money(i64::MIN).to_string(), "-9223372036854.775808");
    }

    #[test]
    fn what_cannot_be_kept_is_no_amount() {
        assert_eq!(Money(3).times(4), Some(Money(12)));
        assert_eq!(Money(i64::MAX).times(2), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(amount in 0_i64..) {
            prop_assert_eq!(Money(amount).to_string().parse(), Ok(Money(amount)));
        }
    }
}
