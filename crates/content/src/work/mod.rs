//! What runs outside a request: lanes, their exchanges with partners, and the upkeep.

mod exchange;
mod runtime;
mod tell;
mod tell_mail;
mod turn;
mod upkeep;

pub use exchange::parse_url;
pub use runtime::{Parts, Runtime, Settings, Shared, StartError};
pub use tell_mail::AlertMail;
