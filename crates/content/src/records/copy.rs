//! Copies: what each partner has accepted of an object, and what it is still owed.

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError, query_one};

use super::env::Env;
use super::lane::{self, Lane};
use crate::kind::Kind;

/// What is known of an object at a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What it is.
    pub kind: Kind,
    /// Its code.
    pub code: String,
    /// Whether something is to be sent.
    pub due: bool,
    /// The id of the message that is due or was accepted last.
    pub message: i64,
    /// Attempts of that message that got no answer.
    pub attempts: i64,
    /// Whether a refusal of it was already answered by NEW or ENABLE.
    pub healed: bool,
    /// The version it has accepted; 0 for none.
    pub sent_version: i64,
    /// Whether it is enabled there.
    pub sent_enabled: bool,
    /// Which audit comes next, counted from 1; 0 for none.
    pub audit_stage: i64,
    /// When.
    pub audit_at: Micros,
    /// When it was last repaired.
    pub repaired_at: Micros,
}

const ONE: &str = "SELECT kind, code, due, message, attempts, healed, sent_version, sent_enabled, audit_stage, audit_at, repaired_at \
     FROM content_copy WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4";

/// Columns of [`Copy`], from `at` on.
///
/// # Errors
/// When a column is not what it should be.
pub fn of_row(row: &Row, at: usize) -> Result<Copy, StoreError> {
    Ok(Copy {
        kind: Kind::from_number(row.int(at)?)
            .ok_or_else(|| StoreError::Corrupt("content_copy.kind".to_owned()))?,
        code: row.text(at + 1)?.to_owned(),
        due: row.flag(at + 2)?,
        message: row.int(at + 3)?,
        attempts: row.int(at + 4)?,
        healed: row.flag(at + 5)?,
        sent_version: row.int(at + 6)?,
        sent_enabled: row.flag(at + 7)?,
        audit_stage: row.int(at + 8)?,
        audit_at: row.time(at + 9)?,
        repaired_at: row.time(at + 10)?,
    })
}

/// Reads one.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, lane: &Lane, kind: Kind, code: &str) -> Result<Option<Copy>, StoreError> {
    let row = query_one(
        tx,
        ONE,
        &[lane.partner.into(), (&lane.property).into(), kind.number().into(), code.into()],
    )?;
    row.map(|row| of_row(&row, 0)).transpose()
}

/// Writes one back.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(tx: &mut dyn Sql, lane: &Lane, copy: &Copy) -> Result<(), StoreError> {
    tx.put(
        "UPDATE content_copy SET due = ?5, message = ?6, attempts = ?7, healed = ?8, sent_version = ?9, sent_enabled = ?10, \
         audit_stage = ?11, audit_at = ?12, repaired_at = ?13 \
         WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
        &[
            lane.partner.into(),
            (&lane.property).into(),
            copy.kind.number().into(),
            (&copy.code).into(),
            copy.due.into(),
            copy.message.into(),
            copy.attempts.into(),
            copy.healed.into(),
            copy.sent_version.into(),
            copy.sent_enabled.into(),
            copy.audit_stage.into(),
            copy.audit_at.into(),
            copy.repaired_at.into(),
        ],
    )
}

/// An object changed: it is owed under a fresh message id, whatever was owed before, and its lane is woken. A lane that
/// was parked on this very object goes on, since the new state takes the place of the one that failed (spec 2.3).
///
/// # Errors
/// See [`Sql::put`].
pub fn owe(tx: &mut dyn Sql, env: &Env, lane: &Lane, kind: Kind, code: &str) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO content_copy (partner, property, kind, code, due, message, attempts, healed, sent_version, sent_enabled, \
         audit_stage, audit_at, repaired_at, drift) VALUES (?1, ?2, ?3, ?4, 1, ?5, 0, 0, 0, 0, 0, 0, 0, '') \
         ON CONFLICT (partner, property, kind, code) \
         DO UPDATE SET due = 1, message = excluded.message, attempts = 0, healed = 0, audit_stage = 0",
        &[lane.partner.into(), (&lane.property).into(), kind.number().into(), code.into(), env.id().into()],
    )?;
    let parked_here = lane::state(tx, lane)?
        .is_some_and(|state| state.parked && state.parked_on == lane::object_name(kind, code));
    if parked_here { lane::unpark(tx, env, lane) } else { lane::wake(tx, env, lane) }
}

/// Everything of a property is owed anew, as if the partner had nothing: the full re-push. Returns how many objects.
///
/// # Errors
/// See [`Sql::exec`].
pub fn owe_all(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<u64, StoreError> {
    let rows = tx.query(
        "SELECT kind, code FROM content_object WHERE tenant = ?1 AND property = ?2 ORDER BY kind, code",
        &[lane.tenant.into(), (&lane.property).into()],
    )?;
    for row in &rows {
        let kind = Kind::from_number(row.int(0)?)
            .ok_or_else(|| StoreError::Corrupt("content_object.kind".to_owned()))?;
        owe(tx, env, lane, kind, row.text(1)?)?;
    }
    tx.exec(
        "UPDATE content_copy SET sent_version = 0 WHERE partner = ?1 AND property = ?2 AND due = 1",
        &[lane.partner.into(), (&lane.property).into()],
    )
}

/// An object is no longer in the model: nothing of it is owed or asked for. What the partner holds is known to be there, so
/// no audit takes it for a surprise. An answer still on its way is one to another message.
///
/// # Errors
/// See [`Sql::put`].
pub fn forget(
    tx: &mut dyn Sql,
    env: &Env,
    (partner, property): (i64, &str),
    kind: Kind,
    code: &str,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE content_copy SET due = 0, message = ?5, sent_version = 0, audit_stage = 0, drift = '' \
         WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
        &[partner.into(), property.into(), kind.number().into(), code.into(), env.id().into()],
    )
    .map(|_| ())
}

/// Notes what an audit found: the differences as JSON, or nothing.
///
/// # Errors
/// See [`Sql::put`].
pub fn note_drift(
    tx: &mut dyn Sql,
    lane: &Lane,
    kind: Kind,
    code: &str,
    drift: &str,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE content_copy SET drift = ?5 WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
        &[lane.partner.into(), (&lane.property).into(), kind.number().into(), code.into(), drift.into()],
    )
}
