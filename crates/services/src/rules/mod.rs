//! Decisions without I/O.

pub mod artifact;
pub mod contact;
pub mod enrolment;
pub mod fault;
pub mod file_name;
pub mod fill;
pub mod grant;
pub mod history;
pub mod iso3166;
pub mod notice;
pub mod part;
pub mod permission;
pub mod place;
pub mod refusal;
pub mod setting;
pub mod sniff;
pub mod srql;
pub mod status;
pub mod time;
pub mod token;
pub mod words;

pub use fault::Fault;
pub use grant::{Area, Grant, Grants};
pub use refusal::{Detail, Refusal};
pub use status::RequestStatus;
