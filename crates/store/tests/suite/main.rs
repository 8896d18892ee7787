//! The store's promises, each checked on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets an error has failed")]

mod directory;
mod keys;
mod ledger;
mod opening;
mod retention;
mod sql;
mod tls;
mod transfer;
mod work;
mod writer;
