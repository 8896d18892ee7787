//! What callers hand to a connection and get back from it.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;

use super::wire::{Address, ShortMessage, Tlv, esm, find_tlv, status, tag};

/// One message part to submit. Fields that are `None` take the connection's configured value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Submit {
    /// Sender; its ton and npi yield to the connection's overrides.
    pub source: Address,
    /// Recipient; its ton and npi yield to the connection's overrides.
    pub dest: Address,
    /// `esm_class` bits beside UDHI, which is set whenever [`udh`](Self::udh) is not empty.
    pub esm_class: u8,
    /// GSM protocol identifier, 0 for plain messages.
    pub protocol_id: u8,
    /// 0 to 3; larger values are sent as 3.
    pub priority: u8,
    /// How long the operator may try.
    pub validity: Option<Validity>,
    /// Receipts wanted (section 5.2.17): 0 none, 1 final, 2 final on failure; add 16 for intermediate ones.
    pub registered_delivery: Option<u8>,
    /// Encoding of the payload (section 5.2.19).
    pub data_coding: u8,
    /// User data header with its length octet, or empty.
    pub udh: Bytes,
    /// The user data, one septet per octet for the GSM alphabet.
    pub payload: Bytes,
    /// Send it in the `message_payload` TLV (done anyhow above 255 octets).
    pub in_payload: bool,
    /// Optional parameters: `sar_*`, `user_message_reference`…
    pub tlvs: Vec<Tlv>,
    /// Service type; at most 5 octets.
    pub service_type: Option<String>,
}

/// How long a message may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validity {
    /// From the moment of submission, in seconds.
    Seconds(u32),
    /// An SMPP time (section 7.1.1), sent as it is.
    Time(String),
}

impl Validity {
    /// The SMPP relative time: years of 365 days, months of 30 days, days, hours, minutes, seconds.
    #[must_use]
    pub fn to_smpp_time(&self) -> String {
        let seconds = match self {
            Self::Time(text) => return text.clone(),
            Self::Seconds(seconds) => u64::from(*seconds),
        };
        let days = seconds / 86_400;
        let (years, days_of_year) = (days / 365, days % 365);
        let mut text = String::with_capacity(16);
        let fields = [
            years,
            days_of_year / 30,
            days_of_year % 30,
            seconds / 3_600 % 24,
            seconds / 60 % 60,
            seconds % 60,
        ];
        for field in fields {
            // Writing to a String cannot fail; years stay below 99 because u32 seconds are 136 years only in theory.
            let _ = write!(text, "{:02}", field.min(99));
        }
        text.push_str("000R");
        text
    }
}

/// What became of one submit.
pub type SubmitResult = Result<Submitted, SubmitError>;

/// The SMSC took responsibility for the part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Its id for the part, exactly as sent: receipts may spell it differently.
    pub message_id: String,
}

/// The SMSC did not, or perhaps did not, take the part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Refused with this `command_status`: not accepted.
    #[error("refused with {}", status::describe(*.0))]
    Status(u32),
    /// Refused because of the rate (`ESME_RTHROTTLED`, `ESME_RMSGQFUL`): not accepted, try later.
    #[error("throttled with {}", status::describe(*.0))]
    Throttled(u32),
    /// Known never to have reached the SMSC as a whole: safe to send elsewhere.
    #[error("not sent: {0}")]
    NotSent(NotSent),
    /// Written, but no answer: it may have been accepted. Sending again may send twice.
    #[error("fate unknown: {0}")]
    Unknown(Unknown),
    /// Answered by `generic_nack`: not accepted.
    #[error("not understood by the SMSC: {}", status::describe(*.0))]
    Nack(u32),
}

impl SubmitError {
    /// The SMSC's `command_status`, where it gave one.
    #[must_use]
    pub fn command_status(&self) -> Option<u32> {
        match self {
            Self::Status(status) | Self::Throttled(status) | Self::Nack(status) => Some(*status),
            Self::NotSent(_) | Self::Unknown(_) => None,
        }
    }

    /// The answer for a status other than `ESME_ROK`.
    #[must_use]
    pub fn of_status(status: u32) -> Self {
        match status {
            status::ESME_RTHROTTLED | status::ESME_RMSGQFUL => Self::Throttled(status),
            other => Self::Status(other),
        }
    }

    /// Whether the SMSC certainly did not accept the part, so that sending it again cannot send it twice.
    #[must_use]
    pub fn known_not_accepted(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

/// Why a part was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The connection is not bound.
    #[error("the connection is not bound")]
    NotBound,
    /// The connection ended before the part was written out.
    #[error("the connection ended before the part was written")]
    Dropped,
    /// The connection is being closed.
    #[error("the connection is closed")]
    Closed,
    /// The window was full: a permit was not waited for.
    #[error("the window is full")]
    WindowFull,
    /// Header, payload and parameters exceed what one PDU can carry.
    #[error("the part does not fit a PDU")]
    TooLong,
}

/// Why the fate of a part is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No answer within the response timeout.
    #[error("no answer within the response timeout")]
    TimedOut,
    /// The connection ended after the part was written.
    #[error("the connection ended after the part was written")]
    Dropped,
}

/// A message or receipt from the SMSC (`deliver_sm`, or `data_sm`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverSm {
    /// Name of the connection it came by: message ids are unique per provider only.
    pub connection: Arc<str>,
    /// Sender.
    pub source: Address,
    /// Recipient.
    pub dest: Address,
    /// See [`esm`].
    pub esm_class: u8,
    /// GSM protocol identifier.
    pub protocol_id: u8,
    /// Encoding of the payload.
    pub data_coding: u8,
    /// `short_message`, or `message_payload` when that is empty; a user data header is still in front.
    pub payload: Bytes,
    /// Id of the message a receipt is for.
    pub receipted_message_id: Option<String>,
    /// Its state (section 5.2.28).
    pub message_state: Option<u8>,
    /// Network type and error code (section 5.3.2.31).
    pub network_error_code: Option<(u8, u16)>,
    /// Concatenation by TLVs.
    pub sar: Option<Sar>,
    /// Reference the sender chose.
    pub user_message_reference: Option<u16>,
}

/// Concatenation of a message by `sar_*` parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sar {
    /// Same for all parts.
    pub reference: u16,
    /// Number of parts.
    pub total: u8,
    /// Number of this part, from 1.
    pub sequence: u8,
}

impl DeliverSm {
    /// Takes a decoded PDU apart.
    #[must_use]
    pub fn new(connection: Arc<str>, message: ShortMessage) -> Self {
        let payload = message.text();
        let tlvs = &message.tlvs;
        Self {
            connection,
            payload,
            esm_class: message.esm_class,
            protocol_id: message.protocol_id,
            data_coding: message.data_coding,
            receipted_message_id: find_tlv(tlvs, tag::RECEIPTED_MESSAGE_ID).map(Tlv::text),
            message_state: octet(tlvs, tag::MESSAGE_STATE),
            network_error_code: network_error(tlvs),
            sar: sar(tlvs),
            user_message_reference: number(tlvs, tag::USER_MESSAGE_REFERENCE),
            source: message.source,
            dest: message.dest,
        }
    }

    /// Whether this is a receipt or intermediate notification rather than a message: by `esm_class`, or by carrying
    /// a receipted message id, since some SMSCs leave `esm_class` at zero.
    #[must_use]
    pub fn is_receipt(&self) -> bool {
        self.esm_class & (esm::RECEIPT | esm::INTERMEDIATE) != 0 || self.receipted_message_id.is_some()
    }
}

fn octet(tlvs: &[Tlv], tag: u16) -> Option<u8> {
    find_tlv(tlvs, tag)?.value.first().copied()
}

fn number(tlvs: &[Tlv], tag: u16) -> Option<u16> {
    let value = &find_tlv(tlvs, tag)?.value;
    value.as_ref().try_into().ok().map(u16::from_be_bytes)
}

fn network_error(tlvs: &[Tlv]) -> Option<(u8, u16)> {
    let [network, high, low] = find_tlv(tlvs, tag::NETWORK_ERROR_CODE)?.value.as_ref().try_into().ok()?;
    Some((network, u16::from_be_bytes([high, low])))
}

fn sar(tlvs: &[Tlv]) -> Option<Sar> {
    Some(Sar {
        reference: number(tlvs, tag::SAR_MSG_REF_NUM)?,
        total: octet(tlvs, tag::SAR_TOTAL_SEGMENTS)?,
        sequence: octet(tlvs, tag::SAR_SEGMENT_SEQNUM)?,
    })
}

/// Our answer to a [`DeliverSm`], given once it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliverAnswer {
    /// It is ours now; the SMSC forgets it.
    Ok,
    /// Not now (`ESME_RX_T_APPN`); the SMSC sends it again.
    TemporaryError,
    /// Never, with this `command_status`.
    Reject(u32),
}

impl DeliverAnswer {
    /// The `command_status` it is said with.
    #[must_use]
    pub fn command_status(self) -> u32 {
        match self {
            Self::Ok => status::ESME_ROK,
            Self::TemporaryError => status::ESME_RX_T_APPN,
            Self::Reject(status) => status,
        }
    }
}
