//! The family's workers on a store, without a server around them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod policy;
mod support;
mod takeover;
