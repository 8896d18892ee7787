//! Optional parameters (TLVs), section 5.3.

use bytes::{BufMut, Bytes, BytesMut};

use super::fields::{DecodeError, Reader};

/// Tags used here.
pub mod tag {
    /// Id of the message a receipt is for; C-octet string.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    /// Two octets chosen by the sender, echoed in receipts.
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    /// Reference of a concatenated message; two octets.
    pub const SAR_MSG_REF_NUM: u16 = 0x020C;
    /// Number of parts; one octet.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    /// Number of this part, from 1; one octet.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    /// Version the SMSC speaks; one octet, in bind answers.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// Network type (1) and error code (2).
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// The message when it does not fit `short_message`.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// State of the message a receipt is for; one octet.
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// One optional parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlv {
    /// See [`tag`].
    pub tag: u16,
    /// The value's octets; at most 65535 are written.
    pub value: Bytes,
}

impl Tlv {
    /// A parameter of one octet.
    #[must_use]
    pub fn of_u8(tag: u16, value: u8) -> Self {
        Self { tag, value: Bytes::copy_from_slice(&[value]) }
    }

    /// A parameter of two octets.
    #[must_use]
    pub fn of_u16(tag: u16, value: u16) -> Self {
        Self { tag, value: Bytes::copy_from_slice(&value.to_be_bytes()) }
    }

    /// A C-octet string parameter; the terminator is added.
    #[must_use]
    pub fn of_cstring(tag: u16, value: &str) -> Self {
        let mut octets = value.as_bytes().to_vec();
        octets.push(0);
        Self { tag, value: octets.into() }
    }

    /// The value as text, without the terminator some senders leave out.
    #[must_use]
    pub fn text(&self) -> String {
        let end = self.value.iter().position(|&octet| octet == 0).unwrap_or(self.value.len());
        String::from_utf8_lossy(&self.value[..end]).into_owned()
    }
}

/// The first parameter with that tag.
#[must_use]
pub fn find_tlv(tlvs: &[Tlv], tag: u16) -> Option<&Tlv> {
    tlvs.iter().find(|tlv| tlv.tag == tag)
}

pub(super) fn put_tlv(out: &mut BytesMut, tag: u16, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let Ok(length) = u16::try_from(length) else { return };
    out.put_u16(tag);
    out.put_u16(length);
    for part in parts {
        out.put_slice(part);
    }
}

/// All parameters up to the end of the PDU.
pub(super) fn read_tlvs(reader: &mut Reader) -> Result<Vec<Tlv>, DecodeError> {
    let mut tlvs = Vec::new();
    while reader.remaining() > 0 {
        let tag = reader.u16("a TLV tag")?;
        let length = reader.u16("a TLV length")?;
        let value = reader.octets(usize::from(length), "a TLV value")?;
        tlvs.push(Tlv { tag, value });
    }
    Ok(tlvs)
}
