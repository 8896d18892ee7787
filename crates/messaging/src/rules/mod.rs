//! What the family decides, as functions of their arguments: no clock, no network, no store.

mod blocks;
mod destination;
mod interactive;
mod ott;
mod outcome;
mod placeholder;
mod plan;
pub mod policy;
pub mod profile;
mod refusal;
mod request;
mod sms;

pub use crate::wire::IdType;
pub use interactive::InteractiveFault;
pub use ott::Ott;
pub use outcome::{EarlyOutcome, Policies, content_outcome, destination_outcome, outcome_checks};
pub use plan::{
    CALLBACK_DATA_CHARS_MAX, CORRELATION_BYTES_MAX, Content, NOTIFY_URL_BYTES_MAX, NotifyTo, Plan, Priority,
    Route, ServiceView, SmsBody, SmsContent, SmsKind, TEXT_CHARS_MAX, Template, Unit, UnitPlan,
};
pub use refusal::{Detail, Missing, Param, Refusal};
pub use request::validate;
pub use sms::decode_hex;

#[cfg(test)]
mod tests;
