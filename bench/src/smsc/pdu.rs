//! The few SMPP 3.4 PDUs of a store-and-forward SMSC, read and written by hand so that the far side shares no code,
//! and no mistake, with what is measured.

use std::io;

/// Bytes of every PDU's header.
const HEADER_BYTES: usize = 16;
/// Largest PDU read.
const PDU_BYTES_MAX: usize = 64 << 10;

/// Command ids (SMPP 3.4, section 5.1.2.1).
pub mod command {
    /// Answer to a PDU of unknown or unexpected kind.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// Bind for receiving.
    pub const BIND_RECEIVER: u32 = 1;
    /// Bind for sending.
    pub const BIND_TRANSMITTER: u32 = 2;
    /// A message for a mobile.
    pub const SUBMIT_SM: u32 = 4;
    /// A message or receipt from the SMSC.
    pub const DELIVER_SM: u32 = 5;
    /// Its answer.
    pub const DELIVER_SM_RESP: u32 = 0x8000_0005;
    /// End of a session.
    pub const UNBIND: u32 = 6;
    /// Bind for both.
    pub const BIND_TRANSCEIVER: u32 = 9;
    /// Are you there.
    pub const ENQUIRE_LINK: u32 = 0x15;
    /// Set in every answer's id.
    pub const RESPONSE: u32 = 0x8000_0000;
}

/// One PDU, body borrowed from the read buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Pdu<'a> {
    /// Command id.
    pub command: u32,
    /// Command status; 0 is good.
    pub status: u32,
    /// Sequence number.
    pub sequence: u32,
    /// Everything after the header.
    pub body: &'a [u8],
}

/// The first whole PDU in a buffer and its length; `None` while it is not whole.
///
/// # Errors
/// When its length is impossible.
pub fn read(buffer: &[u8]) -> io::Result<Option<(Pdu<'_>, usize)>> {
    let Some(header) = buffer.get(..HEADER_BYTES) else { return Ok(None) };
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let length = word(0) as usize;
    if !(HEADER_BYTES..=PDU_BYTES_MAX).contains(&length) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "impossible command_length"));
    }
    let Some(body) = buffer.get(HEADER_BYTES..length) else { return Ok(None) };
    Ok(Some((Pdu { command: word(4), status: word(8), sequence: word(12), body }, length)))
}

/// Appends a PDU.
pub fn write(out: &mut Vec<u8>, command: u32, status: u32, sequence: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    for word in [command, status, sequence] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    body(out);
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Appends a C-octet string.
pub fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(text);
    out.push(0);
}

/// The addresses of a `submit_sm` and whether it asks for a receipt.
#[derive(Debug, PartialEq, Eq)]
pub struct Submit<'a> {
    /// Sender.
    pub source: &'a [u8],
    /// Recipient.
    pub destination: &'a [u8],
    /// Whether a receipt is wanted at the end, whatever it is.
    pub wants_receipt: bool,
}

impl<'a> Submit<'a> {
    /// Reads the body of a `submit_sm`; `None` when it is cut short.
    #[must_use]
    pub fn read(body: &'a [u8]) -> Option<Self> {
        let mut rest = body;
        text(&mut rest)?; // service_type
        skip(&mut rest, 2)?; // source TON and NPI
        let source = text(&mut rest)?;
        skip(&mut rest, 2)?; // destination TON and NPI
        let destination = text(&mut rest)?;
        skip(&mut rest, 3)?; // esm_class, protocol_id, priority_flag
        text(&mut rest)?; // schedule_delivery_time
        text(&mut rest)?; // validity_period
        let registered_delivery = *rest.first()?;
        Some(Self { source, destination, wants_receipt: registered_delivery & 0b11 == 1 })
    }
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (text, tail) = (&rest[..end], &rest[end + 1..]);
    *rest = tail;
    Some(text)
}

fn skip(rest: &mut &[u8], bytes: usize) -> Option<()> {
    *rest = rest.get(bytes..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdu_is_whole_when_its_body_is() {
        let mut bytes = Vec::new();
        write(&mut bytes, command::ENQUIRE_LINK, 0, 7, |_| {});
        write(&mut bytes, command::UNBIND, 3, 8, |out| write_text(out, b"x"));
        for cut in 0..16 {
            assert_eq!(read(&bytes[..cut]).unwrap(), None, "whole after {cut} bytes");
        }
        let first = Pdu { command: command::ENQUIRE_LINK, status: 0, sequence: 7, body: b"" };
        assert_eq!(read(&bytes).unwrap(), Some((first, 16)));
        let second = Pdu { command: command::UNBIND, status: 3, sequence: 8, body: b"x\0" };
        assert_eq!(read(&bytes[16..]).unwrap(), Some((second, 18)));
        assert!(read(&[0; 16]).is_err(), "a length below the header's");
    }

    #[test]
    fn a_submit_tells_its_addresses_and_its_wish_for_a_receipt() {
        let body = b"\0\x05\0Waypost\0\x01\x01447700000001\0\0\0\0\0\0\x01\0\0\0\x02hi";
        let wanted = Submit { source: b"Waypost", destination: b"447700000001", wants_receipt: true };
        assert_eq!(Submit::read(body), Some(wanted));
        assert_eq!(Submit::read(&body[..20]), None);
    }
}
