//! Telephone numbers as destinations (spec 3.2).

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// Fewest digits of a destination.
pub const DIGITS_MIN: usize = 5;
/// Most digits of an E.164 number.
pub const DIGITS_MAX: usize = 15;

/// A telephone number: 5 to 15 digits without `+`. Nothing is rewritten, `00` in front stays.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Msisdn {
    digits: [u8; DIGITS_MAX],
    len: u8,
}

/// Whether the tenant insists on the `+` of E.164.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlusRule {
    /// With or without.
    #[default]
    Optional,
    /// Refused without.
    Required,
}

/// Why a text is not a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MsisdnError {
    /// No digit at all.
    #[error("the number is empty")]
    Empty,
    /// A character other than a digit, or a `+` that is not in front.
    #[error("`{ch}` at {at} is not a digit")]
    BadCharacter {
        /// The character.
        ch: char,
        /// Its position in bytes.
        at: usize,
    },
    /// Under [`DIGITS_MIN`] digits.
    #[error("{0} digits are fewer than 5")]
    TooShort(usize),
    /// Over [`DIGITS_MAX`] digits.
    #[error("{0} digits are more than 15")]
    TooLong(usize),
    /// [`PlusRule::Required`] and no `+`.
    #[error("the number must start with +")]
    PlusMissing,
}

impl Msisdn {
    /// Reads a number; blanks around it are ignored, separators within are refused.
    ///
    /// # Errors
    /// [`MsisdnError`] names what is wrong.
    pub fn parse(text: &str, plus: PlusRule) -> Result<Self, MsisdnError> {
        let blanks = text.len() - text.trim_start().len();
        let text = text.trim();
        let (digits, before) = text.strip_prefix('+').map_or((text, blanks), |digits| (digits, blanks + 1));
        if digits.is_empty() {
            return Err(MsisdnError::Empty);
        }
        if let Some((at, ch)) = digits.char_indices().find(|(_, ch)| !ch.is_ascii_digit()) {
            return Err(MsisdnError::BadCharacter { ch, at: at + before });
        }
        match digits.len() {
            len if len < DIGITS_MIN => return Err(MsisdnError::TooShort(len)),
            len if len > DIGITS_MAX => return Err(MsisdnError::TooLong(len)),
            _ => {}
        }
        if plus == PlusRule::Required && digits.len() == text.len() {
            return Err(MsisdnError::PlusMissing);
        }
        let mut number = Self { digits: [0; DIGITS_MAX], len: digits.len() as u8 };
        number.digits[..digits.len()].copy_from_slice(digits.as_bytes());
        Ok(number)
    }

    /// The digits without `+`: how a number is stored, compared and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever put in.
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Msisdn({self})")
    }
}

impl Serialize for Msisdn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, plus: PlusRule, expected: Result<&str, MsisdnError>) {
        let read = Msisdn::parse(text, plus).map(|number| number.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn a_number_is_its_digits() {
        check("447700900001", PlusRule::Optional, Ok("447700900001"));
        check("+447700900001", PlusRule::Optional, Ok("447700900001"));
        check("+447700900001", PlusRule::Required, Ok("447700900001"));
        check(" 447700900001 ", PlusRule::Optional, Ok("447700900001"));
        check("00447700900001", PlusRule::Optional, Ok("00447700900001"));
        check("12345", PlusRule::Optional, Ok("12345"));
        check("123456789012345", PlusRule::Optional, Ok("123456789012345"));
    }

    #[test]
    fn each_wrong_number_has_its_error() {
        use MsisdnError as E;
        check("", PlusRule::Optional, Err(E::Empty));
        check(" + ", PlusRule::Optional, Err(E::Empty));
        check("1234", PlusRule::Optional, Err(E::TooShort(4)));
        check("1234567890123456", PlusRule::Optional, Err(E::TooLong(16)));
        check("44 7700900001", PlusRule::Optional, Err(E::BadCharacter { ch: ' ', at: 2 }));
        check("+44-7700900001", PlusRule::Optional, Err(E::BadCharacter { ch: '-', at: 3 }));
        check("(0)7700900001", PlusRule::Optional, Err(E::BadCharacter { ch: '(', at: 0 }));
        check("++447700900001", PlusRule::Optional, Err(E::BadCharacter { ch: '+', at: 1 }));
        check("٤٤٧٧٠٠٩٠٠٠٠١", PlusRule::Optional, Err(E::BadCharacter { ch: '٤', at: 0 }));
        check("447700900001", PlusRule::Required, Err(E::PlusMissing));
    }

    proptest! {
        #[test]
        fn five_to_fifteen_digits_are_a_number_and_nothing_else_is(text in "\\+?[0-9]{0,18}|\\PC{0,20}") {
            let digits = text.trim().strip_prefix('+').unwrap_or(text.trim());
            let good = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            let read = Msisdn::parse(&text, PlusRule::Optional);
            prop_assert_eq!(read.is_ok(), good);
            if let Ok(number) = read {
                prop_assert_eq!(number.as_str(), digits);
            }
        }
    }
}
