//! What a real SMSC refuses in a submit, field by field, with the status the standard has for it. Pure.

use waypost_channels::smpp::{
    Address,
    wire::{ShortMessage, esm, find_tlv, status, tag},
};

use super::{
    plan::Part,
    udh::{checked, read_udh},
};

/// Octets of user data in one short message over the air.
const AIR_OCTETS: usize = 140;
/// Septets in the same.
const AIR_SEPTETS: usize = 160;
/// The most `short_message` can hold.
const SHORT_MESSAGE_OCTETS: usize = 254;

/// A submit that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checked {
    /// Octets of user data header in front of the text.
    pub(super) header_octets: usize,
    /// Place in a long message.
    pub(super) part: Option<Part>,
}

/// Checks every field; the error is the `command_status` to refuse with.
pub(super) fn check_submit(message: &ShortMessage) -> Result<Checked, u32> {
    check(message.service_type.len() <= 5, status::ESME_RINVSERTYP)?;
    check_source(&message.source)?;
    check_dest(&message.dest)?;
    check_flags(message)?;
    check(is_time(&message.schedule), status::ESME_RINVSCHED)?;
    check(is_time(&message.validity), status::ESME_RINVEXPIRY)?;
    check(is_data_coding(message.data_coding), status::ESME_RINVDCS)?;
    check_text(message)
}

fn check_source(source: &Address) -> Result<(), u32> {
    check(source.ton <= 6, status::ESME_RINVSRCTON)?;
    check(is_npi(source.npi), status::ESME_RINVSRCNPI)?;
    let digits = &source.digits;
    // Without a source the account's default is used.
    let valid = digits.is_empty()
        || match source.ton {
            5 => digits.len() <= 11 && digits.bytes().all(|octet| (0x20..0x7F).contains(&octet)),
            ton => is_number(ton, digits),
        };
    check(valid, status::ESME_RINVSRCADR)
}

fn check_dest(dest: &Address) -> Result<(), u32> {
    check(dest.ton <= 6 && dest.ton != 5, status::ESME_RINVDSTTON)?;
    check(is_npi(dest.npi), status::ESME_RINVDSTNPI)?;
    check(is_number(dest.ton, &dest.digits), status::ESME_RINVDSTADR)
}

/// Digits only, no plus sign; international numbers have 7 to 15 and begin with a country code.
fn is_number(ton: u8, digits: &str) -> bool {
    let count = if ton == 1 { 7..=15 } else { 3..=20 };
    count.contains(&digits.len())
        && digits.bytes().all(|octet| octet.is_ascii_digit())
        && !(ton == 1 && digits.starts_with('0'))
}

fn is_npi(npi: u8) -> bool {
    matches!(npi, 0 | 1 | 3 | 4 | 6 | 8 | 9 | 10 | 14 | 18)
}

fn check_flags(message: &ShortMessage) -> Result<(), u32> {
    let known_type = matches!(message.esm_class & esm::TYPE_MASK, 0 | 0x08 | 0x10);
    check(known_type, status::ESME_RINVESMCLASS)?;
    check(message.priority <= 3, status::ESME_RINVPRTFLG)?;
    let receipts = message.registered_delivery;
    check(receipts & 0x03 != 0x03 && receipts & 0xE0 == 0, status::ESME_RINVREGDLVFLG)?;
    check(message.replace_if_present <= 1, status::ESME_RINVREPFLAG)
}

/// Empty, or `YYMMDDhhmmsstnnp` with p one of `+`, `-` (absolute) and `R` (relative), section 7.1.1.
fn is_time(time: &str) -> bool {
    if time.is_empty() {
        return true;
    }
    let (Some(digits), Some(direction)) = (time.get(..15), time.get(15..)) else { return false };
    if !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return false;
    }
    match direction {
        "R" => digits.ends_with("000"),
        "+" | "-" => {
            let field = |at: usize| digits[at..at + 2].parse::<u8>().unwrap_or(u8::MAX);
            (1..=12).contains(&field(2)) && (1..=31).contains(&field(4)) && field(6) < 24 && field(8) < 60
        }
        _ => false,
    }
}

/// The GSM default alphabet, IA5, Latin-1, octets, UCS-2, and their message class variants.
fn is_data_coding(data_coding: u8) -> bool {
    matches!(data_coding, 0 | 1 | 2 | 3 | 4 | 8 | 0x10..=0x1B | 0xF0..=0xF7)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Septets,
    Octets,
    Characters16,
}

fn unit(data_coding: u8) -> Unit {
    match data_coding {
        0 | 1 | 3 | 0x10..=0x13 | 0xF0..=0xF3 => Unit::Septets,
        8 | 0x18..=0x1B => Unit::Characters16,
        _ => Unit::Octets,
    }
}

fn check_text(message: &ShortMessage) -> Result<Checked, u32> {
    let payload = find_tlv(&message.tlvs, tag::MESSAGE_PAYLOAD);
    check(payload.is_none() || message.short_message.is_empty(), status::ESME_ROPTPARNOTALLWD)?;
    check(message.short_message.len() <= SHORT_MESSAGE_OCTETS, status::ESME_RINVMSGLEN)?;
    let text = message.text();
    let (header_octets, part) = match message.esm_class & esm::UDHI {
        0 => (0, sar(message)?),
        _ => read_udh(&text).map(|udh| (udh.octets, udh.part)).ok_or(status::ESME_RINVESMCLASS)?,
    };
    let data = &text[header_octets..];
    let unit = unit(message.data_coding);
    let seven_bit = message.data_coding == 0 && data.iter().any(|octet| *octet > 0x7F);
    check(!seven_bit, status::ESME_RINVDCS)?;
    check(unit != Unit::Characters16 || data.len().is_multiple_of(2), status::ESME_RINVMSGLEN)?;
    // What comes in message_payload is split by the SMSC.
    check(payload.is_some() || data.len() <= room(unit, header_octets), status::ESME_RINVMSGLEN)?;
    Ok(Checked { header_octets, part })
}

/// Octets of `short_message` that fit one message behind a header: septets come one per octet.
fn room(unit: Unit, header_octets: usize) -> usize {
    match unit {
        Unit::Septets => AIR_SEPTETS.saturating_sub((header_octets * 8).div_ceil(7)),
        Unit::Octets | Unit::Characters16 => AIR_OCTETS.saturating_sub(header_octets),
    }
}

fn sar(message: &ShortMessage) -> Result<Option<Part>, u32> {
    let value = |tag: u16| find_tlv(&message.tlvs, tag).map(|tlv| tlv.value.as_ref());
    match (value(tag::SAR_MSG_REF_NUM), value(tag::SAR_TOTAL_SEGMENTS), value(tag::SAR_SEGMENT_SEQNUM)) {
        (None, None, None) => Ok(None),
        (Some(&[high, low]), Some(&[total]), Some(&[sequence])) => {
            checked(u16::from_be_bytes([high, low]), total, sequence)
                .map(Some)
                .ok_or(status::ESME_RINVOPTPARAMVAL)
        }
        _ => Err(status::ESME_RMISSINGOPTPARAM),
    }
}

fn check(valid: bool, status: u32) -> Result<(), u32> {
    if valid { Ok(()) } else { Err(status) }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
