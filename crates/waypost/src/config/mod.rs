//! Typed configuration: one TOML file, every setting with a default, overridden by `WAYPOST__SECTION__KEY` variables.
//!
//! [`load`] gives either a configuration that kept every rule or *all* its faults, each with its place, the rule and the remedy.

mod cidr;
mod email;
mod fault;
mod load;
mod place;
mod realtime;
mod rules;
mod secret;
mod sections;
#[cfg(test)]
mod tests;

pub use cidr::Cidr;
pub use email::{Email, EmailTls};
pub use fault::{Fault, Faults};
pub use load::{Overrides, load, load_text};
pub use place::Place;
pub use realtime::{BrokerKind, Realtime};
pub use rules::SUBMIT_ANSWER_MS_MAX;
pub use secret::Secret;
pub use sections::{
    Callbacks, Config, Delivery, Engine, Log, LogFormat, Metrics, Retention, Secrets, Server, Sms, Store,
    Voice,
};
