//! What the ledger keeps of an SMS, and how it becomes parts.

use serde::{Deserialize, Serialize};
use waypost_channels::smpp::Address;
use waypost_core::id::MessageId;
use waypost_core::outcome::code;
use waypost_core::sender::SenderId;
use waypost_core::sms::segment::{Concatenation, SegmentError, Segmented, SmsContent as Content, segment};

use super::links::{LinkCodes, StoredLink};
use super::sms_item::SmsItem;
use crate::rules::{SmsBody, SmsContent, SmsKind, decode_hex};

/// The stored form of an SMS. Field names are on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSms {
    /// The contract's `type`, 1 to 4.
    pub kind: u8,
    /// The text, placeholders filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The body of a binary message, as the client wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// The sender id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// India's template id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dlt_template: Option<String>,
    /// Its smart links: their placeholders are filled when a message leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<StoredLink>,
    /// The code with which our own rules end every message of the request, found when it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u16>,
}

impl StoredSms {
    /// What is kept of `content`; `refused` is the outcome of the content's own checks.
    #[must_use]
    pub fn of(content: &SmsContent, refused: Option<u16>) -> Self {
        let mut stored = Self {
            kind: content.kind.number(),
            sender: content.sender.clone(),
            dlt_template: content.dlt_template.clone(),
            refused,
            ..Self::default()
        };
        match &content.body {
            SmsBody::Text { text, .. } => stored.text = Some(text.clone()),
            SmsBody::Binary(hex) => stored.hex = Some(hex.clone()),
            SmsBody::Template => {}
        }
        stored
    }

    /// The same with the message's own links in its text.
    #[must_use]
    pub fn linked(mut self, codes: &LinkCodes, message: MessageId) -> Self {
        if !self.links.is_empty() {
            self.text = self.text.map(|text| codes.fill(&text, message, &self.links));
        }
        self
    }

    /// Reads the stored form; `None` when it is not ours.
    #[must_use]
    pub fn read(content: &str) -> Option<Self> {
        serde_json::from_str(content).ok()
    }

    /// The stored form.
    #[must_use]
    pub fn write(&self) -> String {
        // Strings and numbers only: writing them to memory cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Cuts the message into parts.
///
/// # Errors
/// The code with which it ends when it cannot be cut: 7205 for a bad binary body, 7107 when it is too long.
pub fn segmented(item: &SmsItem, stored: &StoredSms, mode: Concatenation) -> Result<Segmented, u16> {
    let octets;
    let text = stored.text.as_deref().unwrap_or_default();
    let kind = SmsKind::parse(&stored.kind.to_string()).unwrap_or_default();
    let content = match kind {
        SmsKind::Text => Content::Text(text),
        SmsKind::Flash => Content::Flash(text),
        SmsKind::Unicode => Content::Unicode(text),
        SmsKind::Binary => {
            octets = stored.hex.as_deref().and_then(decode_hex).ok_or(BAD_BINARY)?;
            Content::Binary(&octets)
        }
    };
    // The same message keeps its reference over all attempts, so that parts of two attempts still join.
    let reference = (item.message().id.0 & 0xffff) as u16;
    segment(content, mode, reference).map_err(|error| match error {
        SegmentError::Empty if kind == SmsKind::Binary => BAD_BINARY,
        SegmentError::Empty => code::FAILED_AT_PLATFORM,
        _ => TOO_LONG,
    })
}

const BAD_BINARY: u16 = 7205;
const TOO_LONG: u16 = 7107;

/// The sender as SMPP addresses it; empty when the message has none.
#[must_use]
pub fn source_address(stored: &StoredSms) -> Address {
    let Some(sender) = stored.sender.as_deref() else { return Address::default() };
    match SenderId::parse(sender) {
        Ok(sender) => Address { ton: sender.ton(), npi: sender.npi(), digits: sender.as_str().to_owned() },
        Err(_) => Address { ton: 5, npi: 0, digits: sender.to_owned() },
    }
}
