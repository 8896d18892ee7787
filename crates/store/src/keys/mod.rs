//! Look-up keys: a 64-bit hash (`waypost_core::key`) to the ids of the rows that have it.
//!
//! A random key written straight into one big index touches a random page; at millions of rows that costs more than
//! all the rest of an insert. So a key is appended to `find_tail` first; when the tail has [`TAIL_MAX`] rows they are
//! moved, sorted, into `find`. `find` is cut into generations that close at [`GENERATION_KEYS_MAX`] keys or after
//! [`GENERATION_AGE_MS`], so the pages being written stay in memory whatever the size of the ledger. A look-up asks
//! the tail and each generation. Adding and moving are done in the caller's transaction, so a crash loses nothing.

mod generation;
mod merge;
mod tail;

use waypost_core::id::MessageId;

use crate::StoreError;
use crate::sql::{Row, Sql, query_one};

pub use merge::merge;
pub(crate) use merge::step;
pub(crate) use tail::Tail;

/// Rows in the tail that start a merge.
pub const TAIL_MAX: u64 = 8_192;
/// Keys in a generation that close it.
pub const GENERATION_KEYS_MAX: i64 = 262_144;
/// Age that closes a generation: one day.
pub const GENERATION_AGE_MS: i64 = 86_400_000;
/// Ids a look-up returns at most.
pub const FIND_MAX: usize = 100;
/// Rows one statement deletes from a dropped generation.
const DROP_CHUNK: i64 = 5_000;

/// Makes `id` findable by `hash`. Adding the same pair again changes nothing.
///
/// # Errors
/// See [`Sql::put`].
pub fn add(tx: &mut dyn Sql, hash: i64, id: i64) -> Result<(), StoreError> {
    tx.put("INSERT INTO find_tail (hash, id) VALUES (?1, ?2)", &[hash.into(), id.into()])?;
    let memo = tx.memo();
    memo.keys_added += 1;
    if let Some(tail) = &mut memo.tail {
        tail.add(hash, id);
    }
    Ok(())
}

/// The ids added under `hash`, newest first, at most [`FIND_MAX`]. Two texts may share a hash: compare the row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, hash: i64) -> Result<Vec<i64>, StoreError> {
    let mut ids = find_in_tail(tx, hash)?;
    // CROSS JOIN fixes SQLite's loop order: generations outside, one probe of the primary key inside.
    let rows = tx.query(
        "SELECT f.id FROM find_gen g CROSS JOIN find f WHERE f.gen = g.gen AND f.hash = ?1 \
         ORDER BY g.gen DESC, f.id DESC LIMIT 100",
        &[hash.into()],
    )?;
    for row in &rows {
        ids.push(row.int(0)?);
    }
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.dedup();
    ids.truncate(FIND_MAX);
    Ok(ids)
}

/// The newest id under `hash`: asks the tail, then generations from the newest, and stops at the first hit. For keys
/// that are unique in practice (provider ids); its cost does not grow with the ledger when the key is recent.
///
/// # Errors
/// See [`Sql::query`].
pub fn find_latest(tx: &mut dyn Sql, hash: i64) -> Result<Option<i64>, StoreError> {
    if let Some(id) = find_in_tail(tx, hash)?.into_iter().max() {
        return Ok(Some(id));
    }
    let row = query_one(
        tx,
        "SELECT f.id FROM find_gen g CROSS JOIN find f WHERE f.gen = g.gen AND f.hash = ?1 \
         ORDER BY g.gen DESC, f.id DESC LIMIT 1",
        &[hash.into()],
    )?;
    row.map(|row| row.int(0)).transpose()
}

fn find_in_tail(tx: &mut dyn Sql, hash: i64) -> Result<Vec<i64>, StoreError> {
    if let Some(tail) = &tx.memo().tail {
        return Ok(tail.find(hash, FIND_MAX));
    }
    let rows =
        tx.query("SELECT id FROM find_tail WHERE hash = ?1 ORDER BY id DESC LIMIT 100", &[hash.into()])?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Drops a part of the oldest closed generation whose every id is below `cutoff`; returns whether there may be
/// more to drop, so that the caller can spread the work over several transactions.
///
/// # Errors
/// See [`Sql::query`].
pub fn drop_before(tx: &mut dyn Sql, cutoff: MessageId) -> Result<bool, StoreError> {
    let oldest = query_one(
        tx,
        "SELECT gen FROM find_gen WHERE closed_at IS NOT NULL AND newest_id < ?1 ORDER BY gen LIMIT 1",
        &[cutoff.0.into()],
    )?;
    let Some(generation) = oldest.as_ref().map(|row: &Row| row.int(0)).transpose()? else { return Ok(false) };
    let deleted = tx.exec(
        "DELETE FROM find WHERE gen = ?1 AND (hash, id) IN \
         (SELECT hash, id FROM find WHERE gen = ?1 ORDER BY hash, id LIMIT ?2)",
        &[generation.into(), DROP_CHUNK.into()],
    )?;
    if deleted < DROP_CHUNK as u64 {
        tx.exec("DELETE FROM find_gen WHERE gen = ?1", &[generation.into()])?;
    }
    Ok(true)
}
