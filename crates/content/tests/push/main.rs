//! The pusher over real connections: a store, simulated partners with faults, audits.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod alerts;
mod audits;
mod faults;
mod launch;
mod model;
mod property;
mod support;
