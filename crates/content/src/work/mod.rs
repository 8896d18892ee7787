//! What runs outside a request: lanes, their exchanges with partners, and the upkeep.

mod exchange;
mod runtime;
mod tell;
mod turn;
mod upkeep;

pub use exchange::parse_url;
pub use runtime::{Parts, Runtime, Settings, Shared, StartError};
