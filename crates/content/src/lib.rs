//! The content family: ordered, acknowledged, audited push of structured content, and the receiver of it.
//!
//! `wire` reads and writes messages, `rules` decides, `api` answers: one endpoint per file. `records` holds the queries,
//! `work` what runs outside a request.

#![forbid(unsafe_code)]

pub mod answer;
pub mod api;
pub mod certify;
pub mod import;
pub mod kind;
pub mod records;
pub mod rules;
pub mod sample;
pub mod wire;
pub mod work;

pub use api::router;
pub use kind::{Kind, Op};
