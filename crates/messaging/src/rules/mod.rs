//! What the family decides, as functions of their arguments: no clock, no network, no store.

mod channel;
mod destination;
pub mod event;
pub mod happening;
mod members;
mod missing;
mod node;
mod outcome;
mod param;
mod placeholder;
mod plan;
pub mod policy;
pub mod preview;
pub mod profile;
mod refusal;
mod request;
mod sms;
pub mod template;

pub use crate::wire::IdType;
pub use channel::{InteractiveFault, Ott};
pub use missing::Missing;
pub use outcome::{EarlyOutcome, Policies, content_outcome, destination_outcome, outcome_checks};
pub use param::Param;
pub use placeholder::fill_spoken;
pub use plan::{
    CALLBACK_DATA_CHARS_MAX, CORRELATION_BYTES_MAX, Content, NOTIFY_URL_BYTES_MAX, NotifyTo, Plan, Priority,
    Route, ServiceView, SmartLink, SmsBody, SmsContent, SmsKind, TEXT_CHARS_MAX, Template, Unit, UnitPlan,
    VOICE_PARAMETER_BYTES_MAX,
};
pub use refusal::{Detail, Field, Limit, Refusal};
pub use request::validate;
pub use sms::decode_hex;

#[cfg(test)]
mod tests;
