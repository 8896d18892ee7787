//! Reads SMPP delivery receipts (SMPP 3.4, appendix B): the text form and the TLVs.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use thiserror::Error;

use super::ucs2;
use crate::time::Micros;

/// SMPP's limit of a message id (65 octets with its end), doubled for operators that do not keep it.
pub const PROVIDER_ID_BYTES_MAX: usize = 128;

/// What the operator says became of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// On its way.
    Enroute,
    /// On the handset.
    Delivered,
    /// The validity period ended first.
    Expired,
    /// Deleted at the message centre.
    Deleted,
    /// Cannot be delivered.
    Undeliverable,
    /// Accepted, for example read by customer service on the subscriber's behalf; not final.
    Accepted,
    /// In a state that the operator itself cannot tell.
    Unknown,
    /// Rejected.
    Rejected,
    /// Waiting for its scheduled time.
    Scheduled,
    /// Left out by the message centre.
    Skipped,
}

impl ReceiptState {
    /// Whether nothing more is to come.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Enroute | Self::Accepted | Self::Scheduled)
    }

    /// The value of the `message_state` TLV; `None` for a value no version of SMPP defines.
    #[must_use]
    pub const fn from_tlv(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::Scheduled,
            1 => Self::Enroute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            6 => Self::Accepted,
            7 => Self::Unknown,
            8 => Self::Rejected,
            9 => Self::Skipped,
            _ => return None,
        })
    }

    /// The standard word of this state, as a receipt's `stat:` has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enroute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
            Self::Scheduled => "SCHEDULED",
            Self::Skipped => "SKIPPED",
        }
    }

    /// The word after `stat:`. A word nobody defines is [`ReceiptState::Unknown`].
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        // Seven letters in the standard; some operators write the word in full.
        const WORDS: [(&str, ReceiptState); 10] = [
            ("DELIV", ReceiptState::Delivered),
            ("EXPIR", ReceiptState::Expired),
            ("DELET", ReceiptState::Deleted),
            ("UNDEL", ReceiptState::Undeliverable),
            ("FAILED", ReceiptState::Undeliverable),
            ("ACCEP", ReceiptState::Accepted),
            ("REJEC", ReceiptState::Rejected),
            ("ENROUTE", ReceiptState::Enroute),
            ("SCHED", ReceiptState::Scheduled),
            ("SKIPPED", ReceiptState::Skipped),
        ];
        let upper = word.to_ascii_uppercase();
        WORDS.iter().find(|(start, _)| upper.starts_with(start)).map_or(Self::Unknown, |(_, state)| *state)
    }
}

/// The receipt's optional parameters as the PDU has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptTlvs<'a> {
    /// `receipted_message_id` (0x001E), without its end octet.
    pub receipted_message_id: Option<&'a str>,
    /// `message_state` (0x0427).
    pub message_state: Option<u8>,
    /// `network_error_code` (0x0423): network type, then the code big-endian.
    pub network_error_code: Option<[u8; 3]>,
}

/// A receipt, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id as it was written; compare by [`super::provider_id`].
    pub provider_id: String,
    /// What became of the message.
    pub state: ReceiptState,
    /// The operator's error as text: the code of the TLV in three digits, else the word after `err:`.
    pub err: Option<String>,
    /// `done date`, taken as UTC since the form has no zone.
    pub done_at: Option<Micros>,
    /// The first characters of the message, when the operator repeats them.
    pub text: Option<String>,
}

/// Why a message marked as a receipt is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Neither `id:` nor the TLV.
    #[error("the receipt has no message id")]
    NoId,
    /// Over [`PROVIDER_ID_BYTES_MAX`].
    #[error("the receipt's message id is longer than 128 bytes")]
    IdTooLong,
    /// Neither `stat:` nor a known `message_state`.
    #[error("the receipt has no message state")]
    NoState,
}

/// Reads a receipt. Where TLV and text differ the TLV counts; fields may stand in any order and case, or lack.
///
/// # Errors
/// [`ReceiptError`] when it cannot be told which message it is about, or what became of it.
pub fn parse_receipt(short_message: &[u8], tlvs: ReceiptTlvs<'_>) -> Result<Receipt, ReceiptError> {
    let text = ucs2::decode_latin1(short_message);
    let fields = Fields::read(&text);
    let id = tlvs.receipted_message_id.map(str::trim).filter(|id| !id.is_empty()).or(fields.get(Field::Id));
    let id = id.ok_or(ReceiptError::NoId)?;
    if id.len() > PROVIDER_ID_BYTES_MAX {
        return Err(ReceiptError::IdTooLong);
    }
    let state = tlvs.message_state.and_then(ReceiptState::from_tlv);
    let state = state.or_else(|| fields.get(Field::Stat).map(ReceiptState::from_word));
    let code =
        tlvs.network_error_code.map(|[_, high, low]| format!("{:03}", u16::from_be_bytes([high, low])));
    Ok(Receipt {
        provider_id: id.to_owned(),
        state: state.ok_or(ReceiptError::NoState)?,
        err: code.or_else(|| fields.get(Field::Err).map(str::to_owned)),
        done_at: fields.get(Field::DoneDate).and_then(parse_date),
        text: fields.get(Field::Text).map(str::to_owned),
    })
}

#[derive(Clone, Copy)]
enum Field {
    Id,
    Sub,
    Dlvrd,
    SubmitDate,
    DoneDate,
    Stat,
    Err,
    Text,
}

/// What a field is called, in lower case, with its colon.
const NAMES: [(&str, Field); 8] = [
    ("id:", Field::Id),
    ("sub:", Field::Sub),
    ("dlvrd:", Field::Dlvrd),
    ("submit date:", Field::SubmitDate),
    ("done date:", Field::DoneDate),
    ("stat:", Field::Stat),
    ("err:", Field::Err),
    ("text:", Field::Text),
];

/// The values of the text form; the first of a repeated field counts.
#[derive(Default)]
struct Fields<'a>([Option<&'a str>; 8]);

impl<'a> Fields<'a> {
    fn read(text: &'a str) -> Self {
        let mut fields = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let Some((field, after)) = field_at(rest) else {
                rest = after_word(rest);
                continue;
            };
            let after = after.trim_start();
            // `text:` is the last field and may hold anything, the names of fields too.
            let value = match field {
                Field::Text => after,
                _ if field_at(after).is_some() => "",
                _ => &after[..after.len() - after_word_len(after)],
            };
            let slot = &mut fields.0[field as usize];
            if slot.is_none() && !value.trim().is_empty() {
                *slot = Some(value.trim());
            }
            rest = after[value.len()..].trim_start();
        }
        fields
    }

    const fn get(&self, field: Field) -> Option<&'a str> {
        self.0[field as usize]
    }
}

/// The field whose name the text starts with, and what follows the colon.
fn field_at(text: &str) -> Option<(Field, &str)> {
    NAMES.iter().find_map(|(name, field)| {
        let (start, after) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some((*field, after))
    })
}

fn after_word_len(text: &str) -> usize {
    text.find(char::is_whitespace).map_or(0, |end| text.len() - end)
}

fn after_word(text: &str) -> &str {
    text[text.len() - after_word_len(text)..].trim_start()
}

/// `YYMMDDhhmm`, with seconds or a four-digit year if the operator is generous.
fn parse_date(digits: &str) -> Option<Micros> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match digits.len() {
        10 | 12 => (2_000 + digits[..2].parse::<i16>().ok()?, &digits[2..]),
        14 => (digits[..4].parse().ok()?, &digits[4..]),
        _ => return None,
    };
    let pair = |at: usize| rest.get(at..at + 2).map_or(Some(0), |two| two.parse::<i8>().ok());
    let civil = DateTime::new(year, pair(0)?, pair(2)?, pair(4)?, pair(6)?, pair(8)?, 0).ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(|stamp| Micros(stamp.as_microsecond()))
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
