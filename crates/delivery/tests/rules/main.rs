//! The dispatcher against a source in memory that keeps leases and fences as the store does, in virtual time.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, which may panic")]

mod breaker;
mod fairness;
mod lanes;
mod limits;
mod memory;
mod model;
mod store;
mod threads;
mod waking;
mod world;
