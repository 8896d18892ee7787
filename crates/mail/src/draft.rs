//! What a family hands to the outbox.

use waypost_channels::email::{Attachment, Language, Mailbox};
use waypost_store::TenantId;

use crate::guard::Ask;

/// Why a letter is written; stored and shown as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A notification an application asked for.
    Notification,
    /// The code that confirms an address.
    VerificationCode,
    /// An invite to a service.
    Invite,
    /// An account's recovery.
    Recovery,
    /// A service request handed over.
    Transfer,
    /// An alert of the content family.
    Alert,
}

impl Reason {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::VerificationCode => "verification code",
            Self::Invite => "invite",
            Self::Recovery => "recovery",
            Self::Transfer => "transfer",
            Self::Alert => "alert",
        }
    }
}

/// A letter before the outbox has made it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whose it is.
    pub tenant: TenantId,
    /// Why it is written.
    pub reason: Reason,
    /// The id of what it tells of, in its family; 0: nothing.
    pub about: i64,
    /// The sender asked for. One of the outbox's own domain is taken; any other becomes where answers go, since the relay may
    /// not send for it.
    pub from: Option<Mailbox>,
    /// Who gets it.
    pub to: Mailbox,
    /// Its language.
    pub language: Option<Language>,
    /// One line.
    pub subject: String,
    /// The body.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// What the sender says of the safeguard.
    pub ask: Ask,
}

impl Draft {
    /// A letter of words only.
    #[must_use]
    pub const fn of(
        tenant: TenantId,
        (reason, about): (Reason, i64),
        to: Mailbox,
        subject: String,
        text: String,
    ) -> Self {
        let ask = Ask { on: false, overridden: false };
        Self {
            tenant,
            reason,
            about,
            from: None,
            to,
            language: None,
            subject,
            text,
            html: None,
            attachments: Vec::new(),
            ask,
        }
    }

    /// What it will take, bytes, before encoding.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let files: usize = self.attachments.iter().map(|file| file.bytes.len() + file.name.len()).sum();
        self.subject.len() + self.text.len() + self.html.as_ref().map_or(0, String::len) + files
    }
}
