//! The endpoints over HTTP, without a store: what comes back, and what would have been kept.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod auth;
mod events;
mod hostile;
mod media;
mod messaging;
mod openapi;
mod support;
mod voice;
mod watch;
mod webhooks;
