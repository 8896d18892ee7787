//! Profiles over a real store, on both engines.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod addresses;
mod app;
mod customer;
mod device;
mod gate;
mod hostile;
mod idempotency;
mod keeping;
mod queue;
mod server;
mod support;
