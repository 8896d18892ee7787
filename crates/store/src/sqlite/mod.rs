//! The embedded engine: one SQLite file in WAL mode, `synchronous=FULL`.

mod backup;
mod checkpoint;
mod connection;
mod errors;
mod lock;

pub(crate) use backup::backup;
pub(crate) use checkpoint::Checkpointer;
pub(crate) use connection::{Role, SqliteConnection};
pub(crate) use lock::ServerLock;
