//! `submit_sm`, `deliver_sm`, `data_sm`, `query_sm` and the answers that carry a message id (sections 4.4 to 4.8).

use bytes::{BufMut, Bytes, BytesMut};

use super::{
    fields::{DecodeError, Reader, put_cstring},
    tlv::{Tlv, find_tlv, put_tlv, read_tlvs, tag},
};

/// An address with its type of number and numbering plan (sections 5.2.5, 5.2.6).
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Address {
    /// Type of number: 0 unknown, 1 international, 2 national, 5 alphanumeric…
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 ISDN (E.164)…
    pub npi: u8,
    /// Digits or text; at most 20 octets are written.
    pub digits: String,
}

impl Address {
    /// An address from its three fields.
    #[must_use]
    pub fn new(ton: u8, npi: u8, digits: impl Into<String>) -> Self {
        Self { ton, npi, digits: digits.into() }
    }

    fn read(reader: &mut Reader, field: &'static str) -> Result<Self, DecodeError> {
        Ok(Self { ton: reader.u8(field)?, npi: reader.u8(field)?, digits: reader.cstring(field)? })
    }
}

/// `submit_sm` or `deliver_sm` to be written, borrowed so that nothing is copied twice.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageRef<'a> {
    /// Service type; at most 5 octets.
    pub service_type: &'a str,
    /// Source type of number, numbering plan, digits.
    pub source: (u8, u8, &'a str),
    /// Destination type of number, numbering plan, digits.
    pub dest: (u8, u8, &'a str),
    /// See [`esm`](super::esm).
    pub esm_class: u8,
    /// GSM protocol identifier.
    pub protocol_id: u8,
    /// 0 to 3.
    pub priority: u8,
    /// Relative or absolute time, or empty.
    pub validity: &'a str,
    /// Which receipts are wanted (section 5.2.17).
    pub registered_delivery: u8,
    /// Encoding of the text (section 5.2.19).
    pub data_coding: u8,
    /// User data header and user data, or either alone.
    pub text: [&'a [u8]; 2],
    /// The text goes into the `message_payload` TLV and `short_message` stays empty.
    pub in_payload: bool,
    /// Further optional parameters.
    pub tlvs: &'a [Tlv],
}

/// Appends the body of `submit_sm` or `deliver_sm`. A text over 255 octets goes into `message_payload`, whatever was
/// asked, since `sm_length` has one octet.
pub fn put_message(out: &mut BytesMut, message: &MessageRef<'_>) {
    put_cstring(out, message.service_type, 5);
    for (ton, npi, digits) in [message.source, message.dest] {
        out.put_slice(&[ton, npi]);
        put_cstring(out, digits, 20);
    }
    out.put_slice(&[message.esm_class, message.protocol_id, message.priority]);
    put_cstring(out, "", 16);
    put_cstring(out, message.validity, 16);
    out.put_slice(&[message.registered_delivery, 0, message.data_coding, 0]);
    let [header, data] = message.text;
    match u8::try_from(header.len() + data.len()) {
        Ok(length) if !message.in_payload => {
            out.put_u8(length);
            out.put_slice(header);
            out.put_slice(data);
        }
        _ => {
            out.put_u8(0);
            put_tlv(out, tag::MESSAGE_PAYLOAD, &[header, data]);
        }
    }
    for tlv in message.tlvs {
        put_tlv(out, tlv.tag, &[&tlv.value]);
    }
}

/// `submit_sm` or `deliver_sm` as read: the two have the same fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShortMessage {
    /// Service type.
    pub service_type: String,
    /// Where it comes from.
    pub source: Address,
    /// Where it goes.
    pub dest: Address,
    /// See [`esm`](super::esm).
    pub esm_class: u8,
    /// GSM protocol identifier.
    pub protocol_id: u8,
    /// 0 to 3.
    pub priority: u8,
    /// When to deliver, or empty.
    pub schedule: String,
    /// How long to try, or empty.
    pub validity: String,
    /// Which receipts are wanted.
    pub registered_delivery: u8,
    /// Replace an earlier message: 0 or 1.
    pub replace_if_present: u8,
    /// Encoding of the text.
    pub data_coding: u8,
    /// The `short_message` field; see [`ShortMessage::text`].
    pub short_message: Bytes,
    /// Optional parameters.
    pub tlvs: Vec<Tlv>,
}

impl ShortMessage {
    /// Reads the body.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        let r = &mut reader;
        let mut message = Self {
            service_type: r.cstring("service_type")?,
            source: Address::read(r, "source_addr")?,
            dest: Address::read(r, "destination_addr")?,
            esm_class: r.u8("esm_class")?,
            protocol_id: r.u8("protocol_id")?,
            priority: r.u8("priority_flag")?,
            schedule: r.cstring("schedule_delivery_time")?,
            validity: r.cstring("validity_period")?,
            registered_delivery: r.u8("registered_delivery")?,
            replace_if_present: r.u8("replace_if_present_flag")?,
            data_coding: r.u8("data_coding")?,
            ..Self::default()
        };
        r.u8("sm_default_msg_id")?;
        let length = r.u8("sm_length")?;
        message.short_message = r.octets(usize::from(length), "short_message")?;
        message.tlvs = read_tlvs(r)?;
        Ok(message)
    }

    /// The message's octets: `message_payload` when `short_message` is empty.
    #[must_use]
    pub fn text(&self) -> Bytes {
        match find_tlv(&self.tlvs, tag::MESSAGE_PAYLOAD) {
            Some(payload) if self.short_message.is_empty() => payload.value.clone(),
            _ => self.short_message.clone(),
        }
    }
}

/// `data_sm`: fewer fields, the text always in `message_payload`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataSm(pub ShortMessage);

impl DataSm {
    /// Reads the body; the fields `data_sm` lacks keep their defaults.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        let r = &mut reader;
        Ok(Self(ShortMessage {
            service_type: r.cstring("service_type")?,
            source: Address::read(r, "source_addr")?,
            dest: Address::read(r, "destination_addr")?,
            esm_class: r.u8("esm_class")?,
            registered_delivery: r.u8("registered_delivery")?,
            data_coding: r.u8("data_coding")?,
            tlvs: read_tlvs(r)?,
            ..ShortMessage::default()
        }))
    }

    /// Appends the body: the text and the TLVs of `message`.
    pub fn put(out: &mut BytesMut, message: &MessageRef<'_>) {
        put_cstring(out, message.service_type, 5);
        for (ton, npi, digits) in [message.source, message.dest] {
            out.put_slice(&[ton, npi]);
            put_cstring(out, digits, 64);
        }
        out.put_slice(&[message.esm_class, message.registered_delivery, message.data_coding]);
        put_tlv(out, tag::MESSAGE_PAYLOAD, &message.text);
        for tlv in message.tlvs {
            put_tlv(out, tlv.tag, &[&tlv.value]);
        }
    }
}

/// `query_sm`: what became of that message?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuerySm {
    /// Id the SMSC gave.
    pub message_id: String,
    /// Source address as submitted.
    pub source: Address,
}

impl QuerySm {
    /// Appends the body.
    pub fn put(&self, out: &mut BytesMut) {
        put_cstring(out, &self.message_id, 64);
        out.put_slice(&[self.source.ton, self.source.npi]);
        put_cstring(out, &self.source.digits, 20);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        Ok(Self {
            message_id: reader.cstring("message_id")?,
            source: Address::read(&mut reader, "source_addr")?,
        })
    }
}

/// Answer to `query_sm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuerySmResp {
    /// Id that was asked for.
    pub message_id: String,
    /// When it reached its final state, or empty.
    pub final_date: String,
    /// State (section 5.2.28).
    pub message_state: u8,
    /// Network error code, 0 for none.
    pub error_code: u8,
}

impl QuerySmResp {
    /// Appends the body.
    pub fn put(&self, out: &mut BytesMut) {
        put_cstring(out, &self.message_id, 64);
        put_cstring(out, &self.final_date, 16);
        out.put_slice(&[self.message_state, self.error_code]);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        Ok(Self {
            message_id: reader.cstring("message_id")?,
            final_date: reader.cstring("final_date")?,
            message_state: reader.u8("message_state")?,
            error_code: reader.u8("error_code")?,
        })
    }
}

/// Appends the body of `submit_sm_resp`, `deliver_sm_resp` and `data_sm_resp`: the message id.
pub fn put_message_id_resp(out: &mut BytesMut, message_id: &str) {
    put_cstring(out, message_id, 64);
}

/// The message id of a `submit_sm_resp` body. Answers that refuse have none, and some SMSCs leave out the
/// terminator: both are read.
#[must_use]
pub fn read_message_id(body: &[u8]) -> String {
    let end = body.iter().position(|&octet| octet == 0).unwrap_or(body.len());
    String::from_utf8_lossy(&body[..end]).into_owned()
}
