//! The SMPP connector against the SMSC simulator, over loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of a test fail by panicking")]

mod binding;
mod hostile;
mod outcomes;
mod receipts;
mod submits;
mod support;
mod tls;
