//! Calls over a trunk whose far end is SIPp, which nobody here wrote.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests panic when what they rely on is not there"
)]

mod endings;
mod leaks;
mod media;
mod support;
mod transfer;
