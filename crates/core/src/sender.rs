//! Sender ids of SMS (spec 1 "Numbers", 3.4 `senderid`).

use thiserror::Error;

use crate::msisdn::{DIGITS_MAX, Msisdn, MsisdnError, PlusRule};
use crate::sms::gsm;

/// Most characters of an alphanumeric sender id: what fits the address field of a short message.
pub const ALPHANUMERIC_CHARS_MAX: usize = 11;
/// Most digits of a short code.
pub const SHORT_CODE_DIGITS_MAX: usize = 8;
/// Fewest digits of a short code.
pub const SHORT_CODE_DIGITS_MIN: usize = 3;

/// Who a short message is from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SenderId {
    /// An international number.
    Number(Msisdn),
    /// A short code: 3 to 8 digits without `+`.
    ShortCode(String),
    /// A name of up to 11 characters, at least one of them not a digit.
    Alphanumeric(String),
}

/// Why a text is not a sender id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SenderIdError {
    /// Nothing, or blanks.
    #[error("the sender id is empty")]
    Empty,
    /// Digits only, fewer than three.
    #[error("a short code has at least 3 digits")]
    TooShort,
    /// More than fifteen digits, or more than eleven other characters.
    #[error("the sender id has {0} characters: a number has at most 15, a name at most 11")]
    TooLong(usize),
    /// A character that a name cannot have.
    #[error("`{0}` cannot be in a sender id")]
    BadCharacter(char),
}

impl SenderId {
    /// Reads a sender id; blanks around it are ignored.
    ///
    /// # Errors
    /// [`SenderIdError`] names what is wrong.
    pub fn parse(text: &str) -> Result<Self, SenderIdError> {
        let text = text.trim();
        let digits = text.strip_prefix('+').unwrap_or(text);
        if text.is_empty() {
            return Err(SenderIdError::Empty);
        }
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return name(text);
        }
        if digits.len() == text.len() && digits.len() <= SHORT_CODE_DIGITS_MAX {
            return if digits.len() < SHORT_CODE_DIGITS_MIN {
                Err(SenderIdError::TooShort)
            } else {
                Ok(Self::ShortCode(digits.to_owned()))
            };
        }
        Msisdn::parse(text, PlusRule::Optional).map(Self::Number).map_err(|refused| match refused {
            MsisdnError::TooLong(len) => SenderIdError::TooLong(len),
            _ => SenderIdError::TooShort,
        })
    }

    /// The address as SMPP carries it: digits without `+`, or the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::ShortCode(text) | Self::Alphanumeric(text) => text,
        }
    }

    /// SMPP `source_addr_ton`: 1 international, 3 network specific, 5 alphanumeric.
    #[must_use]
    pub const fn ton(&self) -> u8 {
        match self {
            Self::Number(_) => 1,
            Self::ShortCode(_) => 3,
            Self::Alphanumeric(_) => 5,
        }
    }

    /// SMPP `source_addr_npi`: 1 for a telephone number, else 0.
    #[must_use]
    pub const fn npi(&self) -> u8 {
        matches!(self, Self::Number(_)) as u8
    }
}

/// A name is carried as ASCII in SMPP and as packed septets on the air: it may use what both have, one septet each.
fn name(text: &str) -> Result<SenderId, SenderIdError> {
    let fits = |ch: char| (ch == ' ' || ch.is_ascii_graphic()) && gsm::char_septets(ch) == Some(1);
    if let Some(ch) = text.chars().find(|ch| !fits(*ch)) {
        return Err(SenderIdError::BadCharacter(ch));
    }
    if text.len() > ALPHANUMERIC_CHARS_MAX {
        return Err(SenderIdError::TooLong(text.len()));
    }
    Ok(SenderId::Alphanumeric(text.to_owned()))
}

const _: () = assert!(SHORT_CODE_DIGITS_MAX < DIGITS_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, u8, u8), SenderIdError>) {
        let read = SenderId::parse(text);
        let fields = read.as_ref().map(|sender| (sender.as_str(), sender.ton(), sender.npi()));
        assert_eq!(fields, expected.as_ref().copied(), "{text}");
    }

    #[test]
    fn number_short_code_and_name_have_their_ton_and_npi() {
        check("+447700900001", Ok(("447700900001", 1, 1)));
        check("447700900001", Ok(("447700900001", 1, 1)));
        check("+12345", Ok(("12345", 1, 1)));
        check("123456789", Ok(("123456789", 1, 1)));
        check("60123", Ok(("60123", 3, 0)));
        check("12345678", Ok(("12345678", 3, 0)));
        check(" Acme Bank ", Ok(("Acme Bank", 5, 0)));
        check("24-7 Help!", Ok(("24-7 Help!", 5, 0)));
        check("ACME1234567", Ok(("ACME1234567", 5, 0)));
    }

    #[test]
    fn each_wrong_sender_id_has_its_error() {
        check(" ", Err(SenderIdError::Empty));
        check("12", Err(SenderIdError::TooShort));
        check("+123", Err(SenderIdError::TooShort));
        check("1234567890123456", Err(SenderIdError::TooLong(16)));
        check("ACME12345678", Err(SenderIdError::TooLong(12)));
        check("Café", Err(SenderIdError::BadCharacter('é')));
        check("[Acme]", Err(SenderIdError::BadCharacter('[')));
        check("Ac\nme", Err(SenderIdError::BadCharacter('\n')));
    }
}
