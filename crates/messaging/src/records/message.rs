//! A message with its request, and its state.

use waypost_core::id::{MessageId, TransactionId};
use waypost_core::outcome::{MessageProgress, MessageState};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Engine, Param, Row, Sql, StoreError};

use super::{MessageRecord, RequestRecord};

/// A message as stored, with what its request says.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// What its request says.
    pub request: RequestRecord,
    /// The message.
    pub message: MessageRecord,
    /// Where it stands.
    pub state: MessageState,
    /// Its newest outcome code; `None` while queued.
    pub code: Option<u16>,
    /// Its parts; `None` before the first attempt.
    pub progress: Option<MessageProgress>,
    /// The connection that took it.
    pub connection: Option<i64>,
    /// Parts it was cut into; 0 before the first attempt.
    pub parts: u16,
    /// When its state last changed.
    pub updated_at: Micros,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.unit, m.dest_type, m.destination, m.correlation, m.state, m.code, m.progress, \
             m.connection, m.parts, m.updated_at, r.id, r.tenant, r.service, r.transid, r.api_key, r.channel, \
             r.content, r.notify_url, r.callback_data, r.expires_at, r.priority, r.route, r.units \
             FROM message m JOIN request r ON r.id = m.request ",
            $tail
        )
    };
}

/// Loads one message of `ctx`'s tenant.
///
/// # Errors
/// Those of the store.
pub fn load(tx: &mut dyn Sql, ctx: &Ctx, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
    let rows = tx.query(
        select!("WHERE m.id = ?1 AND (m.tenant = ?2 OR ?2 = 0)"),
        &[id.0.into(), ctx.tenant.0.into()],
    )?;
    rows.first().map(from_row).transpose()
}

/// Loads one message to change it: on PostgreSQL its row is locked, so that reports of two parts on two servers are
/// applied one after the other.
///
/// # Errors
/// Those of the store.
pub fn load_to_change(tx: &mut dyn Sql, ctx: &Ctx, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => select!("WHERE m.id = ?1 AND (m.tenant = ?2 OR ?2 = 0)"),
        Engine::Postgres => select!("WHERE m.id = ?1 AND (m.tenant = ?2 OR ?2 = 0) FOR UPDATE OF m"),
    };
    tx.query(sql, &[id.0.into(), ctx.tenant.0.into()])?.first().map(from_row).transpose()
}

/// The messages of one request, in order: `first` is the id a transaction id decodes to.
///
/// # Errors
/// Those of the store.
pub fn of_request(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    transid: TransactionId,
) -> Result<Vec<MessageRow>, StoreError> {
    let Some(first) = transid.first_id() else { return Ok(Vec::new()) };
    let rows = tx.query(
        select!("WHERE m.id >= ?1 AND m.id < ?2 AND r.id = ?1 AND r.transid = ?3 AND (m.tenant = ?4 OR ?4 = 0) ORDER BY m.id"),
        &[
            first.0.into(),
            (first.0 + super::VALUES_MAX).into(),
            Param::Blob(&transid.to_bytes()),
            ctx.tenant.0.into(),
        ],
    )?;
    rows.iter().map(from_row).collect()
}

/// What is stored beside the parts' progress.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The connection that has its parts.
    pub connection: Option<i64>,
    /// Parts it counts as (`messageCount`).
    pub parts: u16,
    /// Now.
    pub now: Micros,
}

/// Writes where a message stands after an event.
///
/// # Errors
/// Those of the store.
pub fn save(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    id: MessageId,
    progress: &MessageProgress,
    at: Standing,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE message SET state = ?2, code = ?3, progress = ?4, connection = ?5, parts = ?6, updated_at = ?7 \
         WHERE id = ?1",
        &[
            id.0.into(),
            i64::from(progress.state().to_u8()).into(),
            i64::from(progress.code().unwrap_or(0)).into(),
            Param::Blob(&progress.to_bytes()),
            at.connection.into(),
            i64::from(at.parts).into(),
            at.now.0.into(),
        ],
    )
}

fn from_row(row: &Row) -> Result<MessageRow, StoreError> {
    let state = u8::try_from(row.int(5)?).ok().and_then(MessageState::from_u8);
    let transid: [u8; 16] = row.blob(14)?.try_into().map_err(|_| corrupt("request.transid"))?;
    Ok(MessageRow {
        message: MessageRecord {
            id: MessageId(row.int(0)?),
            unit: small(row.int(1)?),
            dest_type: row.text(2)?.to_owned(),
            destination: row.text(3)?.to_owned(),
            correlation: row.opt_text(4)?.map(str::to_owned),
        },
        state: state.ok_or_else(|| corrupt("message.state"))?,
        code: Some(small(row.int(6)?)).filter(|code| *code != 0),
        progress: progress(row)?,
        connection: row.opt_int(8)?,
        parts: small(row.int(9)?),
        updated_at: Micros(row.int(10)?),
        request: RequestRecord {
            id: MessageId(row.int(11)?),
            tenant: row.int(12)?,
            service: row.int(13)?,
            transid: TransactionId::from_bytes(transid),
            api_key: row.int(15)?,
            channel: row.text(16)?.to_owned(),
            content: row.text(17)?.to_owned(),
            notify_url: row.opt_text(18)?.map(str::to_owned),
            callback_data: row.opt_text(19)?.map(str::to_owned),
            expires_at: row.opt_int(20)?.map(Micros),
            priority: u8::try_from(row.int(21)?).unwrap_or(2),
            route: row.opt_text(22)?.map(str::to_owned),
            units: small(row.int(23)?),
        },
    })
}

fn progress(row: &Row) -> Result<Option<MessageProgress>, StoreError> {
    let Some(bytes) = row.opt_blob(7)? else { return Ok(None) };
    MessageProgress::from_bytes(bytes).map(Some).map_err(|_| corrupt("message.progress"))
}

fn corrupt(column: &str) -> StoreError {
    StoreError::Corrupt(column.to_owned())
}

fn small(value: i64) -> u16 {
    u16::try_from(value).unwrap_or(0)
}
