//! Lanes: one property at one partner. A lane has at most one work row, so at most one message of it is on its way.

use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::alert;
use super::env::Env;
use crate::kind::Kind;

/// Work of kind lane: whatever the lane owes next. On disk.
pub const LANE: i64 = 60;

/// One property at one partner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The partner.
    pub partner: i64,
    /// Its tenant.
    pub tenant: i64,
    /// The property.
    pub property: String,
}

impl Lane {
    /// The queue of a partner's lanes.
    #[must_use]
    pub const fn queue(partner: i64, tenant: i64) -> QueueKey {
        QueueKey { kind: LANE, dest: partner, tenant, sender: 0, priority: 2 }
    }

    /// The lane's number in the delivery engine; never 0.
    #[must_use]
    pub fn number(&self) -> i64 {
        match key(KeyKind::Destination, self.partner, &self.property) {
            0 => 1,
            number => number,
        }
    }

    /// The stored form of a work row's payload.
    #[must_use]
    pub fn to_payload(&self) -> String {
        format!("{} {} {}", self.partner, self.tenant, self.property)
    }

    /// From the stored form.
    #[must_use]
    pub fn from_payload(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        let (partner, tenant) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { partner, tenant, property: words.next()?.to_owned() })
    }
}

/// How a lane is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneState {
    /// Nothing is sent until an operator says so, or the object it stopped at changes.
    pub parked: bool,
    /// Why it was parked last; empty when it never was or got over it.
    pub reason: String,
    /// The object it stopped at: number of the kind, blank, code.
    pub parked_on: String,
    /// When it was parked.
    pub parked_at: Micros,
    /// Nothing is pushed before.
    pub not_before: Micros,
    /// Its work row; 0 for none.
    pub work: i64,
    /// When it is to be audited whole; 0 for never.
    pub full_audit_at: Micros,
    /// Whether nothing may be sent to the partner at all; see [`paused`].
    pub partner_paused: bool,
}

/// Reads a lane.
///
/// # Errors
/// See [`Sql::query`].
pub fn state(tx: &mut dyn Sql, lane: &Lane) -> Result<Option<LaneState>, StoreError> {
    let row = query_one(
        tx,
        "SELECT parked, reason, parked_on, parked_at, not_before, work, full_audit_at, \
         (SELECT count(*) FROM content_pause p WHERE p.partner = ?1) FROM content_lane \
         WHERE partner = ?1 AND property = ?2",
        &[lane.partner.into(), (&lane.property).into()],
    )?;
    row.map(|row| {
        Ok(LaneState {
            parked: row.flag(0)?,
            reason: row.text(1)?.to_owned(),
            parked_on: row.text(2)?.to_owned(),
            parked_at: row.time(3)?,
            not_before: row.time(4)?,
            work: row.int(5)?,
            full_audit_at: row.time(6)?,
            partner_paused: row.int(7)? > 0,
        })
    })
    .transpose()
}

/// Name of an object in `parked_on`.
#[must_use]
pub fn object_name(kind: Kind, code: &str) -> String {
    format!("{} {code}", kind.number())
}

/// Makes the lane unless it is there, and plans it to be looked at now.
///
/// # Errors
/// See [`Sql::put`].
pub fn wake(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<(), StoreError> {
    let known = state(tx, lane)?;
    let full_audit_at = match env.timing.full_audit_ms {
        0 => Micros(0),
        ms => env.after(ms),
    };
    match known {
        Some(state) if state.work != 0 => tx
            .exec(
                "UPDATE work SET ready_at = ?2 WHERE id = ?1 AND leased = 0 AND ready_at > ?2",
                &[state.work.into(), env.now.into()],
            )
            .map(|_| ()),
        Some(_) => {
            let work = plan(tx, env, lane)?;
            tx.put(
                "UPDATE content_lane SET work = ?3 WHERE partner = ?1 AND property = ?2",
                &[lane.partner.into(), (&lane.property).into(), work.into()],
            )
        }
        None => {
            let work = plan(tx, env, lane)?;
            tx.put(
                "INSERT INTO content_lane (partner, property, tenant, parked, reason, parked_on, parked_at, not_before, work, \
                 full_audit_at) VALUES (?1, ?2, ?3, 0, '', '', 0, 0, ?4, ?5)",
                &[
                    lane.partner.into(),
                    (&lane.property).into(),
                    lane.tenant.into(),
                    work.into(),
                    full_audit_at.into(),
                ],
            )
        }
    }
}

fn plan(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<i64, StoreError> {
    let queue = Lane::queue(lane.partner, lane.tenant);
    work::ensure_queue(tx, &queue)?;
    let id = env.id();
    let payload = lane.to_payload();
    work::insert(
        tx,
        &NewWork {
            id,
            queue: &queue,
            lane: lane.number(),
            ready_at: env.now,
            leased: false,
            subject: id,
            expires_at: None,
            payload: &payload,
        },
    )?;
    Ok(id)
}

/// How old a lease may be before it is renewed, milliseconds; half of the dispatcher's margin.
const RENEWED_MS: u64 = 500;

/// Holds the lane's work for another message; false when somebody else has it by now.
///
/// A lease that was renewed a moment ago is long enough as it is: a lease is longer than a message's deadline by a margin
/// that is twice this moment, and each renewal costs two entries of an index.
///
/// # Errors
/// See [`Sql::exec`].
pub fn hold(tx: &mut dyn Sql, env: &Env, work: i64, fence: i64) -> Result<bool, StoreError> {
    let row = query_one(
        tx,
        "SELECT ready_at FROM work WHERE id = ?1 AND fence = ?2 AND leased = 1",
        &[work.into(), fence.into()],
    )?;
    let Some(row) = row else { return Ok(false) };
    if row.time(0)? > env.after(env.timing.lease_ms.saturating_sub(RENEWED_MS)) {
        return Ok(true);
    }
    let until = env.after(env.timing.lease_ms);
    let touched = tx.exec(
        "UPDATE work SET ready_at = ?3 WHERE id = ?1 AND fence = ?2 AND leased = 1",
        &[work.into(), fence.into(), until.into()],
    )?;
    Ok(touched == 1)
}

/// Nothing is left to do: the lane's work is over.
///
/// # Errors
/// See [`Sql::exec`].
pub fn end(tx: &mut dyn Sql, lane: &Lane, work: i64, fence: i64) -> Result<(), StoreError> {
    if work::complete(tx, work, fence)? {
        tx.put(
            "UPDATE content_lane SET work = 0 WHERE partner = ?1 AND property = ?2 AND work = ?3",
            &[lane.partner.into(), (&lane.property).into(), work.into()],
        )?;
    }
    Ok(())
}

/// Stops a lane at an object.
///
/// # Errors
/// See [`Sql::put`].
pub fn park(
    tx: &mut dyn Sql,
    env: &Env,
    lane: &Lane,
    on: (Kind, &str),
    reason: &str,
) -> Result<(), StoreError> {
    let name = object_name(on.0, on.1);
    tx.put(
        "UPDATE content_lane SET parked = 1, reason = ?3, parked_on = ?4, parked_at = ?5, not_before = 0 \
         WHERE partner = ?1 AND property = ?2",
        &[lane.partner.into(), (&lane.property).into(), reason.into(), (&name).into(), env.now.into()],
    )
}

/// Lets a lane go on.
///
/// # Errors
/// See [`Sql::put`].
pub fn unpark(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<(), StoreError> {
    tx.put(
        "UPDATE content_lane SET parked = 0, parked_on = '', not_before = 0 WHERE partner = ?1 AND property = ?2",
        &[lane.partner.into(), (&lane.property).into()],
    )?;
    tx.put(
        "UPDATE content_copy SET attempts = 0, healed = 0 WHERE partner = ?1 AND property = ?2 AND due = 1",
        &[lane.partner.into(), (&lane.property).into()],
    )?;
    wake(tx, env, lane)
}

/// Why nothing is sent to a partner; `None` when something may be.
///
/// # Errors
/// See [`Sql::query`].
pub fn paused(tx: &mut dyn Sql, partner: i64) -> Result<Option<String>, StoreError> {
    let row = query_one(tx, "SELECT reason FROM content_pause WHERE partner = ?1", &[partner.into()])?;
    row.map(|mut row| row.take_text(0)).transpose()
}

/// Sends nothing to a partner from here on.
///
/// # Errors
/// See [`Sql::put`].
pub fn pause(tx: &mut dyn Sql, env: &Env, partner: i64, reason: &str) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO content_pause (partner, reason, since) VALUES (?1, ?2, ?3) ON CONFLICT (partner) DO NOTHING",
        &[partner.into(), reason.into(), env.now.into()],
    )
}

/// Lanes one command or one look of the upkeep wakes at most; the next look goes on.
const WOKEN_MAX: i64 = 10_000;

/// Lets a partner be pushed to again: every lane that rests although it owes something is woken, and the alert about our
/// credentials is over. Returns how many lanes.
///
/// # Errors
/// See [`Sql::query`].
pub fn resume(tx: &mut dyn Sql, env: &Env, partner: i64, tenant: i64) -> Result<usize, StoreError> {
    tx.exec("DELETE FROM content_pause WHERE partner = ?1", &[partner.into()])?;
    let everywhere = Lane { partner, tenant, property: String::new() };
    alert::settle(tx, env, &everywhere, (Kind::Hotel, ""), "AUTH_")?;
    wake_resting(tx, env, partner)
}

/// Wakes the partner's lanes that rest although they owe a message or an audit: after a pause, after the partner was
/// disabled for a while, or when another process owed something in the moment the lane's work ended. Returns how many.
///
/// What waits below a property that is disabled at the partner stays asleep: it goes on with the property.
///
/// # Errors
/// See [`Sql::query`].
pub fn wake_resting(tx: &mut dyn Sql, env: &Env, partner: i64) -> Result<usize, StoreError> {
    let rows = tx.query(
        "SELECT l.partner, l.tenant, l.property FROM content_lane l WHERE l.partner = ?1 AND l.work = 0 \
         AND NOT EXISTS (SELECT 1 FROM content_pause p WHERE p.partner = l.partner) \
         AND EXISTS (SELECT 1 FROM content_copy c WHERE c.partner = l.partner AND c.property = l.property \
         AND ((c.due = 1 AND l.parked = 0) OR c.audit_stage > 0) \
         AND ((c.due = 1 AND c.kind = 0 AND l.parked = 0) OR EXISTS (SELECT 1 FROM content_copy h WHERE h.partner = l.partner \
         AND h.property = l.property AND h.kind = 0 AND h.code = l.property AND h.sent_enabled = 1))) \
         ORDER BY l.property LIMIT ?2",
        &[partner.into(), WOKEN_MAX.into()],
    )?;
    let lanes = rows.iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    lanes.iter().try_for_each(|lane| wake(tx, env, lane))?;
    Ok(lanes.len())
}

/// A lane from the columns partner, tenant, property.
///
/// # Errors
/// When the columns are others.
pub fn of_row(row: &waypost_store::Row) -> Result<Lane, StoreError> {
    Ok(Lane { partner: row.int(0)?, tenant: row.int(1)?, property: row.text(2)?.to_owned() })
}

/// The lanes of a partner, or those of one property, with their states, by property.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    partner: i64,
    property: Option<&str>,
    parked_only: bool,
) -> Result<Vec<(Lane, LaneState)>, StoreError> {
    let rows = tx.query(
        "SELECT partner, tenant, property FROM content_lane WHERE partner = ?1 AND (tenant = ?2 OR ?2 = 0) \
         AND (property = ?3 OR ?3 = '') AND parked >= ?4 ORDER BY property LIMIT ?5",
        &[
            partner.into(),
            ctx.tenant.0.into(),
            property.unwrap_or_default().into(),
            parked_only.into(),
            WOKEN_MAX.into(),
        ],
    )?;
    let lanes = rows.iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    lanes
        .into_iter()
        .filter_map(|lane| state(tx, &lane).map(|found| found.map(|it| (lane, it))).transpose())
        .collect()
}
