//! Batches that are done while nobody waits for them.

use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Engine, Sql, StoreError, query_one};

/// A batch as it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its row; the time of its id is when it was accepted.
    pub id: MessageId,
    /// Whose it is.
    pub tenant: i64,
    /// The sealed batch.
    pub body: Vec<u8>,
}

/// Keeps a batch of `ctx`'s tenant until its turn comes.
///
/// # Errors
/// See [`Sql::put`].
pub fn insert(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: MessageId,
    transid: TransactionId,
    app: Option<i64>,
    body: &[u8],
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO profile_request (id, tenant, transid, app, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[id.0.into(), ctx.tenant.0.into(), (&transid.to_bytes()).into(), app.into(), body.into()],
    )
}

/// The batches that wait, oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn waiting(tx: &mut dyn Sql, _ctx: &Ctx, max: u32) -> Result<Vec<i64>, StoreError> {
    let rows =
        tx.query("SELECT id FROM profile_request WHERE done_at IS NULL ORDER BY id LIMIT ?1", &[max.into()])?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Takes a waiting batch for this transaction; `None` when it is done, or another node has it.
///
/// # Errors
/// See [`Sql::query`].
pub fn take(tx: &mut dyn Sql, _ctx: &Ctx, id: i64) -> Result<Option<Waiting>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT id, tenant, body FROM profile_request WHERE id = ?1 AND done_at IS NULL",
        Engine::Postgres => {
            "SELECT id, tenant, body FROM profile_request WHERE id = ?1 AND done_at IS NULL FOR UPDATE SKIP LOCKED"
        }
    };
    let Some(row) = query_one(tx, sql, &[id.into()])? else { return Ok(None) };
    let body = row.opt_blob(2)?.unwrap_or_default().to_vec();
    Ok(Some(Waiting { id: MessageId(row.int(0)?), tenant: row.int(1)?, body }))
}

/// Notes the results of a batch and forgets its records.
///
/// # Errors
/// See [`Sql::put`].
pub fn finish(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: MessageId,
    results: &str,
    now: Micros,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE profile_request SET body = NULL, results = ?3, done_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[ctx.tenant.0.into(), id.0.into(), results.into(), now.into()],
    )
}

/// The results of a batch of `ctx`'s tenant; `None` when it is unknown or not done.
///
/// # Errors
/// See [`Sql::query`].
pub fn results(tx: &mut dyn Sql, ctx: &Ctx, transid: TransactionId) -> Result<Option<String>, StoreError> {
    let Some(id) = transid.first_id() else { return Ok(None) };
    let row = query_one(
        tx,
        "SELECT transid, results FROM profile_request WHERE tenant = ?1 AND id = ?2 AND done_at IS NOT NULL",
        &[ctx.tenant.0.into(), id.0.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    if row.blob(0)? != transid.to_bytes() {
        return Ok(None);
    }
    Ok(row.opt_text(1)?.map(str::to_owned))
}
