//! What an operator does to lanes: look, retry, skip, replay, audit, repair.

use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::alert;
use super::copy;
use super::env::Env;
use super::lane::{self, Lane};
use super::plan;
use crate::kind::Kind;

/// Rows of a report at most.
const SHOWN_MAX: i64 = 10_000;

/// The object a lane was parked on is left out, and the lane goes on; false when the lane is not parked. What is left out
/// is sent again when it changes.
///
/// # Errors
/// See [`Sql::put`].
pub fn skip(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<bool, StoreError> {
    let Some(state) = lane::state(tx, lane)?.filter(|state| state.parked) else { return Ok(false) };
    if let Some((kind, code)) = parked_on(&state.parked_on) {
        if let Some(mut held) = copy::find(tx, lane, kind, code)? {
            held.due = false;
            copy::update(tx, lane, &held)?;
        }
        alert::settle(tx, env, lane, (kind, code), "PUSH_")?;
        alert::settle(tx, env, lane, (kind, code), "QUEUE_")?;
    }
    lane::unpark(tx, env, lane)?;
    Ok(true)
}

/// The parts of a lane's `parked_on`.
#[must_use]
pub fn parked_on(text: &str) -> Option<(Kind, &str)> {
    let (number, code) = text.split_once(' ')?;
    Some((Kind::from_number(number.parse().ok()?)?, code))
}

/// Everything of a property is sent anew, in the order of dependency. Returns how many objects.
///
/// # Errors
/// See [`Sql::put`].
pub fn replay(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<u64, StoreError> {
    let owed = copy::owe_all(tx, env, lane)?;
    lane::unpark(tx, env, lane)?;
    Ok(owed)
}

/// The properties of a tenant's model, by code.
///
/// # Errors
/// See [`Sql::query`].
pub fn properties(tx: &mut dyn Sql, tenant: i64) -> Result<Vec<String>, StoreError> {
    let rows = tx.query(
        "SELECT property FROM content_object WHERE tenant = ?1 AND kind = 0 ORDER BY property LIMIT ?2",
        &[tenant.into(), SHOWN_MAX.into()],
    )?;
    rows.into_iter().map(|mut row| row.take_text(0)).collect()
}

/// The lane is audited whole, now.
///
/// # Errors
/// See [`Sql::put`].
pub fn audit(tx: &mut dyn Sql, env: &Env, lane: &Lane) -> Result<(), StoreError> {
    plan::plan_full_audit(tx, env, lane)?;
    lane::wake(tx, env, lane)
}

/// An object that differs at a partner, as its last audit found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Where.
    pub lane: Lane,
    /// What.
    pub kind: Kind,
    /// Its code.
    pub code: String,
    /// The differences, a JSON array.
    pub differences: String,
}

/// What differs at a partner, of one property or of all.
///
/// # Errors
/// See [`Sql::query`].
pub fn drift(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    partner: i64,
    property: Option<&str>,
) -> Result<Vec<Drift>, StoreError> {
    let rows = tx.query(
        "SELECT l.partner, l.tenant, l.property, c.kind, c.code, c.drift FROM content_lane l \
         JOIN content_copy c ON c.partner = l.partner AND c.property = l.property \
         WHERE l.partner = ?1 AND (l.tenant = ?2 OR ?2 = 0) AND (l.property = ?3 OR ?3 = '') AND c.drift <> '' \
         ORDER BY l.property, c.kind, c.code LIMIT ?4",
        &[partner.into(), ctx.tenant.0.into(), property.unwrap_or_default().into(), SHOWN_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            let kind = Kind::from_number(row.int(3)?)
                .ok_or_else(|| StoreError::Corrupt("content_copy.kind".to_owned()))?;
            let (code, differences) = (row.text(4)?.to_owned(), row.text(5)?.to_owned());
            Ok(Drift { lane: lane::of_row(row)?, kind, code, differences })
        })
        .collect()
}

/// Everything that differs at a partner is sent again. Returns what.
///
/// # Errors
/// See [`Sql::put`].
pub fn repair(
    tx: &mut dyn Sql,
    env: &Env,
    ctx: &Ctx,
    partner: i64,
    property: Option<&str>,
) -> Result<Vec<Drift>, StoreError> {
    let found = drift(tx, ctx, partner, property)?;
    for one in &found {
        copy::owe(tx, env, &one.lane, one.kind, &one.code)?;
        // What the partner does not have at all can only be new there.
        if one.differences.starts_with(r#"[{"path":"","#)
            && let Some(mut held) = copy::find(tx, &one.lane, one.kind, &one.code)?
        {
            held.sent_version = 0;
            copy::update(tx, &one.lane, &held)?;
        }
    }
    Ok(found)
}

/// A partner in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Properties it has.
    pub lanes: i64,
    /// Those that stand still until somebody says so.
    pub parked: i64,
    /// Objects it is owed.
    pub owed: i64,
    /// Objects its last audits found to differ.
    pub drifted: i64,
}

/// Counts a partner's lanes and what is amiss in them.
///
/// # Errors
/// See [`Sql::query`].
pub fn totals(tx: &mut dyn Sql, partner: i64) -> Result<Totals, StoreError> {
    let mut count = |sql: &'static str| -> Result<i64, StoreError> {
        query_one(tx, sql, &[partner.into()])?.map_or(Ok(0), |row| row.int(0))
    };
    Ok(Totals {
        lanes: count("SELECT count(*) FROM content_lane WHERE partner = ?1")?,
        parked: count("SELECT count(*) FROM content_lane WHERE partner = ?1 AND parked = 1")?,
        owed: count("SELECT count(*) FROM content_copy WHERE partner = ?1 AND due = 1")?,
        drifted: count("SELECT count(*) FROM content_copy WHERE partner = ?1 AND drift <> ''")?,
    })
}

/// How many objects of each lane are owed: property and count, of those that owe any.
///
/// # Errors
/// See [`Sql::query`].
pub fn owed(tx: &mut dyn Sql, partner: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.query(
        "SELECT property, count(*) FROM content_copy WHERE partner = ?1 AND due = 1 GROUP BY property ORDER BY property LIMIT ?2",
        &[partner.into(), SHOWN_MAX.into()],
    )?;
    rows.into_iter().map(|mut row| Ok((row.take_text(0)?, row.int(1)?))).collect()
}
