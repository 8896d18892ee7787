//! Work: what has to leave the house, in queues, under leases with fences.
//!
//! `ready_at` is both the due time and the lease: an item is visible when `ready_at <= now`. Claiming moves it ahead to
//! the end of the lease and raises `fence`; completing, retrying and releasing check the fence, so that whoever lost
//! its lease changes nothing.

mod claim;
mod queue;

use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use crate::StoreError;
use crate::sql::{Sql, query_one};

pub use claim::{WorkRow, claim};
pub use queue::{QueueKey, ensure_queue, queues};

/// Bytes of an error text that are kept.
const ERROR_BYTES_MAX: usize = 500;

/// An item to be done.
#[derive(Clone, Copy, Debug)]
pub struct NewWork<'a> {
    /// A fresh id of the id generator: its time becomes `created_at`.
    pub id: i64,
    /// The queue; see [`ensure_queue`].
    pub queue: &'a QueueKey,
    /// Items of one lane are done one after the other, by id; 0 for none.
    pub lane: i64,
    /// When it is due; when `leased`, the end of the lease.
    pub ready_at: Micros,
    /// Born leased to this process: fence 1. Otherwise fence 0.
    pub leased: bool,
    /// What it is about, usually a message id.
    pub subject: i64,
    /// After this time it must not be attempted; the worker decides what that means.
    pub expires_at: Option<Micros>,
    /// What the worker needs, as its kind defines.
    pub payload: &'a str,
}

/// Stores an item.
///
/// # Errors
/// See [`Sql::put`].
pub fn insert(tx: &mut dyn Sql, work: &NewWork<'_>) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO work (id, queue, lane, ready_at, leased, fence, tries, subject, expires_at, payload, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, 0, ?6, ?7, ?8, ?9)",
        &[
            work.id.into(),
            work.queue.id().into(),
            work.lane.into(),
            work.ready_at.into(),
            work.leased.into(),
            work.subject.into(),
            work.expires_at.into(),
            work.payload.into(),
            MessageId(work.id).time().into(),
        ],
    )
}

/// Removes an item that is done; false when `fence` is old: somebody else has it now.
///
/// # Errors
/// See [`Sql::exec`].
pub fn complete(tx: &mut dyn Sql, id: i64, fence: i64) -> Result<bool, StoreError> {
    Ok(tx.exec("DELETE FROM work WHERE id = ?1 AND fence = ?2", &[id.into(), fence.into()])? == 1)
}

/// Gives an item back after a failed attempt, due at `ready_at`, and counts the try; false when `fence` is old.
///
/// # Errors
/// See [`Sql::exec`].
pub fn retry(
    tx: &mut dyn Sql,
    id: i64,
    fence: i64,
    ready_at: Micros,
    error: &str,
) -> Result<bool, StoreError> {
    let error = error.get(..error.floor_char_boundary(ERROR_BYTES_MAX)).unwrap_or(error);
    // The fence rises here too: a second retry of the same attempt must not count twice.
    let touched = tx.exec(
        "UPDATE work SET ready_at = ?3, leased = 0, fence = fence + 1, tries = tries + 1, last_error = ?4 \
         WHERE id = ?1 AND fence = ?2",
        &[id.into(), fence.into(), ready_at.into(), error.into()],
    )?;
    Ok(touched == 1)
}

/// Gives an item back unattempted, visible from `ready_at`; false when `fence` is old.
///
/// # Errors
/// See [`Sql::exec`].
pub fn release(tx: &mut dyn Sql, id: i64, fence: i64, ready_at: Micros) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "UPDATE work SET ready_at = ?3, leased = 0, fence = fence + 1 WHERE id = ?1 AND fence = ?2",
        &[id.into(), fence.into(), ready_at.into()],
    )?;
    Ok(touched == 1)
}

/// When the next item of a queue becomes visible (a time in the past: now); `None` for an empty queue.
///
/// # Errors
/// See [`Sql::query`].
pub fn next_ready(tx: &mut dyn Sql, queue: i64) -> Result<Option<Micros>, StoreError> {
    let row = query_one(tx, "SELECT min(ready_at) FROM work WHERE queue = ?1", &[queue.into()])?;
    row.map_or(Ok(None), |row| row.opt_time(0))
}

/// Start of a single node: whatever was leased belongs to a process that is gone. Makes every leased item of a kind
/// visible now, ahead of what was never claimed, and raises its fence. Returns how many.
///
/// # Errors
/// See [`Sql::exec`].
pub fn void_leases(tx: &mut dyn Sql, kind: i64, now: Micros) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE work SET leased = 0, fence = fence + 1, \
         ready_at = CASE WHEN created_at < ?2 THEN created_at ELSE ?2 END \
         WHERE leased = 1 AND queue IN (SELECT id FROM queue WHERE kind = ?1)",
        &[kind.into(), now.into()],
    )
}
