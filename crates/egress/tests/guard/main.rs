//! The client against servers that are good, bad and slow.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod addresses;
mod exchange;
mod far_h2;
mod far_side;
mod h2;
mod tls;
