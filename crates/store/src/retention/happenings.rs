//! Events and other happenings, with what rules made of them.

use waypost_core::id::MessageId;

use super::{CHUNK_ROWS, CHUNKS_MAX};
use crate::sql::Sql;
use crate::{Store, StoreError};

/// Those whose rules still wait stay: a rule's delay may be longer than anything is kept.
const OLD: &str = "SELECT id FROM happening WHERE id < ?1 \
     AND id NOT IN (SELECT subject FROM work WHERE subject < ?1) ORDER BY id LIMIT ?2";

/// Prunes every happening whose id is below `before`.
pub(super) async fn old(store: &Store, before: MessageId) -> Result<u64, StoreError> {
    let mut removed = 0;
    for _ in 0..CHUNKS_MAX {
        let chunk = store.write(move |tx| chunk(tx, before)).await?;
        removed += chunk;
        if chunk < CHUNK_ROWS as u64 {
            break;
        }
    }
    Ok(removed)
}

fn chunk(tx: &mut dyn Sql, before: MessageId) -> Result<u64, StoreError> {
    let rows = tx.query(OLD, &[before.0.into(), CHUNK_ROWS.into()])?;
    for row in &rows {
        let id = row.int(0)?;
        tx.put("DELETE FROM happening_rule WHERE happening = ?1", &[id.into()])?;
        tx.put("DELETE FROM happening WHERE id = ?1", &[id.into()])?;
    }
    Ok(rows.len() as u64)
}
