//! The message log: every push and audit of both ends, with its answer.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Row, Sql, StoreError};

use crate::kind::Kind;

/// Bytes of a body that is no message of ours to keep whole: what could not be read, and answers to audits.
pub const FOREIGN_BYTES_MAX: usize = 64 * 1024;

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time-ordered.
    pub id: i64,
    /// The partner's tenant.
    pub tenant: i64,
    /// The partner.
    pub partner: i64,
    /// Whether we sent it.
    pub outbound: bool,
    /// Whether it is an audit.
    pub audit: bool,
    /// What it is about.
    pub kind: Kind,
    /// `updateType`; empty for products and audits.
    pub op: String,
    /// The property; empty when it is not known.
    pub property: String,
    /// Codes of the objects, as far as they are few.
    pub object: String,
    /// `messageId`; empty when there is none.
    pub message_id: String,
    /// 1 for the first attempt; of what came in always 1.
    pub attempt: i64,
    /// The answer's HTTP status; `None` when there was no answer.
    pub http: Option<i64>,
    /// The codes of the answer; `200` for success.
    pub codes: String,
    /// What else is worth knowing: why there is no answer, what followed.
    pub detail: String,
    /// How long it took, microseconds.
    pub took_us: i64,
    /// The request's body.
    pub request: String,
    /// The answer's body.
    pub answer: String,
}

const COLUMNS: &str = "id, tenant, partner, outbound, audit, kind, op, property, object, message_id, attempt, http, codes, detail, \
     took_us, request, answer";

/// Writes an entry.
///
/// # Errors
/// See [`Sql::put`].
pub fn write(tx: &mut dyn Sql, _ctx: &Ctx, entry: &Entry) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO content_log (id, tenant, partner, outbound, audit, kind, op, property, object, message_id, attempt, http, \
         codes, detail, took_us, request, answer) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &[
            entry.id.into(),
            entry.tenant.into(),
            entry.partner.into(),
            entry.outbound.into(),
            entry.audit.into(),
            entry.kind.number().into(),
            (&entry.op).into(),
            (&entry.property).into(),
            (&entry.object).into(),
            (&entry.message_id).into(),
            entry.attempt.into(),
            entry.http.into(),
            (&entry.codes).into(),
            (&entry.detail).into(),
            entry.took_us.into(),
            (&entry.request).into(),
            (&entry.answer).into(),
        ],
    )
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(Entry {
        id: row.int(0)?,
        tenant: row.int(1)?,
        partner: row.int(2)?,
        outbound: row.flag(3)?,
        audit: row.flag(4)?,
        kind: Kind::from_number(row.int(5)?)
            .ok_or_else(|| StoreError::Corrupt("content_log.kind".to_owned()))?,
        op: text(6)?,
        property: text(7)?,
        object: text(8)?,
        message_id: text(9)?,
        attempt: row.int(10)?,
        http: row.opt_int(11)?,
        codes: text(12)?,
        detail: text(13)?,
        took_us: row.int(14)?,
        request: text(15)?,
        answer: text(16)?,
    })
}

/// The exchanges of a message id, oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_message(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    message_id: &str,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let sql = const_format("WHERE message_id = ?1 AND (tenant = ?2 OR ?2 = 0) ORDER BY id LIMIT ?3", 0);
    tx.query(sql, &[message_id.into(), ctx.tenant.0.into(), limit.into()])?.iter().map(entry).collect()
}

/// The newest exchanges of a property between two ids, oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_property(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    property: &str,
    from: Micros,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let from = waypost_core::id::MessageId::floor(from).0;
    let sql = const_format(
        "WHERE property = ?1 AND (tenant = ?2 OR ?2 = 0) AND id >= ?3 ORDER BY id DESC LIMIT ?4",
        1,
    );
    let rows = tx.query(sql, &[property.into(), ctx.tenant.0.into(), from.into(), limit.into()])?;
    let mut found = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    found.reverse();
    Ok(found)
}

/// Statements are prepared once and must live as long as the program: made at their first use.
fn const_format(rest: &str, place: usize) -> &'static str {
    static MADE: [std::sync::OnceLock<String>; 2] = [std::sync::OnceLock::new(), std::sync::OnceLock::new()];
    MADE[place].get_or_init(|| format!("SELECT {COLUMNS} FROM content_log {rest}"))
}

/// The text of a foreign body, cut and without what no store can hold.
#[must_use]
pub fn foreign(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(FOREIGN_BYTES_MAX)]);
    text.replace('\0', "\u{fffd}")
}
