//! The receiver over HTTP, on SQLite and PostgreSQL: what comes back, and what is kept.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod codes;
mod dialects;
mod hostile;
mod support;
mod vectors;
