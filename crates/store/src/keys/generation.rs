//! The generations of `find`.

use waypost_core::time::Micros;

use super::{GENERATION_AGE_MS, GENERATION_KEYS_MAX};
use crate::StoreError;
use crate::sql::{Engine, Sql, query_one};

/// The generation that takes keys now; closes a full or old one and opens the next.
pub(super) fn open(tx: &mut dyn Sql, now: Micros) -> Result<i64, StoreError> {
    // On PostgreSQL the row lock makes nodes take turns; nothing else is locked after it.
    let newest = match tx.engine() {
        Engine::Sqlite => {
            "SELECT gen, keys, opened_at FROM find_gen WHERE closed_at IS NULL ORDER BY gen DESC LIMIT 1"
        }
        Engine::Postgres => {
            "SELECT gen, keys, opened_at FROM find_gen WHERE closed_at IS NULL ORDER BY gen DESC LIMIT 1 FOR UPDATE"
        }
    };
    if let Some(row) = query_one(tx, newest, &[])? {
        let full = row.int(1)? >= GENERATION_KEYS_MAX;
        let old = now.since_ms(row.time(2)?) >= GENERATION_AGE_MS;
        if !full && !old {
            return row.int(0);
        }
    }
    tx.exec("UPDATE find_gen SET closed_at = ?1 WHERE closed_at IS NULL", &[now.into()])?;
    let opened = query_one(
        tx,
        "INSERT INTO find_gen (keys, opened_at, newest_id) VALUES (0, ?1, 0) RETURNING gen",
        &[now.into()],
    )?;
    opened.map_or_else(|| Err(StoreError::Corrupt("no generation was opened".to_owned())), |row| row.int(0))
}

/// Records that `keys` keys up to `newest_id` went into a generation.
pub(super) fn grew(tx: &mut dyn Sql, generation: i64, keys: i64, newest_id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE find_gen SET keys = keys + ?2, \
         newest_id = CASE WHEN newest_id < ?3 THEN ?3 ELSE newest_id END WHERE gen = ?1",
        &[generation.into(), keys.into(), newest_id.into()],
    )
}
