//! Pure rules and types: ids, clock, phone numbers, SMS segments, transitions. No tokio, no I/O.
//!
//! Everything here is a function of its arguments. Clock and randomness come in as values, so that a
//! rule can be tested with every input, and every crate above shares one definition of a word.

#![forbid(unsafe_code)]

pub mod channel;
pub mod id;
pub mod key;
pub mod keyword;
pub mod limit;
pub mod msisdn;
pub mod outcome;
pub mod policy;
pub mod retry;
pub mod sandbox;
pub mod sender;
pub mod sms;
pub mod time;
