//! Profiles over a real store, on both engines.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod addresses;
mod support;
