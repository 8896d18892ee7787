//! Answers of requests that carried an `Idempotency-Key`: the same request is answered once more, not done once more.
//!
//! The row is written in the transaction of the request it belongs to. Whoever sends the same key meanwhile waits for
//! that transaction and then finds the answer; there is no state in between.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

/// How long an answer is kept: a day.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// A request under a key. Both are SHA-256: neither the key nor the body can be read in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Of the key.
    pub key: [u8; 32],
    /// Of the endpoint, the caller and the body.
    pub body: [u8; 32],
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The same request: its answer.
    Same(String),
    /// Another request (7040).
    Other,
}

/// What `ctx`'s tenant has done under a key within a day.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, ctx: &Ctx, once: &Once, now: Micros) -> Result<Option<Known>, StoreError> {
    let row = query_one(
        tx,
        "SELECT body, answer FROM idempotency WHERE tenant = ?1 AND key = ?2 AND at > ?3",
        &[ctx.tenant.0.into(), (&once.key).into(), now.sub_ms(KEPT_MS).into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let same = row.blob(0)? == once.body;
    Ok(Some(if same { Known::Same(row.text(1)?.to_owned()) } else { Known::Other }))
}

/// Takes a key for a request and its answer; `None` when it was free. What is known of it otherwise: the caller then
/// writes nothing.
///
/// # Errors
/// See [`Sql::query`].
pub fn claim(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    once: &Once,
    answer: &str,
    now: Micros,
) -> Result<Option<Known>, StoreError> {
    let taken = tx.exec(
        "INSERT INTO idempotency (tenant, key, body, answer, at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (tenant, key) DO UPDATE SET body = excluded.body, answer = excluded.answer, at = excluded.at \
         WHERE idempotency.at <= ?6",
        &[
            ctx.tenant.0.into(),
            (&once.key).into(),
            (&once.body).into(),
            answer.into(),
            now.into(),
            now.sub_ms(KEPT_MS).into(),
        ],
    )?;
    if taken == 1 { Ok(None) } else { find(tx, ctx, once, now) }
}

/// Puts the answer to a key that was claimed in this transaction, when it was not known then.
///
/// # Errors
/// See [`Sql::put`].
pub fn answer(tx: &mut dyn Sql, ctx: &Ctx, once: &Once, answer: &str) -> Result<(), StoreError> {
    tx.put(
        "UPDATE idempotency SET answer = ?3 WHERE tenant = ?1 AND key = ?2",
        &[ctx.tenant.0.into(), (&once.key).into(), answer.into()],
    )
}
