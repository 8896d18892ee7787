//! Claiming visible items.

use waypost_core::time::Micros;

use crate::StoreError;
use crate::sql::{Engine, Param, Row, Sql};

/// An item under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkRow {
    /// The item.
    pub id: i64,
    /// Its queue.
    pub queue: i64,
    /// Its lane, 0 for none.
    pub lane: i64,
    /// The end of the lease.
    pub ready_at: Micros,
    /// Proves the lease when the item is completed, retried or released.
    pub fence: i64,
    /// Attempts that failed so far.
    pub tries: u32,
    /// What it is about.
    pub subject: i64,
    /// After this time it must not be attempted.
    pub expires_at: Option<Micros>,
    /// What the worker needs.
    pub payload: String,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When the item was made.
    pub created_at: Micros,
}

/// The picking is a separate MATERIALIZED step: PostgreSQL could otherwise run a sub-select with LIMIT more than once.
macro_rules! claim_sql {
    ($skip:literal) => {
        concat!(
            "WITH picked AS MATERIALIZED (SELECT w.id FROM work w WHERE w.queue = ?1 AND w.ready_at <= ?2 ",
            "AND (w.lane = 0 OR NOT EXISTS ",
            "(SELECT 1 FROM work h WHERE h.lane <> 0 AND h.lane = w.lane AND h.id < w.id)) ",
            "ORDER BY w.ready_at, w.id LIMIT ?4 ",
            $skip,
            ") UPDATE work SET ready_at = ?3, leased = 1, fence = fence + 1 WHERE id IN (SELECT id FROM picked) ",
            "RETURNING id, queue, lane, ready_at, fence, tries, subject, expires_at, last_error, created_at, payload"
        )
    };
}

/// Leases up to `n` visible items of a queue until `lease_until`, oldest first; of a lane only its head.
///
/// Oldest means due first, then by id: items that were never retried come in the order they were accepted. Two
/// nodes never get the same item.
///
/// # Errors
/// See [`Sql::query`].
pub fn claim(
    tx: &mut dyn Sql,
    queue: i64,
    now: Micros,
    lease_until: Micros,
    n: usize,
) -> Result<Vec<WorkRow>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => claim_sql!(""),
        Engine::Postgres => claim_sql!("FOR UPDATE OF w SKIP LOCKED"),
    };
    let limit = i64::try_from(n).unwrap_or(i64::MAX);
    let rows = tx.query(sql, &[queue.into(), now.into(), lease_until.into(), Param::Int(limit)])?;
    let mut claimed = rows.into_iter().map(work_row).collect::<Result<Vec<_>, _>>()?;
    // RETURNING promises no order.
    claimed.sort_unstable_by_key(|row| row.id);
    Ok(claimed)
}

fn work_row(mut row: Row) -> Result<WorkRow, StoreError> {
    Ok(WorkRow {
        id: row.int(0)?,
        queue: row.int(1)?,
        lane: row.int(2)?,
        ready_at: row.time(3)?,
        fence: row.int(4)?,
        tries: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
        subject: row.int(6)?,
        expires_at: row.opt_time(7)?,
        last_error: row.opt_text(8)?.map(str::to_owned),
        created_at: row.time(9)?,
        payload: row.take_text(10)?,
    })
}
