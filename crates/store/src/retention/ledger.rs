//! Requests with their messages and stories, and inbound messages.

use std::collections::BTreeSet;

use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use super::{CHUNK_ROWS, CHUNKS_MAX};
use crate::sql::{Param, Sql};
use crate::{Store, StoreError};

/// Requests one transaction looks at.
const REQUESTS: i64 = 500;
/// Messages one transaction deletes, give or take one request.
const MESSAGES: i64 = 2_000;
/// Work made after the look at open work, with room for clocks that differ.
const RECENT_MS: i64 = 600_000;

/// What open work is about, of the old.
struct Open {
    subjects: BTreeSet<i64>,
    /// Work from here on was made after the look.
    work_from: i64,
}

impl Open {
    /// A reader looks through all work, so that the writer need not.
    async fn look(store: &Store, before: MessageId, now: Micros) -> Result<Self, StoreError> {
        let job = move |tx: &mut dyn Sql| {
            tx.query("SELECT DISTINCT subject FROM work WHERE subject < ?1", &[before.0.into()])
        };
        let rows = store.read(job).await?;
        let subjects = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
        Ok(Self { subjects, work_from: MessageId::floor(now.sub_ms(RECENT_MS)).0 })
    }

    /// The same with what was made meanwhile.
    fn with_recent(&self, tx: &mut dyn Sql, before: MessageId) -> Result<BTreeSet<i64>, StoreError> {
        let sql = "SELECT subject FROM work WHERE id >= ?1 AND subject < ?2";
        let recent = tx.query(sql, &[self.work_from.into(), before.0.into()])?;
        let mut subjects = self.subjects.clone();
        for row in &recent {
            subjects.insert(row.int(0)?);
        }
        Ok(subjects)
    }
}

/// Prunes every request whose id is below `before`.
pub(super) async fn requests(store: &Store, before: MessageId, now: Micros) -> Result<u64, StoreError> {
    let open = std::sync::Arc::new(Open::look(store, before, now).await?);
    let (mut after, mut removed) = (-1, 0);
    for _ in 0..CHUNKS_MAX {
        let open = std::sync::Arc::clone(&open);
        let chunk = store.write(move |tx| request_chunk(tx, &open, after, before)).await?;
        removed += chunk.removed;
        match chunk.last {
            Some(last) => after = last,
            None => break,
        }
    }
    Ok(removed)
}

struct Chunk {
    removed: u64,
    /// The last row looked at; `None` when there was none.
    last: Option<i64>,
}

fn request_chunk(tx: &mut dyn Sql, open: &Open, after: i64, before: MessageId) -> Result<Chunk, StoreError> {
    let rows = tx.query(
        "SELECT id, messages FROM request WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        &[after.into(), before.0.into(), REQUESTS.into()],
    )?;
    let open = open.with_recent(tx, before)?;
    let mut chunk = Chunk { removed: 0, last: None };
    let mut messages = 0;
    for row in &rows {
        let (first, count) = (row.int(0)?, row.int(1)?);
        chunk.last = Some(first);
        if open.range(first..first + count.max(1)).next().is_none() {
            remove_request(tx, first, first + count)?;
            chunk.removed += 1;
            messages += count;
        }
        if messages >= MESSAGES {
            break;
        }
    }
    Ok(chunk)
}

/// The messages of a request have consecutive ids from the request's own.
fn remove_request(tx: &mut dyn Sql, first: i64, end: i64) -> Result<(), StoreError> {
    let range = [Param::Int(first), Param::Int(end)];
    tx.put("DELETE FROM story WHERE message >= ?1 AND message < ?2", &range)?;
    tx.put("DELETE FROM charge WHERE message >= ?1 AND message < ?2", &range)?;
    tx.put("DELETE FROM target WHERE message >= ?1 AND message < ?2", &range)?;
    tx.put("DELETE FROM message WHERE id >= ?1 AND id < ?2", &range)?;
    tx.put("DELETE FROM request WHERE id = ?1", &[first.into()])
}

/// Prunes every inbound message whose id is below `before`.
pub(super) async fn inbound(store: &Store, before: MessageId, now: Micros) -> Result<u64, StoreError> {
    let open = std::sync::Arc::new(Open::look(store, before, now).await?);
    let (mut after, mut removed) = (-1, 0);
    for _ in 0..CHUNKS_MAX {
        let open = std::sync::Arc::clone(&open);
        let chunk = store.write(move |tx| inbound_chunk(tx, &open, after, before)).await?;
        removed += chunk.removed;
        match chunk.last {
            Some(last) => after = last,
            None => break,
        }
    }
    Ok(removed)
}

fn inbound_chunk(tx: &mut dyn Sql, open: &Open, after: i64, before: MessageId) -> Result<Chunk, StoreError> {
    let rows = tx.query(
        "SELECT id FROM inbound WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        &[after.into(), before.0.into(), CHUNK_ROWS.into()],
    )?;
    let open = open.with_recent(tx, before)?;
    let mut chunk = Chunk { removed: 0, last: None };
    for row in &rows {
        let id = row.int(0)?;
        chunk.last = Some(id);
        if !open.contains(&id) {
            tx.put("DELETE FROM inbound WHERE id = ?1", &[id.into()])?;
            chunk.removed += 1;
        }
    }
    Ok(chunk)
}
