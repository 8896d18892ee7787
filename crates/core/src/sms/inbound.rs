//! Reads the user data of an inbound short message (`deliver_sm`).

use super::udh::{self, ConcatHeader};
use super::{gsm, ucs2};

/// Bit of `esm_class` that says the user data starts with a header.
const ESM_UDHI: u8 = 0x40;

/// What an inbound message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundBody {
    /// Readable text.
    Text(String),
    /// Lower-case hex of octets that are binary, or that are not what their data coding says.
    Hex(String),
}

/// One inbound short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The content without the header.
    pub body: InboundBody,
    /// Its place in a longer message.
    pub concat: Option<ConcatHeader>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Gsm,
    Latin1,
    Ucs2,
    Binary,
}

/// Reads a message from SMPP's fields. Never fails: what cannot be read as text comes out as hex.
#[must_use]
pub fn decode_message(esm_class: u8, data_coding: u8, user_data: &[u8]) -> Inbound {
    let (header, payload) = match udh::split(user_data) {
        Ok((header, payload)) if esm_class & ESM_UDHI != 0 => (Some(header), payload),
        _ => (None, user_data),
    };
    Inbound { body: decode(data_coding, payload), concat: header.and_then(udh::concatenation) }
}

/// Reads a payload without a header.
#[must_use]
pub fn decode(data_coding: u8, payload: &[u8]) -> InboundBody {
    let text = match alphabet(data_coding) {
        Alphabet::Gsm => gsm::decode(payload).ok(),
        Alphabet::Latin1 => Some(ucs2::decode_latin1(payload)),
        Alphabet::Ucs2 => ucs2::decode(payload).ok(),
        Alphabet::Binary => None,
    };
    text.map_or_else(|| InboundBody::Hex(hex(payload)), InboundBody::Text)
}

/// SMPP 3.4, 5.2.19: 0..=15 are SMPP's own values, above them the GSM data coding groups.
const fn alphabet(data_coding: u8) -> Alphabet {
    match data_coding {
        0x00 => Alphabet::Gsm,
        0x01 | 0x03 => Alphabet::Latin1,
        0x08 => Alphabet::Ucs2,
        0x02 | 0x04..=0x07 | 0x09..=0x0f => Alphabet::Binary,
        // General groups: bit 0x20 is compression, bits 0x0c the alphabet.
        0x10..=0x7f if data_coding & 0x20 != 0 => Alphabet::Binary,
        0x10..=0x7f => match data_coding & 0x0c {
            0x00 => Alphabet::Gsm,
            0x08 => Alphabet::Ucs2,
            _ => Alphabet::Binary,
        },
        // Message waiting: discard and store in GSM, store in UCS-2.
        0xc0..=0xdf => Alphabet::Gsm,
        0xe0..=0xef => Alphabet::Ucs2,
        0xf0..=0xff if data_coding & 0x04 == 0 => Alphabet::Gsm,
        _ => Alphabet::Binary,
    }
}

fn hex(octets: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let nibbles = octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0f]);
    nibbles.map(|nibble| DIGITS[usize::from(nibble)]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sms::segment::{Concatenation, SmsContent, segment};

    fn check(data_coding: u8, payload: &[u8], text: &str) {
        let expected = InboundBody::Text(text.to_owned());
        assert_eq!(decode(data_coding, payload), expected, "{data_coding:#04x}");
    }

    fn check_hex(data_coding: u8, payload: &[u8], digits: &str) {
        let expected = InboundBody::Hex(digits.to_owned());
        assert_eq!(decode(data_coding, payload), expected, "{data_coding:#04x}");
    }

    #[test]
    fn text_is_read_by_its_data_coding() {
        for gsm_coding in [0x00, 0x10, 0x11, 0xc8, 0xd0, 0xf0, 0xf1] {
            check(gsm_coding, &[0x00, b'a'], "@a");
        }
        for latin1_coding in [0x01, 0x03] {
            check(latin1_coding, &[b'a', 0xe9], "aé");
        }
        for ucs2_coding in [0x08, 0x18, 0x48, 0xe0] {
            check(ucs2_coding, &[0, 0xe9], "é");
        }
    }

    #[test]
    fn what_is_not_text_comes_out_as_hex() {
        for binary_coding in [0x02, 0x04, 0x05, 0x0f, 0x14, 0x30, 0x80, 0xf4] {
            check_hex(binary_coding, &[0x00, 0xaf], "00af");
        }
        check_hex(0x00, &[0xaf], "af");
        check_hex(0x08, &[0xd8, 0x3d], "d83d");
    }

    #[test]
    fn a_header_that_lies_about_its_length_is_read_as_payload() {
        let read = decode_message(0x40, 0x04, &[9, 0, 3]);
        assert_eq!(read, Inbound { body: InboundBody::Hex("090003".to_owned()), concat: None });
    }

    #[test]
    fn without_the_header_bit_the_first_octets_are_text() {
        let read = decode_message(0x00, 0x03, b"\x01ab");
        assert_eq!(read, Inbound { body: InboundBody::Text("\u{1}ab".to_owned()), concat: None });
    }

    proptest! {
        #[test]
        fn what_we_send_reads_back_as_it_was(text in "[a-zé漢€]{1,400}", reference: u16) {
            let cut = segment(SmsContent::Text(&text), Concatenation::Udh16, reference).unwrap();
            let mut joined = String::new();
            for (part, seq) in cut.parts.iter().zip(1_u8..) {
                let user_data = [part.udh.clone().unwrap_or_default(), part.payload.clone()].concat();
                let esm_class = if part.udh.is_some() { 0x40 } else { 0 };
                let read = decode_message(esm_class, cut.data_coding, &user_data);
                let expected = (cut.count > 1).then_some(ConcatHeader { reference, total: cut.count, seq });
                prop_assert_eq!(read.concat, expected);
                let InboundBody::Text(piece) = read.body else { panic!("{:?}", read.body) };
                joined.push_str(&piece);
            }
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn no_octets_make_the_reader_panic(esm: u8, coding: u8, octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode_message(esm, coding, &octets);
        }
    }
}
