//! E-mail: letters, how they are written down (RFC 5322, MIME) and handed to a relay (SMTP, RFC 5321).
//!
//! A letter goes to one person. The relay's answer is told in four words ([`Carried`]); what is tried again, and when, is the
//! outbox's business.

mod address;
mod compose;
mod letter;
mod outcome;
mod relay;
mod session;

pub use address::{ADDRESS_BYTES_MAX, AddressFault, EmailAddress, Mailbox, NAME_CHARS_MAX};
pub use compose::{ComposeFault, Composed, compose};
pub use letter::{Attachment, Language, Letter};
pub use outcome::{Broken, Carried, Carrier, Phase, carried};
pub use relay::{RelayFault, RelaySettings, RelayTls, SmtpRelay};
