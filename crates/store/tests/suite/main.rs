//! The store's promises, each checked on SQLite and on PostgreSQL.

mod directory;
mod keys;
mod opening;
mod sql;
mod work;
mod writer;
