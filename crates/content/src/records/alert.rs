//! Alerts: what a person should know, told once while it lasts (spec 2.7).

use waypost_core::time::Micros;
use waypost_store::{Ctx, Row, Sql, StoreError};

use super::env::Env;
use super::lane::Lane;
use crate::kind::Kind;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// An audit found a difference that repair did not mend.
    AuditMismatch,
    /// The partner does not have what we sent it.
    AuditMissing,
    /// The partner has what we never sent it.
    AuditUnexpected,
    /// An audit got no answer.
    AuditUnreachable,
    /// The partner refused a message.
    PushRejected,
    /// A message got no answer, as often as it was sent.
    RetriesExhausted,
    /// Our credentials are refused.
    AuthFailed,
    /// A lane stands still for another reason.
    QueueParked,
}

impl AlertKind {
    /// The word of the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AuditMismatch => "AUDIT_MISMATCH",
            Self::AuditMissing => "AUDIT_MISSING_ON_CLIENT",
            Self::AuditUnexpected => "AUDIT_UNEXPECTED_ON_CLIENT",
            Self::AuditUnreachable => "AUDIT_UNREACHABLE",
            Self::PushRejected => "PUSH_REJECTED",
            Self::RetriesExhausted => "PUSH_RETRIES_EXHAUSTED",
            Self::AuthFailed => "AUTH_FAILED",
            Self::QueueParked => "QUEUE_PARKED",
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info = 0,
    /// Somebody should look.
    Warning = 1,
    /// Somebody loses money meanwhile.
    Critical = 2,
}

const SEVERITIES: [&str; 3] = ["INFO", "WARNING", "CRITICAL"];
const STATES: [&str; 3] = ["OPEN", "ACKNOWLEDGED", "RESOLVED"];

/// A new alert.
#[derive(Clone, Debug)]
pub struct Raised<'a> {
    /// What it is about.
    pub kind: AlertKind,
    /// How bad it is.
    pub severity: Severity,
    /// The object; of a partner's alert the property and code are empty.
    pub object: (Kind, &'a str),
    /// The message, where there is one.
    pub message_id: &'a str,
    /// One line.
    pub summary: &'a str,
    /// Differences, a JSON array.
    pub differences: &'a str,
}

/// Raises an alert. While one of this kind about this object is open it is counted and brought up to date instead.
///
/// # Errors
/// See [`Sql::put`].
pub fn raise(tx: &mut dyn Sql, env: &Env, lane: &Lane, alert: &Raised<'_>) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO content_alert (id, tenant, partner, kind, severity, property, object_kind, object, message_id, summary, \
         differences, state, times, changed_at, told_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 1, ?12, 0) \
         ON CONFLICT (partner, kind, property, object_kind, object) WHERE state < 2 DO UPDATE SET times = content_alert.times + 1, \
         severity = excluded.severity, message_id = excluded.message_id, summary = excluded.summary, \
         differences = excluded.differences, changed_at = excluded.changed_at",
        &[
            env.id().into(),
            lane.tenant.into(),
            lane.partner.into(),
            alert.kind.word().into(),
            (alert.severity as i64).into(),
            (&lane.property).into(),
            alert.object.0.number().into(),
            alert.object.1.into(),
            alert.message_id.into(),
            alert.summary.into(),
            alert.differences.into(),
            env.now.into(),
        ],
    )?;
    metrics::counter!("waypost_content_alerts_total", "kind" => alert.kind.word()).increment(1);
    Ok(())
}

/// What troubled an object is over: its open alerts whose kind starts with `prefix` are resolved.
///
/// # Errors
/// See [`Sql::put`].
pub fn settle(
    tx: &mut dyn Sql,
    env: &Env,
    lane: &Lane,
    (kind, code): (Kind, &str),
    prefix: &'static str,
) -> Result<(), StoreError> {
    let length = i64::try_from(prefix.len()).unwrap_or(i64::MAX);
    tx.put(
        "UPDATE content_alert SET state = 2, changed_at = ?7 WHERE partner = ?1 AND property = ?2 AND object_kind = ?3 \
         AND object = ?4 AND state < 2 AND substr(kind, 1, ?6) = ?5",
        &[
            lane.partner.into(),
            (&lane.property).into(),
            kind.number().into(),
            code.into(),
            prefix.into(),
            length.into(),
            env.now.into(),
        ],
    )
}

/// Nothing of a property can be mended or looked at any more: its open alerts are resolved.
///
/// # Errors
/// See [`Sql::put`].
pub fn settle_property(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<(), StoreError> {
    tx.put(
        "UPDATE content_alert SET state = 2, changed_at = ?3 WHERE partner = ?1 AND property = ?2 AND state < 2",
        &[lane.partner.into(), (&lane.property).into(), env.now.into()],
    )
}

/// An alert as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Time-ordered.
    pub id: i64,
    /// The partner's tenant.
    pub tenant: i64,
    /// The partner.
    pub partner: i64,
    /// What it is about.
    pub kind: String,
    /// How bad it is.
    pub severity: &'static str,
    /// The property; empty for the partner as a whole.
    pub property: String,
    /// The kind of object.
    pub object_kind: Kind,
    /// Its code.
    pub object: String,
    /// The message.
    pub message_id: String,
    /// One line.
    pub summary: String,
    /// A JSON array.
    pub differences: String,
    /// Open, acknowledged or resolved.
    pub state: &'static str,
    /// How often it was raised.
    pub times: i64,
    /// When it changed last.
    pub changed_at: Micros,
}

const COLUMNS: &str = "SELECT id, tenant, partner, kind, severity, property, object_kind, object, message_id, summary, differences, \
     state, times, changed_at FROM content_alert WHERE (tenant = ?1 OR ?1 = 0) AND state <= ?2 ORDER BY id DESC LIMIT ?3";
const UNTOLD: &str = "SELECT id, tenant, partner, kind, severity, property, object_kind, object, message_id, summary, differences, \
     state, times, changed_at FROM content_alert WHERE told_at < changed_at ORDER BY id LIMIT ?1";

const UNMAILED: &str = "SELECT id, tenant, partner, kind, severity, property, object_kind, object, message_id, summary, differences, \
     state, times, changed_at FROM content_alert \
     WHERE (state = 0 AND mailed_state < 0) OR (state = 2 AND mailed_state = 0) ORDER BY id LIMIT ?1";

fn of_row(row: &Row) -> Result<Alert, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    let word = |column, words: [&'static str; 3]| {
        let place = usize::try_from(row.int(column)?).unwrap_or(usize::MAX);
        words.get(place).copied().ok_or_else(|| StoreError::Corrupt("content_alert".to_owned()))
    };
    Ok(Alert {
        id: row.int(0)?,
        tenant: row.int(1)?,
        partner: row.int(2)?,
        kind: text(3)?,
        severity: word(4, SEVERITIES)?,
        property: text(5)?,
        object_kind: Kind::from_number(row.int(6)?)
            .ok_or_else(|| StoreError::Corrupt("content_alert.object_kind".to_owned()))?,
        object: text(7)?,
        message_id: text(8)?,
        summary: text(9)?,
        differences: text(10)?,
        state: word(11, STATES)?,
        times: row.int(12)?,
        changed_at: row.time(13)?,
    })
}

/// The newest alerts, the resolved ones only when `all`.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, ctx: &Ctx, all: bool, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let state = if all { 2_i64 } else { 1 };
    tx.query(COLUMNS, &[ctx.tenant.0.into(), state.into(), limit.into()])?.iter().map(of_row).collect()
}

/// Alerts that have changed since they were told, oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn untold(tx: &mut dyn Sql, limit: i64) -> Result<Vec<Alert>, StoreError> {
    tx.query(UNTOLD, &[limit.into()])?.iter().map(of_row).collect()
}

/// An alert was told as it was at `changed_at`.
///
/// # Errors
/// See [`Sql::put`].
pub fn told(tx: &mut dyn Sql, id: i64, changed_at: Micros) -> Result<(), StoreError> {
    tx.put("UPDATE content_alert SET told_at = ?2 WHERE id = ?1", &[id.into(), changed_at.into()])
}

/// Alerts that were opened, or resolved after that was mailed, and not mailed since; oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn unmailed(tx: &mut dyn Sql, limit: i64) -> Result<Vec<Alert>, StoreError> {
    tx.query(UNMAILED, &[limit.into()])?.iter().map(of_row).collect()
}

/// An alert was mailed in the state it has.
///
/// # Errors
/// See [`Sql::put`].
pub fn mailed(tx: &mut dyn Sql, alert: &Alert) -> Result<(), StoreError> {
    let state = STATES.iter().position(|word| *word == alert.state).unwrap_or(0);
    let state = i64::try_from(state).unwrap_or(0);
    tx.put("UPDATE content_alert SET mailed_state = ?2 WHERE id = ?1", &[alert.id.into(), state.into()])
}

/// Acknowledges or resolves an alert; false when there is none that is not further already.
///
/// # Errors
/// See [`Sql::exec`].
pub fn advance(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: i64,
    resolved: bool,
    now: Micros,
) -> Result<bool, StoreError> {
    let state = if resolved { 2_i64 } else { 1 };
    let touched = tx.exec(
        "UPDATE content_alert SET state = ?3, changed_at = ?4 WHERE id = ?1 AND (tenant = ?2 OR ?2 = 0) AND state < ?3",
        &[id.into(), ctx.tenant.0.into(), state.into(), now.into()],
    )?;
    Ok(touched == 1)
}
