//! Cuts an SMS into parts (spec 3.4) and counts them for billing and `messageCount`.
//!
//! A short message has 140 octets of user data: 160 septets, 70 16-bit units or 140 octets. A concatenation
//! header takes 6 octets of each part (8-bit reference: 153 / 67 / 134) or 7 (16-bit: 152 / 66 / 133). No cut
//! goes through an escape pair or a surrogate pair, so a part may be one septet or unit short of its limit.

use thiserror::Error;

use super::{gsm, ucs2, udh};

/// Octets of user data in one short message.
const USER_DATA_BYTES: usize = 140;
/// The concatenation header numbers parts with one octet.
pub const PARTS_MAX: usize = 255;

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsContent<'a> {
    /// `type` 1: GSM alphabet when it fits, else UCS-2.
    Text(&'a str),
    /// `type` 2: as text, shown at once and not stored (class 0).
    Flash(&'a str),
    /// `type` 4: always UCS-2.
    Unicode(&'a str),
    /// `type` 3: octets.
    Binary(&'a [u8]),
}

/// How a connection carries a message longer than one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concatenation {
    /// Several short messages, 8-bit reference in the user data header.
    Udh8,
    /// Several short messages, 16-bit reference.
    Udh16,
    /// One message in the `message_payload` TLV; the operator cuts it and bills what [`Concatenation::Udh8`] gives.
    MessagePayload,
}

/// One short message as SMPP carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The user data header with its length octet; goes before the payload and sets bit 0x40 of `esm_class`.
    pub udh: Option<Vec<u8>>,
    /// One septet per octet for the GSM alphabet, UTF-16BE for UCS-2, octets for binary.
    pub payload: Vec<u8>,
}

/// A message, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segmented {
    /// SMPP `data_coding`: 0x00 GSM, 0x08 UCS-2, 0x04 binary; 0x10 and 0x18 for flash.
    pub data_coding: u8,
    /// Parts to bill and to show as `messageCount`; differs from `parts.len()` for `message_payload` only.
    pub count: u8,
    /// What to submit, in order; never empty.
    pub parts: Vec<Part>,
}

/// Why a content cannot be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentError {
    /// No text or no octets.
    #[error("the message is empty")]
    Empty,
    /// More than [`PARTS_MAX`] parts.
    #[error("the message needs more than 255 parts")]
    TooManyParts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Gsm,
    Ucs2,
    Binary,
}

impl Encoding {
    fn of(content: SmsContent<'_>) -> Self {
        match content {
            SmsContent::Text(text) | SmsContent::Flash(text) if gsm::is_gsm(text) => Self::Gsm,
            SmsContent::Text(_) | SmsContent::Flash(_) | SmsContent::Unicode(_) => Self::Ucs2,
            SmsContent::Binary(_) => Self::Binary,
        }
    }

    /// Septets, units or octets that fit beside a header of `udh_bytes`.
    const fn capacity(self, udh_bytes: usize) -> usize {
        let left = USER_DATA_BYTES - udh_bytes;
        match self {
            Self::Gsm => left * 8 / 7,
            Self::Ucs2 => left / 2,
            Self::Binary => left,
        }
    }

    fn width(self, ch: char) -> usize {
        match self {
            Self::Gsm => gsm::char_septets(ch).unwrap_or(1),
            Self::Ucs2 | Self::Binary => ch.len_utf16(),
        }
    }

    const fn data_coding(self, flash: bool) -> u8 {
        match (self, flash) {
            (Self::Gsm, false) => 0x00,
            (Self::Gsm, true) => 0x10,
            (Self::Ucs2, false) => 0x08,
            (Self::Ucs2, true) => 0x18,
            (Self::Binary, _) => 0x04,
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Gsm => gsm::encode(text).unwrap_or_default(),
            Self::Ucs2 | Self::Binary => ucs2::encode(text),
        }
    }
}

impl Concatenation {
    const fn udh_bytes(self) -> usize {
        match self {
            Self::Udh8 | Self::MessagePayload => 6,
            Self::Udh16 => 7,
        }
    }

    fn header(self, reference: u16, total: u8, seq: u8) -> Option<Vec<u8>> {
        match self {
            Self::Udh8 => Some(udh::concat_8(reference.to_be_bytes()[1], total, seq)),
            Self::Udh16 => Some(udh::concat_16(reference, total, seq)),
            Self::MessagePayload => None,
        }
    }
}

/// The number of parts (1..=255), without allocating.
///
/// # Errors
/// [`SegmentError`] when there is nothing to send or too much.
pub fn count_parts(content: SmsContent<'_>, mode: Concatenation) -> Result<u8, SegmentError> {
    let encoding = Encoding::of(content);
    let count = match content {
        SmsContent::Text(text) | SmsContent::Flash(text) | SmsContent::Unicode(text) => {
            cut_text(text, encoding, mode, |_| ())
        }
        SmsContent::Binary(octets) => cut_octets(octets.len(), mode),
    };
    match u8::try_from(count) {
        Ok(0) => Err(SegmentError::Empty),
        Ok(count) => Ok(count),
        Err(_) => Err(SegmentError::TooManyParts),
    }
}

/// Cuts a message. `reference` tells this message's parts from those of another from the same sender; with
/// [`Concatenation::Udh8`] its low octet is used.
///
/// # Errors
/// [`SegmentError`] when there is nothing to send or too much.
pub fn segment(
    content: SmsContent<'_>,
    mode: Concatenation,
    reference: u16,
) -> Result<Segmented, SegmentError> {
    let count = count_parts(content, mode)?;
    let encoding = Encoding::of(content);
    let whole = count == 1 || mode == Concatenation::MessagePayload;
    let payloads = match content {
        SmsContent::Text(text) | SmsContent::Flash(text) | SmsContent::Unicode(text) if whole => {
            vec![encoding.encode(text)]
        }
        SmsContent::Text(text) | SmsContent::Flash(text) | SmsContent::Unicode(text) => {
            text_payloads(text, encoding, mode)
        }
        SmsContent::Binary(octets) if whole => vec![octets.to_vec()],
        SmsContent::Binary(octets) => {
            octets.chunks(encoding.capacity(mode.udh_bytes())).map(<[u8]>::to_vec).collect()
        }
    };
    let parts = (1..=count).zip(payloads).map(|(seq, payload)| {
        let udh = if whole { None } else { mode.header(reference, count, seq) };
        Part { udh, payload }
    });
    let flash = matches!(content, SmsContent::Flash(_));
    Ok(Segmented { data_coding: encoding.data_coding(flash), count, parts: parts.collect() })
}

fn text_payloads(text: &str, encoding: Encoding, mode: Concatenation) -> Vec<Vec<u8>> {
    let (mut payloads, mut from) = (Vec::new(), 0);
    cut_text(text, encoding, mode, |at| {
        payloads.push(encoding.encode(&text[from..at]));
        from = at;
    });
    payloads.push(encoding.encode(&text[from..]));
    payloads
}

/// The number of parts of a text; tells the byte position of each cut. Stops one past the limit.
fn cut_text(text: &str, encoding: Encoding, mode: Concatenation, mut on_cut: impl FnMut(usize)) -> usize {
    if text.is_empty() {
        return 0;
    }
    if text.chars().map(|ch| encoding.width(ch)).sum::<usize>() <= encoding.capacity(0) {
        return 1;
    }
    let capacity = encoding.capacity(mode.udh_bytes());
    let (mut parts, mut used) = (1, 0);
    for (at, ch) in text.char_indices() {
        let width = encoding.width(ch);
        if used + width > capacity {
            on_cut(at);
            parts += 1;
            used = 0;
            if parts > PARTS_MAX {
                return parts;
            }
        }
        used += width;
    }
    parts
}

const fn cut_octets(octets: usize, mode: Concatenation) -> usize {
    if octets <= USER_DATA_BYTES {
        return if octets == 0 { 0 } else { 1 };
    }
    octets.div_ceil(Encoding::Binary.capacity(mode.udh_bytes()))
}

#[cfg(test)]
#[path = "segment_tests.rs"]
mod tests;
