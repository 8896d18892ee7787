//! What the SMSC does with a message, as a script.

use std::borrow::Cow;

use waypost_channels::smpp::{Address, wire::status};

/// A submitted part, as a behaviour sees it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Sender.
    pub source: &'a Address,
    /// Recipient.
    pub dest: &'a Address,
    /// Encoding of the payload.
    pub data_coding: u8,
    /// The part's user data, without its header.
    pub payload: &'a [u8],
    /// Place in a long message.
    pub part: Option<Part>,
    /// Receipts asked for.
    pub registered_delivery: u8,
}

/// Place of a part in a long message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    /// Same for all parts.
    pub reference: u16,
    /// Number of parts.
    pub total: u8,
    /// Number of this part, from 1.
    pub sequence: u8,
}

/// Decides what becomes of each part.
pub trait Behaviour: Send + Sync {
    /// The script for one part. Called on the session's task: it must not block.
    fn plan(&self, incoming: &Incoming<'_>) -> Plan;
}

impl<F: Fn(&Incoming<'_>) -> Plan + Send + Sync> Behaviour for F {
    fn plan(&self, incoming: &Incoming<'_>) -> Plan {
        self(incoming)
    }
}

/// The script for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How the submit is answered.
    pub submit: SubmitPlan,
    /// Receipts, if the submit asks for them. None follow a refused submit.
    pub receipts: Vec<ReceiptPlan>,
}

/// How a submit is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmitPlan {
    /// Taken at once.
    Accept,
    /// Taken, answered after so many milliseconds.
    Delay(u32),
    /// Refused with this `command_status`.
    Status(u32),
    /// Taken, but never answered.
    NoAnswer,
    /// Taken, but the connection ends before the answer.
    Drop,
}

/// One receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptPlan {
    /// Milliseconds after the submit.
    pub after_ms: u32,
    /// State word: `DELIVRD`, `UNDELIV`…
    pub stat: Cow<'static, str>,
    /// Error, usually three digits.
    pub err: Cow<'static, str>,
    /// Where the facts are.
    pub form: ReceiptForm,
    /// Sent before the submit's answer.
    pub before_response: bool,
    /// Sent twice.
    pub duplicate: bool,
    /// Sent with an id nobody was given.
    pub unknown_id: bool,
}

/// Where a receipt has its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptForm {
    /// In the text, as in the standard's appendix B.
    Text,
    /// In parameters; the text is empty.
    Tlv,
    /// In both.
    #[default]
    Both,
}

impl ReceiptPlan {
    /// At once, in both forms.
    #[must_use]
    pub fn new(stat: impl Into<Cow<'static, str>>, err: impl Into<Cow<'static, str>>) -> Self {
        Self {
            after_ms: 0,
            stat: stat.into(),
            err: err.into(),
            form: ReceiptForm::default(),
            before_response: false,
            duplicate: false,
            unknown_id: false,
        }
    }
}

impl Plan {
    /// Taken and delivered.
    #[must_use]
    pub fn delivered() -> Self {
        Self::receipt(ReceiptPlan::new("DELIVRD", "000"))
    }

    /// Taken; nothing is heard of it again.
    #[must_use]
    pub fn silent() -> Self {
        Self { submit: SubmitPlan::Accept, receipts: Vec::new() }
    }

    /// Taken, with one receipt.
    #[must_use]
    pub fn receipt(receipt: ReceiptPlan) -> Self {
        Self { submit: SubmitPlan::Accept, receipts: vec![receipt] }
    }

    /// Refused with this `command_status`.
    #[must_use]
    pub fn refused(status: u32) -> Self {
        Self { submit: SubmitPlan::Status(status), receipts: Vec::new() }
    }

    /// Answered otherwise than at once.
    #[must_use]
    pub fn answered(self, submit: SubmitPlan) -> Self {
        Self { submit, ..self }
    }
}

impl SubmitPlan {
    /// The `command_status` of the answer.
    pub(super) fn status(self) -> u32 {
        match self {
            Self::Status(status) => status,
            Self::Accept | Self::Delay(_) | Self::NoAnswer | Self::Drop => status::ESME_ROK,
        }
    }
}
