//! The connector against the simulated relay: how letters look at the far end, and what its answers are taken for.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod letters;
mod outcomes;
mod strictness;
mod support;
mod tls;
