//! What the writer and the readers need of an engine beyond [`Sql`].

use crate::StoreError;
use crate::sql::Sql;

/// One connection with its transactions.
pub(crate) trait Backend: Sql {
    /// Starts a transaction that will write; reconnects first when the connection was lost.
    fn begin_write(&mut self) -> Result<(), StoreError>;

    /// Starts a read-only transaction with one consistent view.
    fn begin_read(&mut self) -> Result<(), StoreError>;

    /// Waits for pending `put`s and commits durably.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Gives the transaction up; never fails, because a lost connection has given it up already.
    fn rollback(&mut self);

    /// Runs several statements without parameters, for migrations.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;

    /// Called after each committed write, for housekeeping outside the transaction.
    fn after_commit(&mut self) {}
}

/// Runs `job` in a read transaction.
pub(crate) fn read<T>(
    db: &mut dyn Backend,
    job: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    db.begin_read()?;
    let outcome = job(db);
    // Nothing was written: rolling back is as good as committing, and cannot fail.
    db.rollback();
    outcome
}
