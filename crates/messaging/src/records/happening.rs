//! What happened, and what rules made of it.

use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::directory::Happens;
use waypost_store::{Ctx, Param, Row, Sql, StoreError, query_one};

use crate::rules::event::Facts;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its id, time-ordered.
    pub id: i64,
    /// The tenant.
    pub tenant: i64,
    /// The service it happened at; 0 where none is concerned.
    pub service: i64,
    /// What kind it is.
    pub happens: Happens,
    /// Which event.
    pub event: Option<i64>,
    /// The transaction of the request that told of it.
    pub transid: TransactionId,
    /// The client's own reference.
    pub correlation: Option<String>,
    /// Who is told of the messages it leads to, in place of the service's URL.
    pub notify_url: Option<String>,
    /// What is known of it.
    pub facts: Facts,
}

/// What a rule made of a happening.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Made {
    /// The happening.
    pub happening: i64,
    /// The rule's row.
    pub rule: i64,
    /// When, microseconds since 1970.
    pub at: i64,
    /// The first message it sent, if any.
    pub message: Option<i64>,
    /// Why there is none; empty otherwise.
    pub note: String,
}

/// Keeps a happening.
///
/// # Errors
/// See [`Sql::put`].
pub fn insert(tx: &mut dyn Sql, _ctx: &Ctx, new: &Happening) -> Result<(), StoreError> {
    let facts = serde_json::to_string(&new.facts).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    tx.put(
        "INSERT INTO happening (id, tenant, service, happens, event, transid, correlation, notify_url, facts) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            new.id.into(),
            new.tenant.into(),
            new.service.into(),
            new.happens.word().into(),
            new.event.into(),
            Param::Blob(&new.transid.to_bytes()),
            new.correlation.as_deref().into(),
            new.notify_url.as_deref().into(),
            facts.as_str().into(),
        ],
    )
}

/// A happening by its id.
///
/// # Errors
/// See [`Sql::query`]; [`StoreError::Corrupt`] when a column cannot be read.
pub fn load(tx: &mut dyn Sql, _ctx: &Ctx, id: i64) -> Result<Option<Happening>, StoreError> {
    let sql = "SELECT id, tenant, service, happens, event, transid, correlation, notify_url, facts \
         FROM happening WHERE id = ?1";
    query_one(tx, sql, &[id.into()])?.as_ref().map(from_row).transpose()
}

fn from_row(row: &Row) -> Result<Happening, StoreError> {
    let corrupt = |column: &str| StoreError::Corrupt(format!("happening.{column}"));
    let transid = <[u8; 16]>::try_from(row.blob(5)?).map_err(|_| corrupt("transid"))?;
    Ok(Happening {
        id: row.int(0)?,
        tenant: row.int(1)?,
        service: row.int(2)?,
        happens: Happens::parse(row.text(3)?).ok_or_else(|| corrupt("happens"))?,
        event: row.opt_int(4)?,
        transid: TransactionId::from_bytes(transid),
        correlation: row.opt_text(6)?.map(str::to_owned),
        notify_url: row.opt_text(7)?.map(str::to_owned),
        facts: serde_json::from_str(row.text(8)?).map_err(|_| corrupt("facts"))?,
    })
}

/// Notes what a rule made of a happening; false when that was noted before, and nothing is changed then.
///
/// # Errors
/// See [`Sql::exec`].
pub fn made(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    (happening, rule): (i64, i64),
    message: Option<MessageId>,
    note: &str,
    at: Micros,
) -> Result<bool, StoreError> {
    let noted = tx.exec(
        "INSERT INTO happening_rule (happening, rule, at, message, note) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (happening, rule) DO NOTHING",
        &[happening.into(), rule.into(), at.into(), message.map(|id| id.0).into(), note.into()],
    )?;
    Ok(noted == 1)
}

/// Whether a request was sent by a rule that waits for receipts: its own receipts wake no such rule, or two of them would
/// answer each other for ever.
///
/// # Errors
/// See [`Sql::query`].
pub fn answers_a_receipt(tx: &mut dyn Sql, _ctx: &Ctx, request: MessageId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM happening_rule r JOIN happening h ON h.id = r.happening \
         WHERE r.message = ?1 AND h.happens = ?2 LIMIT 1";
    Ok(query_one(tx, sql, &[request.0.into(), Happens::Receipt.word().into()])?.is_some())
}

/// What the rules of `ctx`'s tenant made of the newest happenings, newest first, at most `max`.
///
/// # Errors
/// See [`Sql::query`].
pub fn newest_made(tx: &mut dyn Sql, ctx: &Ctx, max: i64) -> Result<Vec<Made>, StoreError> {
    let sql = "SELECT r.happening, r.rule, r.at, r.message, r.note FROM happening h \
         JOIN happening_rule r ON r.happening = h.id WHERE h.tenant = ?1 ORDER BY h.id DESC, r.rule LIMIT ?2";
    let made = |row: &Row| {
        Ok(Made {
            happening: row.int(0)?,
            rule: row.int(1)?,
            at: row.int(2)?,
            message: row.opt_int(3)?,
            note: row.text(4)?.to_owned(),
        })
    };
    tx.query(sql, &[ctx.tenant.0.into(), max.into()])?.iter().map(made).collect()
}
