//! What the webhooks of Messenger, X and WeChat bring, in one form.

pub mod messenger;
pub mod twitter;
pub mod wechat;
pub mod wechat_seal;

use waypost_core::time::Micros;

/// One thing that happened at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A user said something.
    Said(Said),
    /// Messages were delivered.
    Delivered {
        /// The provider's ids of them; where there are none, `until` says which.
        ids: Vec<String>,
        /// The user.
        user: String,
        /// Everything sent up to then.
        until: Option<Micros>,
    },
    /// Messages were read.
    Read {
        /// The user.
        user: String,
        /// Everything sent up to then.
        until: Micros,
    },
}

/// What kind of saying it is: the `event` of spec 4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidEvent {
    /// A message.
    Mo,
    /// A button was pressed.
    OnPostback,
}

impl SaidEvent {
    /// The word of the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mo => "MO",
            Self::OnPostback => "OnPostback",
        }
    }
}

/// What a user said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The user, as the provider names them to us.
    pub user: String,
    /// What kind it is.
    pub event: SaidEvent,
    /// Its text; empty when it has none.
    pub text: String,
    /// Its attachments as a JSON array.
    pub attachments: Option<String>,
    /// What the pressed button carries.
    pub postback: Option<String>,
    /// The provider's id of it, by which a webhook that is sent twice is recognised.
    pub provider_ref: String,
}

/// Longest id of a user or a message that is kept, in bytes.
const ID_BYTES_MAX: usize = 255;

/// An id that can be kept.
fn id(text: &str) -> Option<String> {
    // No text of the ledger can hold a NUL.
    (!text.is_empty() && text.len() <= ID_BYTES_MAX && !text.contains('\0')).then(|| text.to_owned())
}

/// A text that can be kept.
fn kept(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').collect()
}
