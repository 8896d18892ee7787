//! The messaging family: Messaging v1 and Transaction Status v1 over SMS.
//!
//! `wire` reads bodies, `rules` decides, `api` answers: one endpoint per file. `records` holds the queries, `work`
//! what runs outside a request.

#![forbid(unsafe_code)]

pub mod api;
pub mod records;
pub mod rt;
pub mod rules;
pub mod wire;
pub mod work;
pub use api::{openapi, router};
