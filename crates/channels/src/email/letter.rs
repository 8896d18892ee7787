//! What is sent.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use waypost_core::time::Micros;

use super::Mailbox;

/// The language of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

impl Language {
    /// Its tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

/// A letter to one person, complete and final: sent again it is the same letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// `local@domain` of the `Message-ID`; the same at each attempt, so that a receiver can know a second copy.
    pub message_id: String,
    /// When it was written: its `Date`.
    pub written_at: Micros,
    /// Who sends it; also the envelope's sender, to whom what cannot be delivered is returned.
    pub from: Mailbox,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Mailbox>,
    /// Who gets it.
    pub to: Mailbox,
    /// Who was to get it, when the safeguard diverted it to [`Letter::to`].
    pub meant_for: Option<Mailbox>,
    /// The subject, on one line.
    pub subject: String,
    /// The body for every reader.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Its language, where it is known.
    pub language: Option<Language>,
    /// What is attached, in this order.
    pub attachments: Vec<Attachment>,
}

/// Personal: never in a log.
impl fmt::Debug for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Letter").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// A file in a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name, on one line.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    #[serde(serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Attachment").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

fn write_bytes<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&STANDARD.encode(bytes))
}

fn read_bytes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}
