//! Devices that gave no sign of life, batches that are done, answers under idempotency keys.

use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use super::{CHUNK_ROWS, CHUNKS_MAX};
use crate::profiles::{AppProfileKeys, remove_keys};
use crate::sql::Sql;
use crate::{Store, StoreError};

/// Prunes every device that was last seen before `before`, with the ways to it.
pub(super) async fn devices(store: &Store, before: Micros) -> Result<u64, StoreError> {
    let mut removed = 0;
    for _ in 0..CHUNKS_MAX {
        let chunk = store.write(move |tx| device_chunk(tx, before)).await?;
        removed += chunk;
        if chunk < CHUNK_ROWS as u64 {
            break;
        }
    }
    Ok(removed)
}

fn device_chunk(tx: &mut dyn Sql, before: Micros) -> Result<u64, StoreError> {
    let rows = tx.query(
        "SELECT id, app, customer_id, user_id, device_id, token FROM app_profile \
         WHERE seen_at IS NOT NULL AND seen_at < ?1 ORDER BY seen_at LIMIT ?2",
        &[before.into(), CHUNK_ROWS.into()],
    )?;
    for row in &rows {
        let keys = AppProfileKeys {
            app: row.int(1)?,
            customer_id: row.opt_text(2)?,
            user_id: row.opt_text(3)?,
            device_id: row.opt_text(4)?,
            token: row.opt_text(5)?,
        };
        let id = row.int(0)?;
        remove_keys(tx, &keys.hashes(), id)?;
        tx.put("DELETE FROM app_profile WHERE id = ?1", &[id.into()])?;
        tx.put("DELETE FROM rt_session WHERE profile = ?1", &[id.into()])?;
        tx.put("DELETE FROM rt_parcel WHERE profile = ?1", &[id.into()])?;
    }
    Ok(rows.len() as u64)
}

/// Prunes every batch that was accepted before `before`; one that still waits is far too old to be done.
pub(super) async fn batches(store: &Store, before: MessageId) -> Result<u64, StoreError> {
    const SQL: &str = "DELETE FROM profile_request WHERE id IN \
         (SELECT id FROM profile_request WHERE id < ?1 ORDER BY id LIMIT ?2)";
    chunks(store, SQL, before.0).await
}

/// Prunes every answer kept under an idempotency key before `before`.
pub(super) async fn answers(store: &Store, before: Micros) -> Result<u64, StoreError> {
    const SQL: &str = "DELETE FROM idempotency WHERE (tenant, key) IN \
         (SELECT tenant, key FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)";
    chunks(store, SQL, before.0).await
}

async fn chunks(store: &Store, sql: &'static str, before: i64) -> Result<u64, StoreError> {
    let mut removed = 0;
    for _ in 0..CHUNKS_MAX {
        let job = move |tx: &mut dyn Sql| tx.exec(sql, &[before.into(), CHUNK_ROWS.into()]);
        let chunk = store.write(job).await?;
        removed += chunk;
        if chunk < CHUNK_ROWS as u64 {
            break;
        }
    }
    Ok(removed)
}
