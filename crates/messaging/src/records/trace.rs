//! The whole story of a message, found by any id an operator may have in hand.

use serde::Serialize;
use waypost_core::id::{MessageId, TransactionRef};
use waypost_core::sms::provider_id::{ProbeKeys, match_kind};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId, keys};

use super::message::{self, MessageRow};
use super::story::{self, Told};
use super::{correlation_key, destination_key};

/// The most messages one look-up shows.
pub const TRACED_MAX: usize = 100;

/// Work of a message that is still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// `sms` or `call-back`.
    pub kind: &'static str,
    /// Not before this moment; while an attempt runs, the end of its lease.
    pub next_at: Micros,
    /// Attempts so far.
    pub tries: u32,
    /// Why there is another.
    pub because: Option<String>,
}

/// One message with everything known of it.
#[derive(Debug)]
pub struct Traced {
    /// The message and its request.
    pub row: MessageRow,
    /// What happened, oldest first.
    pub story: Vec<Told>,
    /// What is still to be done.
    pub pending: Vec<Pending>,
}

/// Finds messages by transaction id, message id, correlation id, destination or provider id; newest first, at most
/// [`TRACED_MAX`].
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut dyn Sql, ctx: &Ctx, text: &str) -> Result<Vec<Traced>, StoreError> {
    let mut rows = by_transaction(tx, ctx, text)?;
    if rows.is_empty() {
        rows = by_keys(tx, ctx, text)?;
    }
    rows.truncate(TRACED_MAX);
    rows.into_iter().map(|row| complete(tx, ctx, row)).collect()
}

fn by_transaction(tx: &mut dyn Sql, ctx: &Ctx, text: &str) -> Result<Vec<MessageRow>, StoreError> {
    if let Ok(transaction) = text.parse::<TransactionRef>() {
        let mut rows = message::of_request(tx, ctx, transaction.transid)?;
        rows.retain(|row| transaction.unit.is_none_or(|unit| row.message.unit == unit));
        return Ok(rows);
    }
    match text.parse::<i64>() {
        Ok(id) => Ok(message::load(tx, ctx, MessageId(id))?.into_iter().collect()),
        Err(_) => Ok(Vec::new()),
    }
}

fn by_keys(tx: &mut dyn Sql, ctx: &Ctx, text: &str) -> Result<Vec<MessageRow>, StoreError> {
    let mut rows: Vec<MessageRow> = Vec::new();
    let tenants = if ctx.tenant == TenantId::ALL {
        ids(tx, "SELECT id FROM tenant ORDER BY id")?
    } else {
        vec![ctx.tenant.0]
    };
    for tenant in tenants {
        for key in [correlation_key(tenant, text), destination_key(tenant, text)] {
            collect(tx, ctx, key, &mut rows, |row| says(row, text))?;
        }
    }
    for connection in ids(tx, "SELECT id FROM smpp_connection ORDER BY id")? {
        for (_, key) in ProbeKeys::of(connection, text).as_slice() {
            collect(tx, ctx, *key, &mut rows, |row| has_provider_id(row, text))?;
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.message.id));
    rows.dedup_by_key(|row| row.message.id);
    Ok(rows)
}

fn collect(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    key: i64,
    rows: &mut Vec<MessageRow>,
    confirm: impl Fn(&MessageRow) -> bool,
) -> Result<(), StoreError> {
    for id in keys::find(tx, key)? {
        // A key is a hash: the row itself decides.
        rows.extend(message::load(tx, ctx, MessageId(id))?.filter(&confirm));
    }
    Ok(())
}

fn says(row: &MessageRow, text: &str) -> bool {
    let number = |value: &str| value.trim_start_matches('+').to_owned();
    row.message.correlation.as_deref() == Some(text) || number(&row.message.destination) == number(text)
}

fn has_provider_id(row: &MessageRow, text: &str) -> bool {
    let parts = row.progress.as_ref().map(|progress| progress.parts()).unwrap_or_default();
    parts.iter().any(|part| match_kind(part.provider_ref.as_str(), text).is_some())
}

fn ids(tx: &mut dyn Sql, sql: &'static str) -> Result<Vec<i64>, StoreError> {
    tx.query(sql, &[])?.iter().map(|row| row.int(0)).collect()
}

fn complete(tx: &mut dyn Sql, ctx: &Ctx, row: MessageRow) -> Result<Traced, StoreError> {
    let story = story::of_message(tx, ctx, row.message.id)?;
    let pending = pending(tx, row.message.id)?;
    Ok(Traced { row, story, pending })
}

fn pending(tx: &mut dyn Sql, message: MessageId) -> Result<Vec<Pending>, StoreError> {
    // No index leads from a message to its call-backs; an operator's look-up may read the open work through.
    let rows = tx.query(
        "SELECT q.kind, w.ready_at, w.tries, w.last_error FROM work w JOIN queue q ON q.id = w.queue \
         WHERE w.subject = ?1 ORDER BY w.id LIMIT 50",
        &[message.0.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Pending {
                kind: if row.int(0)? == crate::work::kind::SMS { "sms" } else { "call-back" },
                next_at: Micros(row.int(1)?),
                tries: u32::try_from(row.int(2)?).unwrap_or(0),
                because: row.opt_text(3)?.map(str::to_owned),
            })
        })
        .collect()
}
