//! The catalogue of status codes: typed, looked up, linted, explained, proven.
//!
//! The rows live as data in `catalogue/`, one file per API (MTAPI: one per controller). The build script checks them and
//! makes of them one enum per API, whose variants are the only way to a [`Status`], and a [`Status`] is the only thing an
//! answer is made of: so there is no answer without a code.
//!
//! ```
//! use waypost_status::MessagingCode;
//!
//! let status = MessagingCode::ActionValueMissing.status_with(&[("action", "OPEN_URL")]);
//! assert_eq!(status.code_str(), "7003");
//! assert_eq!(status.message(), "mandatory param value missing for action OPEN_URL");
//! ```
#![forbid(unsafe_code)]

mod codes;
pub mod docs;
mod entry;
mod explain;
mod lint;
pub mod proof;
mod status;
mod template;

pub use codes::{
    BLOCKS, CATALOGUE, EXCEPTIONS, EventCode, MessagingCode, MetadataPushCode, MtapiCode, ProfileCode,
    RealtimeCode, TransactionStatusCode,
};
pub use entry::{Api, Class, Entry, Evidence, Family, Permanence, Phase, Retry};
pub use explain::{SEARCH_RESULTS_MAX, explain, find, search};
pub use lint::{Block, Exception, Fault, Finding, lint_against};
pub use status::Status;
pub use template::{VALUE_CHARS_MAX, fill};

/// Checks entries against the catalogue's own blocks; see [`Fault`] for the rules.
pub fn lint(entries: &[Entry]) -> Vec<Finding> {
    lint_against(entries, BLOCKS, EXCEPTIONS)
}
