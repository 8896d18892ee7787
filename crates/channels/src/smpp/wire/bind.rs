//! `bind_*`, their answers, and `outbind` (section 4.1).

use bytes::{BufMut, BytesMut};

use super::{
    fields::{DecodeError, Reader, put_cstring},
    tlv::{Tlv, put_tlv, read_tlvs, tag},
};

/// Body of `bind_transmitter`, `bind_receiver` and `bind_transceiver`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bind {
    /// Name of the account; at most 15 octets.
    pub system_id: String,
    /// Its password; at most 8 octets.
    pub password: String,
    /// Kind of client, as agreed with the operator; at most 12 octets.
    pub system_type: String,
    /// 0x34 for SMPP 3.4.
    pub interface_version: u8,
    /// Type of number of the addresses served.
    pub addr_ton: u8,
    /// Numbering plan of the addresses served.
    pub addr_npi: u8,
    /// Pattern of the addresses served; at most 40 octets.
    pub address_range: String,
}

impl std::fmt::Debug for Bind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bind")
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .field("system_type", &self.system_type)
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

impl Bind {
    /// Appends the body.
    pub fn put(&self, out: &mut BytesMut) {
        put_cstring(out, &self.system_id, 15);
        put_cstring(out, &self.password, 8);
        put_cstring(out, &self.system_type, 12);
        out.put_slice(&[self.interface_version, self.addr_ton, self.addr_npi]);
        put_cstring(out, &self.address_range, 40);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        Ok(Self {
            system_id: reader.cstring("system_id")?,
            password: reader.cstring("password")?,
            system_type: reader.cstring("system_type")?,
            interface_version: reader.u8("interface_version")?,
            addr_ton: reader.u8("addr_ton")?,
            addr_npi: reader.u8("addr_npi")?,
            address_range: reader.cstring("address_range")?,
        })
    }
}

/// Body of the bind answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BindResp {
    /// Name of the SMSC.
    pub system_id: String,
    /// Version the SMSC says it speaks.
    pub interface_version: Option<u8>,
}

impl BindResp {
    /// Appends the body.
    pub fn put(&self, out: &mut BytesMut) {
        put_cstring(out, &self.system_id, 15);
        if let Some(version) = self.interface_version {
            put_tlv(out, tag::SC_INTERFACE_VERSION, &[&[version]]);
        }
    }

    /// Reads the body. Refusals often have none at all, and some SMSCs send a broken TLV: neither is worth a bind.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        let mut reader = Reader::new(body);
        let system_id = reader.cstring("system_id").unwrap_or_default();
        let tlvs = read_tlvs(&mut reader).unwrap_or_default();
        let interface_version = tlvs
            .iter()
            .find(|Tlv { tag, .. }| *tag == tag::SC_INTERFACE_VERSION)
            .and_then(|tlv| tlv.value.first().copied());
        Self { system_id, interface_version }
    }
}

/// Body of `outbind`: the SMSC names itself and asks to be bound to.
#[derive(Clone, PartialEq, Eq)]
pub struct Outbind {
    /// Name of the SMSC.
    pub system_id: String,
    /// Its password towards us.
    pub password: String,
}

impl std::fmt::Debug for Outbind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbind").field("system_id", &self.system_id).finish_non_exhaustive()
    }
}

impl Outbind {
    /// Appends the body.
    pub fn put(&self, out: &mut BytesMut) {
        put_cstring(out, &self.system_id, 15);
        put_cstring(out, &self.password, 8);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`DecodeError`] when it is cut short.
    pub fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body);
        Ok(Self { system_id: reader.cstring("system_id")?, password: reader.cstring("password")? })
    }
}
