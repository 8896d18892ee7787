//! Files as they are stored.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::kind::MediaType;

/// A file of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What it is.
    pub kind: MediaType,
    /// The name it came with.
    pub name: String,
}

/// Keeps a file's row when the app has room for its bytes; false when it has not.
pub(super) fn insert(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, row, media_id): (i64, i64, &str),
    file: &Stored,
    (size, app_bytes_max): (i64, i64),
) -> Result<bool, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM rt_media WHERE tenant = ?1 AND app = ?2";
    let there = query_one(tx, sql, &[ctx.tenant.0.into(), app.into()])?.map_or(Ok(0), |row| row.int(0))?;
    if there.saturating_add(size) > app_bytes_max {
        return Ok(false);
    }
    tx.put(
        "INSERT INTO rt_media (id, tenant, app, media_id, content_type, name, size) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            row.into(),
            ctx.tenant.0.into(),
            app.into(),
            media_id.into(),
            file.kind.mime.into(),
            (&file.name).into(),
            size.into(),
        ],
    )?;
    Ok(true)
}

/// A file of an app; another app's looks like none.
pub(super) fn find(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    media_id: &str,
) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT content_type, name FROM rt_media WHERE media_id = ?1 AND tenant = ?2 AND app = ?3";
    let row = query_one(tx, sql, &[media_id.into(), ctx.tenant.0.into(), app.into()])?;
    row.map(|row| stored(row.text(0)?, row.text(1)?)).transpose()
}

/// The file a signed link names: the signature stands for app and tenant.
pub(super) fn linked(tx: &mut dyn Sql, media_id: &str) -> Result<Option<Stored>, StoreError> {
    let row =
        query_one(tx, "SELECT content_type, name FROM rt_media WHERE media_id = ?1", &[media_id.into()])?;
    row.map(|row| stored(row.text(0)?, row.text(1)?)).transpose()
}

fn stored(mime: &str, name: &str) -> Result<Stored, StoreError> {
    Ok(Stored { kind: MediaType::stored(mime), name: name.to_owned() })
}

/// The oldest files below a number, to be removed.
pub(super) fn old(tx: &mut dyn Sql, before: i64, max: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = tx.query(
        "SELECT id, media_id FROM rt_media WHERE id < ?1 ORDER BY id LIMIT ?2",
        &[before.into(), max.into()],
    )?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect()
}

/// Removes rows whose files are gone.
pub(super) fn delete(tx: &mut dyn Sql, rows: &[i64]) -> Result<(), StoreError> {
    rows.iter().try_for_each(|row| tx.put("DELETE FROM rt_media WHERE id = ?1", &[(*row).into()]))
}

/// The lowest number a file of this moment can have.
pub(super) const fn floor(at: Micros) -> i64 {
    waypost_core::id::MessageId::floor(at).0
}
