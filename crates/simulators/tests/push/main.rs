//! The push connector against the push clouds, over loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

mod accounts;
mod apns;
mod fcm;
mod sandbox;
mod strictness;
mod support;
mod web;
