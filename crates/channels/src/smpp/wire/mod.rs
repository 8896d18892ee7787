//! SMPP 3.4 on the wire: framing, fields, PDUs. No sockets, no state.
//!
//! The codec is our own rather than `rusmpp`'s for three reasons. A PDU that does not decode must still be answered
//! (`deliver_sm_resp` or `generic_nack` with *its* sequence number) and must not lose the frame boundary: `rusmpp`
//! gives back an error without the header, with the body half consumed. Operators send addresses and ids
//! that break the standard's maximum lengths and character sets, which a client has to read all the same. And the
//! simulator has to see the broken field itself to name it with the right `command_status`. `rusmpp` remains as an
//! independent peer in the tests: what one writes the other must read.

mod bind;
mod fields;
mod frame;
mod message;
pub mod status;
mod tlv;

pub use bind::{Bind, BindResp, Outbind};
pub use fields::{DecodeError, Reader, put_cstring};
pub use frame::{FrameError, HEADER_BYTES, Header, PDU_BYTES_MAX, next_frame, put_frame, put_header_only};
pub use message::{
    Address, DataSm, MessageRef, QuerySm, QuerySmResp, ShortMessage, put_message, put_message_id_resp,
    read_message_id,
};
pub use tlv::{Tlv, find_tlv, tag};

/// `command_id` values of SMPP 3.4, section 5.1.2.1.
pub mod command {
    /// Answer to a PDU that cannot be answered in kind.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// Bind for receiving only.
    pub const BIND_RECEIVER: u32 = 0x01;
    /// Bind for sending only.
    pub const BIND_TRANSMITTER: u32 = 0x02;
    /// Ask for the state of a message.
    pub const QUERY_SM: u32 = 0x03;
    /// Submit one short message.
    pub const SUBMIT_SM: u32 = 0x04;
    /// A message or receipt from the SMSC.
    pub const DELIVER_SM: u32 = 0x05;
    /// End the session.
    pub const UNBIND: u32 = 0x06;
    /// Bind for both directions.
    pub const BIND_TRANSCEIVER: u32 = 0x09;
    /// The SMSC asks the ESME to bind.
    pub const OUTBIND: u32 = 0x0B;
    /// Is the link alive?
    pub const ENQUIRE_LINK: u32 = 0x15;
    /// A handset became available; has no answer.
    pub const ALERT_NOTIFICATION: u32 = 0x102;
    /// A message in either direction, its text in a TLV.
    pub const DATA_SM: u32 = 0x103;
    /// The bit that makes a request's id its answer's id.
    pub const RESPONSE: u32 = 0x8000_0000;
}

/// Bits of `esm_class`, section 5.2.12.
pub mod esm {
    /// The message begins with a user data header.
    pub const UDHI: u8 = 0x40;
    /// `deliver_sm` carries a receipt for a submitted message.
    pub const RECEIPT: u8 = 0x04;
    /// `deliver_sm` carries an intermediate notification.
    pub const INTERMEDIATE: u8 = 0x20;
    /// Mask of the message type bits.
    pub const TYPE_MASK: u8 = 0x3C;
}
