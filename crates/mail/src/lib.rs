//! The outbox: e-mail that leaves for certain.
//!
//! A letter is written in the transaction of what it tells of ([`Outbox::enqueue`]), sealed, with a work row beside it; after the
//! commit the worker is told ([`Outbox::release`]) and hands it to the carrier, again and again where that makes sense. What
//! became of each letter stands in its row until its days are over.

#![forbid(unsafe_code)]

mod attempt;
mod draft;
mod guard;
mod outbox;
pub mod records;
mod runtime;
mod worker;

/// What letters are made of, and what carries them.
pub use waypost_channels::email;

pub use draft::{Draft, Reason};
pub use guard::{Allowed, Ask, Fate, Safeguard};
pub use outbox::{Outbox, OutboxSettings};
pub use runtime::{Parts, Runtime, Settings, StartError};
