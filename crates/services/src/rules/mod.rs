//! Decisions without I/O.

pub mod enrolment;
pub mod fault;
pub mod grant;
pub mod history;
pub mod place;
pub mod refusal;
pub mod srql;
pub mod status;
pub mod time;
pub mod token;

pub use fault::Fault;
pub use grant::{Area, Grant, Grants};
pub use refusal::{Detail, Refusal};
pub use status::RequestStatus;
