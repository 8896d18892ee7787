//! One schema and one set of queries on two engines: SQLite and PostgreSQL.
//!
//! Writes are jobs: re-runnable closures over [`Sql`] that one thread runs in groups, one durable commit a group
//! ([`Store::write`]). Reads run beside it. `keys` finds rows by random keys, `work` keeps what has to leave the house,
//! `directory` is what operators set up.

#![forbid(unsafe_code)]

mod backend;
mod config;
mod ctx;
pub mod directory;
mod error;
pub mod keys;
mod memo;
mod postgres;
pub mod profiles;
mod readers;
pub mod retention;
mod schema;
pub mod seal;
pub mod sql;
mod sqlite;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transfer;
pub mod work;
mod writer;

pub use config::{Location, OpenMode, StoreConfig};
pub use ctx::{Actor, Ctx, TenantId};
pub use error::StoreError;
pub use memo::Memo;
pub use schema::KNOWN_VERSION;
pub use sql::{Engine, Param, Row, Sql, Value, query_one};
pub use store::Store;
pub use work::QueueKey;
