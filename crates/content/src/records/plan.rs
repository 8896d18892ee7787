//! What a lane does next: a push, an audit, a rest, or nothing.

use waypost_core::time::Micros;
use waypost_store::directory::Partner;
use waypost_store::{Sql, StoreError, query_one};

use super::alert::{self, AlertKind, Raised, Severity};
use super::copy::{self, Copy};
use super::env::{Env, message_id};
use super::lane::{self, Lane};
use super::model;
use crate::kind::{Kind, Op};
use crate::rules::pushing::{self, Believed, Message};
use crate::wire::json::{self, Json};

/// Objects one audit asks for at most.
const AUDITED_MAX: i64 = 200;

/// What a lane does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this.
    Push(Box<Order>),
    /// Ask for this.
    Audit(Box<Question>),
    /// Nothing before then.
    Rest(Micros),
    /// Nothing until something happens.
    Idle,
}

/// A push to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What is known of the object at the partner.
    pub copy: Copy,
    /// What is done.
    pub op: Op,
    /// The version of the model that is sent.
    pub version: i64,
    /// Whether it is enabled there.
    pub enabled: bool,
    /// `messageId`.
    pub message_id: String,
    /// The message.
    pub message: Message,
}

/// An audit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked for.
    pub kind: Kind,
    /// What is expected: the copy, and the object as it was sent.
    pub expected: Vec<(Copy, Json)>,
    /// Everything of the kind is asked for, so that what is not expected is too much.
    pub whole: bool,
    /// `messageId`.
    pub message_id: String,
    /// The body.
    pub body: String,
}

/// Decides. What cannot be sent at all parks the lane here.
///
/// # Errors
/// Those of the store.
pub fn next(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<Step, StoreError> {
    let directory = std::sync::Arc::clone(&env.directory);
    let Some(partner) = directory.partner(lane.partner).filter(|it| it.enabled && it.url.is_some()) else {
        return Ok(Step::Idle);
    };
    let Some(state) = lane::state(tx, lane)? else { return Ok(Step::Idle) };
    if state.partner_paused {
        return Ok(Step::Idle);
    }
    if !state.parked
        && let Some(due) = due(tx, lane)?
    {
        if state.not_before > env.now {
            return Ok(Step::Rest(state.not_before));
        }
        return order(tx, env, lane, partner, due);
    }
    audit(tx, env, lane, state.full_audit_at)
}

struct Due {
    copy: Copy,
    version: i64,
    enabled: bool,
    body: String,
}

/// The first object that is owed, in the order of dependency. Below a property that is disabled at the partner nothing
/// can be pushed: it waits for the property.
fn due(tx: &mut dyn Sql, lane: &Lane) -> Result<Option<Due>, StoreError> {
    let row = query_one(
        tx,
        "SELECT c.kind, c.code, c.due, c.message, c.attempts, c.healed, c.sent_version, c.sent_enabled, c.audit_stage, \
         c.audit_at, c.repaired_at, o.version, o.enabled, o.body, \
         (SELECT h.sent_enabled FROM content_copy h WHERE h.partner = ?1 AND h.property = ?2 AND h.kind = 0 AND h.code = ?2) \
         FROM content_copy c JOIN content_object o ON o.tenant = ?3 AND o.property = c.property AND o.kind = c.kind \
         AND o.code = c.code WHERE c.partner = ?1 AND c.property = ?2 AND c.due = 1 ORDER BY c.kind, c.code LIMIT 1",
        &[lane.partner.into(), (&lane.property).into(), lane.tenant.into()],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let copy = copy::of_row(&row, 0)?;
    if copy.kind != Kind::Hotel && row.opt_int(14)? != Some(1) {
        return Ok(None);
    }
    Ok(Some(Due { copy, version: row.int(11)?, enabled: row.flag(12)?, body: row.take_text(13)? }))
}

fn order(tx: &mut dyn Sql, env: &Env, lane: &Lane, partner: &Partner, due: Due) -> Result<Step, StoreError> {
    let Due { copy, version, enabled, body } = due;
    let believed = Believed { known: copy.sent_version > 0, enabled: copy.sent_enabled };
    let op = pushing::operation(copy.kind, enabled, believed);
    let message_id = message_id(copy.message, lane.partner);
    let place = (lane.property.as_str(), copy.code.as_str());
    match pushing::message(partner, &message_id, (copy.kind, op), place, model::parse(&body)?) {
        Ok(message) => Ok(Step::Push(Box::new(Order { copy, op, version, enabled, message_id, message }))),
        Err(pushing::NeedsOptIn(field)) => {
            let reason = format!("the partner has not agreed to `{field}`, which this object needs");
            lane::park(tx, env, lane, (copy.kind, &copy.code), &reason)?;
            let object = (copy.kind, copy.code.as_str());
            let (kind, severity) = (AlertKind::QueueParked, Severity::Warning);
            let (summary, differences) = (reason.as_str(), "[]");
            let message_id = message_id.as_str();
            alert::raise(
                tx,
                env,
                lane,
                &Raised { kind, severity, object, message_id, summary, differences },
            )?;
            Ok(Step::Idle)
        }
    }
}

/// The audit that is due, or when the next one is.
fn audit(tx: &mut dyn Sql, env: &Env, lane: &Lane, full_audit_at: Micros) -> Result<Step, StoreError> {
    let hotel = copy::find(tx, lane, Kind::Hotel, &lane.property)?;
    if hotel.is_none_or(|hotel| !hotel.sent_enabled) {
        // Of a disabled property a partner gives nothing back (spec 4.2).
        return Ok(Step::Idle);
    }
    let mut full_audit_at = full_audit_at;
    if full_audit_at.0 != 0 && full_audit_at <= env.now {
        full_audit_at = plan_full_audit(tx, env, lane)?;
    }
    let rows = tx.query(
        "SELECT c.kind, c.code, c.due, c.message, c.attempts, c.healed, c.sent_version, c.sent_enabled, c.audit_stage, \
         c.audit_at, c.repaired_at, o.version, o.body FROM content_copy c \
         JOIN content_object o ON o.tenant = ?3 AND o.property = c.property AND o.kind = c.kind AND o.code = c.code \
         WHERE c.partner = ?1 AND c.property = ?2 AND c.audit_stage > 0 ORDER BY c.audit_at, c.kind, c.code LIMIT ?4",
        &[lane.partner.into(), (&lane.property).into(), lane.tenant.into(), AUDITED_MAX.into()],
    )?;
    let mut expected = Vec::new();
    let mut next_at = (full_audit_at.0 != 0).then_some(full_audit_at);
    for mut row in rows {
        let copy = copy::of_row(&row, 0)?;
        if copy.audit_at > env.now {
            next_at = Some(next_at.map_or(copy.audit_at, |at| at.min(copy.audit_at)));
        } else if expected.first().is_none_or(|(first, _): &(Copy, Json)| first.kind == copy.kind) {
            let body = row.take_text(12)?;
            expected.push((copy, model::parse(&body)?));
        }
    }
    let Some((first, _)) = expected.first() else {
        return Ok(next_at.map_or(Step::Idle, Step::Rest));
    };
    let kind = first.kind;
    question(tx, env, lane, kind, expected).map(|question| Step::Audit(Box::new(question)))
}

fn question(
    tx: &mut dyn Sql,
    env: &Env,
    lane: &Lane,
    kind: Kind,
    expected: Vec<(Copy, Json)>,
) -> Result<Question, StoreError> {
    let row = query_one(
        tx,
        "SELECT count(*) FROM content_copy WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND sent_version > 0",
        &[lane.partner.into(), (&lane.property).into(), kind.number().into()],
    )?;
    let known = row.map_or(Ok(0), |row| row.int(0))?;
    // Looked at again it is asked for by code: only then a partner tells that it has it disabled (spec 4.2).
    let first_look = expected.iter().all(|(copy, _)| copy.audit_stage == 1);
    let whole = first_look && usize::try_from(known).is_ok_and(|known| known == expected.len());
    let message_id = message_id(env.id(), lane.partner);
    let mut body = json::object([
        ("messageId", Json::from(message_id.as_str())),
        ("propertyCode", Json::from(lane.property.as_str())),
    ]);
    if let Some(key) = kind.filter_key() {
        let codes = expected.iter().map(|(copy, _)| Json::from(copy.code.as_str())).collect();
        body.set(key, if whole { Json::Null } else { Json::List(codes) });
    }
    Ok(Question { kind, expected, whole, message_id, body: body.to_string() })
}

/// Every object the partner has is audited now; returns when the next whole audit is.
///
/// # Errors
/// See [`Sql::put`].
pub fn plan_full_audit(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<Micros, StoreError> {
    let next = match env.timing.full_audit_ms {
        0 => Micros(0),
        ms => env.after(ms),
    };
    tx.put(
        "UPDATE content_lane SET full_audit_at = ?3 WHERE partner = ?1 AND property = ?2",
        &[lane.partner.into(), (&lane.property).into(), next.into()],
    )?;
    tx.put(
        "UPDATE content_copy SET audit_stage = 1, audit_at = ?3 WHERE partner = ?1 AND property = ?2 AND due = 0 \
         AND sent_version > 0 AND sent_enabled = 1 AND audit_stage = 0 AND EXISTS (SELECT 1 FROM content_object o \
         WHERE o.tenant = ?4 AND o.property = content_copy.property AND o.kind = content_copy.kind \
         AND o.code = content_copy.code)",
        &[lane.partner.into(), (&lane.property).into(), env.now.into(), lane.tenant.into()],
    )?;
    Ok(next)
}
