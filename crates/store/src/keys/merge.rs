//! Moves keys from the tail into the current generation.

use waypost_core::time::Micros;

use super::tail::{Frozen, Planned};
use super::{TAIL_MAX, generation};
use crate::StoreError;
use crate::sql::{Engine, Param, Sql, query_one};

/// Keys one step moves at least. A step runs inside a group commit, so it must stay short: about a millisecond.
const STEP_KEYS_MIN: u64 = 1_024;

/// One small step of a merge when the tail is long enough; the writer calls it in every group. A merge is spread
/// over several groups, because moving the whole tail at once would hold every waiting job for tens of milliseconds.
pub(crate) fn step(tx: &mut dyn Sql, now: Micros) -> Result<(), StoreError> {
    let memo = tx.memo();
    let merging = memo.tail.as_ref().is_some_and(|tail| tail.frozen().is_some());
    if !merging && memo.keys_unmerged + memo.keys_added < TAIL_MAX {
        return Ok(());
    }
    // Twice what comes in, so that the tail shrinks under any load.
    let keys = STEP_KEYS_MIN.max(memo.keys_added * 2);
    match tx.engine() {
        Engine::Sqlite => step_sorted(tx, now, keys as usize),
        Engine::Postgres => move_oldest(tx, now, keys).map(|_| ()),
    }
}

/// SQLite: from the writer's sorted copy.
fn step_sorted(tx: &mut dyn Sql, now: Micros, keys: usize) -> Result<(), StoreError> {
    let Some(tail) = &tx.memo().tail else { return Ok(()) };
    let planned = match tail.frozen() {
        None => freeze(tx, now)?,
        Some(frozen) if frozen.moved == frozen.keys.len() => finish(tx)?,
        Some(frozen) => {
            let moved = frozen.keys.len().min(frozen.moved + keys);
            let (generation, batch) = (frozen.generation, frozen.keys[frozen.moved..moved].to_vec());
            insert(tx, generation, &batch)?;
            Planned::Advance { moved }
        }
    };
    if let Some(tail) = &mut tx.memo().tail {
        tail.plan(planned);
    }
    Ok(())
}

fn freeze(tx: &mut dyn Sql, now: Micros) -> Result<Planned, StoreError> {
    let row =
        query_one(tx, "SELECT coalesce(max(seq), CAST(?1 AS BIGINT)) FROM find_tail", &[Param::Int(0)])?;
    let seq_max = row.map_or(Ok(0), |row| row.int(0))?;
    Ok(Planned::Freeze { seq_max, generation: generation::open(tx, now)? })
}

fn insert(tx: &mut dyn Sql, generation: i64, keys: &[(i64, i64)]) -> Result<(), StoreError> {
    for &(hash, id) in keys {
        // A crash in the middle of a merge leaves keys in both places; the next merge meets them again.
        tx.put(
            "INSERT INTO find (gen, hash, id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            &[generation.into(), hash.into(), id.into()],
        )?;
    }
    Ok(())
}

fn finish(tx: &mut dyn Sql) -> Result<Planned, StoreError> {
    let tail = tx.memo().tail.as_ref();
    let Some(Frozen { keys, seq_max, generation, .. }) = tail.and_then(super::Tail::frozen) else {
        return Err(StoreError::Corrupt("no merge to finish".to_owned()));
    };
    let (count, newest) = (keys.len(), keys.iter().map(|&(_, id)| id).max().unwrap_or(0));
    let (seq_max, generation) = (*seq_max, *generation);
    let removed = tx.exec("DELETE FROM find_tail WHERE seq <= ?1", &[seq_max.into()])?;
    generation::grew(tx, generation, count as i64, newest)?;
    tx.memo().keys_merged += removed;
    metrics::counter!("waypost_store_keys_merged_total").increment(removed);
    Ok(Planned::Finish)
}

/// PostgreSQL: the oldest rows no other node is moving, in one statement. Returns how many it moved.
fn move_oldest(tx: &mut dyn Sql, now: Micros, keys: u64) -> Result<u64, StoreError> {
    let generation = generation::open(tx, now)?;
    let row = query_one(
        tx,
        "WITH picked AS MATERIALIZED \
         (SELECT seq FROM find_tail ORDER BY seq LIMIT ?2 FOR UPDATE SKIP LOCKED), \
         moved AS (DELETE FROM find_tail t USING picked WHERE t.seq = picked.seq RETURNING t.hash, t.id), \
         stored AS (INSERT INTO find (gen, hash, id) SELECT CAST(?1 AS BIGINT), hash, id FROM moved \
         ORDER BY hash, id ON CONFLICT DO NOTHING) \
         SELECT count(*), coalesce(max(id), 0) FROM moved",
        &[generation.into(), Param::Int(keys as i64)],
    )?;
    let (moved, newest) = row.map_or(Ok((0, 0)), |row| Ok::<_, StoreError>((row.int(0)?, row.int(1)?)))?;
    generation::grew(tx, generation, moved, newest)?;
    let memo = tx.memo();
    // Fewer than asked: other nodes moved the rest, nothing is left for this one.
    memo.keys_merged +=
        if (moved as u64) < keys { memo.keys_unmerged + memo.keys_added } else { moved as u64 };
    metrics::counter!("waypost_store_keys_merged_total").increment(moved as u64);
    Ok(moved as u64)
}

/// Moves the whole tail in this transaction; for operators and tests. The writer moves it in small steps.
///
/// # Errors
/// See [`Sql::query`].
pub fn merge(tx: &mut dyn Sql, now: Micros) -> Result<(), StoreError> {
    if tx.engine() == Engine::Postgres {
        while move_oldest(tx, now, TAIL_MAX)? == TAIL_MAX {}
        return Ok(());
    }
    let generation = generation::open(tx, now)?;
    let row = query_one(tx, "SELECT count(*), coalesce(max(id), 0) FROM find_tail", &[])?;
    let (count, newest) = row.map_or(Ok((0, 0)), |row| Ok::<_, StoreError>((row.int(0)?, row.int(1)?)))?;
    tx.put(
        "INSERT INTO find (gen, hash, id) SELECT ?1, hash, id FROM find_tail WHERE true ORDER BY hash, id \
         ON CONFLICT DO NOTHING",
        &[generation.into()],
    )?;
    tx.put("DELETE FROM find_tail", &[])?;
    generation::grew(tx, generation, count, newest)?;
    let memo = tx.memo();
    memo.keys_merged = memo.keys_unmerged + memo.keys_added;
    if let Some(tail) = &mut memo.tail {
        tail.plan(Planned::Clear);
    }
    Ok(())
}
