//! SIP, the caller's side: messages, digest authentication, transactions and the call, none of them with a clock or a
//! socket of its own.
//!
//! Written here rather than taken: `rsip` 0.4 states no licence and is not maintained, `rsipstack` owns its sockets and its
//! timers, so neither can be held still by a test; and a call needs a small part of the standard.

pub mod call;
mod dialog;
pub mod digest;
pub mod message;
pub mod parse;
pub mod strangers;
pub mod transaction;

/// What we answer.
pub(crate) const ALLOWED: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";
/// Who we say we are.
pub(crate) const AGENT: &str = "Waypost";
