//! Exact decimals: numbers are compared by value in their digits, never as binary floats.

use std::cmp::Ordering;

/// Exponents beyond this are no money, no percent and no position on earth.
const EXPONENT_MAX: i64 = 400;

/// A decimal number: `±digits × 10^exponent`, without zeros at either end of the digits; zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads the digits of a JSON number, or the same inside a text; `None` when it is none or absurdly large or small.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').map_or((mantissa, None), |(a, b)| (a, Some(b)));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || part.is_some_and(|part| !all_digits(part)) {
            return None;
        }
        let part = part.unwrap_or_default();
        let joined = format!("{whole}{part}");
        let digits = joined.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        if kept.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let scale = i64::try_from(part.len()).ok()?;
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        let exponent = exponent.checked_sub(scale)?.checked_add(dropped)?;
        let sane = exponent.abs() <= EXPONENT_MAX;
        sane.then(|| Self { negative, digits: kept.to_owned(), exponent })
    }

    /// Whether it is a whole number.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// Its value, when it is whole and fits.
    #[must_use]
    pub fn to_int(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let exponent = u32::try_from(self.exponent).ok()?;
        let digits: i64 = self.digits.parse().ok()?;
        let value = digits.checked_mul(10_i64.checked_pow(exponent)?)?;
        Some(if self.negative { -value } else { value })
    }

    /// Position of the first digit before the point: 5 is 1, 50 is 2, 0.5 is 0.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_add(self.exponent)
    }

    fn cmp_abs(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // The digits have no zeros at their ends, so texts of one magnitude compare like the numbers.
            (false, false) => {
                self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits))
            }
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_abs(other),
            (true, true) => other.cmp_abs(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(int: i64) -> Self {
        let text = int.unsigned_abs().to_string();
        let digits = text.trim_start_matches('0').trim_end_matches('0');
        let zeros = text.len() - text.trim_end_matches('0').len();
        let exponent = if digits.is_empty() { 0 } else { i64::try_from(zeros).unwrap_or(0) };
        Self { negative: int < 0, digits: digits.to_owned(), exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_of_one_value_are_equal_however_they_are_written() {
        for (one, other) in
            [("4", "4.0"), ("4e0", "40e-1"), ("0", "-0.00"), ("19.9", "19.90"), ("100", "1E2")]
        {
            assert_eq!(decimal(one), decimal(other), "{one} {other}");
        }
        assert_ne!(decimal("19.9"), decimal("19.90000000000000001"));
        assert_ne!(decimal("1"), decimal("-1"));
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in ["", "-", ".5", "5.", "1e", "4 ", "four", "--1", "1e999999", "0x1", "+1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_whole_numbers_have_an_int() {
        assert_eq!(decimal("3.0").to_int(), Some(3));
        assert_eq!(decimal("-1.2e3").to_int(), Some(-1_200));
        assert_eq!(decimal("3.5").to_int(), None);
        assert_eq!(decimal("1e30").to_int(), None);
    }

    proptest::proptest! {
        #[test]
        fn whole_numbers_order_as_ints_do(a in -2_000_i64..2_000, b in -2_000_i64..2_000) {
            proptest::prop_assert_eq!(Decimal::from(a).cmp(&Decimal::from(b)), a.cmp(&b));
            proptest::prop_assert_eq!(decimal(&a.to_string()), Decimal::from(a));
        }

        #[test]
        fn fractions_order_as_their_hundredfold_does(a in -9_999_i64..9_999, b in -9_999_i64..9_999) {
            let write = |n: i64| format!("{}{}.{:02}", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100);
            proptest::prop_assert_eq!(decimal(&write(a)).cmp(&decimal(&write(b))), a.cmp(&b));
        }
    }
}
