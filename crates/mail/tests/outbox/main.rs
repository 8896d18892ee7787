//! The outbox on both engines, with a carrier and a clock in the test's hands.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod again;
mod letters;
mod sending;
mod support;
