//! The messaging family: Messaging v1 and Transaction Status v1 over SMS.
//!
//! `wire` reads bodies, `rules` decides, `api` answers: one endpoint per file.

#![forbid(unsafe_code)]

pub mod rules;
pub mod wire;
