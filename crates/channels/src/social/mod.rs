//! What the connectors of Messenger, X and WeChat have in common: the table of meanings, one guarded call, media.

mod account;
mod call;
mod connectors;
mod form;
mod media;
pub mod outcomes;

pub(crate) use account::{endpoint, missing};
pub use account::{has_loopback_host, secret_text, text};
pub(crate) use call::{Answer, call, handed};
pub use connectors::SocialConnectors;
pub(crate) use form::form_file;
pub use media::{Media, MediaFault, MediaKind};
pub use outcomes::{Meaning, Meanings, OutcomeRows, Retry};
