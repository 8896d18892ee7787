//! The whole server from outside, on both stores.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "failing is a test's answer")]

mod answers;
mod blocks;
mod bulk;
mod callbacks;
mod channels;
mod content;
mod credits;
mod documents;
mod events;
mod files;
mod files_s3;
mod fuzz;
mod hostile;
mod idempotency;
mod inbound;
mod inbox;
mod links;
mod operator;
mod outcomes;
mod policies;
mod profiles;
mod realtime;
mod realtime_away;
mod realtime_options;
mod receipts;
mod restart;
mod routes;
mod rt_media;
mod rt_tokens;
mod rules;
mod sandbox;
mod social;
mod statuses;
mod templates;
mod tenants;
mod topics;
mod voice;
mod voice_flows;
mod walk;

/// The server's program, for tests that kill it.
const SERVER: &str = env!("CARGO_BIN_EXE_waypost-under-test");
