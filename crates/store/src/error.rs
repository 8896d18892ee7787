//! What can go wrong in the store.

use thiserror::Error;

/// Why a job, a read or the opening of the store failed.
///
/// `Clone` because one failed commit answers every job of its group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The queue is at its bound; nothing was done. Try again later, or refuse the caller.
    #[error("the store's queue is full")]
    Busy,
    /// The store was closed; nothing was done.
    #[error("the store is closed")]
    Closed,
    /// The engine could not be reached, or the connection was lost. When it was lost while the commit was on its
    /// way, the outcome is unknown: the caller must treat the job as "may have happened".
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A unique key, a foreign key, a check or a data rule refused the row; the job's transaction was rolled back.
    #[error("the store refused a row: {detail}")]
    Constraint {
        /// What the engine said.
        detail: String,
    },
    /// PostgreSQL asked to run the transaction again (deadlock, serialization), three times in a row.
    #[error("the transaction met another one: {0}")]
    Conflict(String),
    /// A statement or a stored value is not what the schema says: a bug or a damaged file.
    #[error("the store's data or a statement is not as expected: {0}")]
    Corrupt(String),
    /// The schema in the store is not one this program can use.
    #[error("schema version {found} in the store, this program knows up to {known}: {remedy}")]
    Schema {
        /// The version in the store.
        found: i64,
        /// The newest version this program knows.
        known: i64,
        /// What the operator should run.
        remedy: String,
    },
    /// A rule refused what was asked; the text is for whoever asked. Nothing was stored.
    #[error("{0}")]
    Refused(String),
    /// The job panicked; its transaction was rolled back and the writer lives on.
    #[error("a store job panicked: {0}")]
    Panicked(String),
    /// The engine has no such operation; the text names the tool that has.
    #[error("{0}")]
    Unsupported(String),
}

impl StoreError {
    /// Whether running the job again by itself may succeed: false when the engine is away or the queue is full.
    #[must_use]
    pub const fn is_of_one_job(&self) -> bool {
        !matches!(self, Self::Unavailable(_) | Self::Busy | Self::Closed)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
