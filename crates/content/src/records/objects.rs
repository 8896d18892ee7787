//! The model as its owner asks for it: one object, the objects of a kind, and taking one out.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Row, Sql, StoreError, query_one};

use super::copy;
use super::env::Env;
use super::model::{parse, targets};
use crate::kind::Kind;
use crate::rules;
use crate::wire::json::Json;
use crate::wire::push::Pushed;

/// An object of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its property; of a hotel its own code.
    pub property: String,
    /// What it is.
    pub kind: Kind,
    /// Its code.
    pub code: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it changed last.
    pub updated_at: Micros,
    /// The object; of products the array of all of the rate plan.
    pub body: Json,
}

/// What a partner has of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtPartner {
    /// Short name of the partner.
    pub partner: String,
    /// Whether it is still owed.
    pub owed: bool,
    /// The version it accepted last; 0 for none.
    pub version: i64,
    /// What its last audit found to differ, a JSON array; empty for nothing.
    pub drift: String,
}

/// What came of taking an object out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone from the model.
    Removed,
    /// There is no such object.
    Unknown,
    /// These name it, so it stays.
    Named(Vec<(Kind, String)>),
}

const COLUMNS: &str = "SELECT property, kind, code, enabled, version, updated_at, body FROM content_object ";

fn of_row(row: &mut Row) -> Result<Stored, StoreError> {
    let kind = Kind::from_number(row.int(1)?);
    let kind = kind.ok_or_else(|| StoreError::Corrupt("content_object.kind".to_owned()))?;
    Ok(Stored {
        property: row.take_text(0)?,
        kind,
        code: row.take_text(2)?,
        enabled: row.flag(3)?,
        version: row.int(4)?,
        updated_at: row.time(5)?,
        body: parse(row.text(6)?)?,
    })
}

/// One object.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    property: &str,
    kind: Kind,
    code: &str,
) -> Result<Option<Stored>, StoreError> {
    let sql = statement(0, "WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code = ?4");
    let key = [ctx.tenant.0.into(), property.into(), kind.number().into(), code.into()];
    query_one(tx, sql, &key)?.as_mut().map(of_row).transpose()
}

/// The objects of a kind behind a code, by code.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    property: &str,
    kind: Kind,
    (after, limit): (&str, i64),
) -> Result<Vec<Stored>, StoreError> {
    let sql = statement(
        1,
        "WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code > ?4 ORDER BY code LIMIT ?5",
    );
    let key = [ctx.tenant.0.into(), property.into(), kind.number().into(), after.into(), limit.into()];
    tx.query(sql, &key)?.iter_mut().map(of_row).collect()
}

/// The hotels behind a code, by code.
///
/// # Errors
/// See [`Sql::query`].
pub fn hotels(tx: &mut dyn Sql, ctx: &Ctx, (after, limit): (&str, i64)) -> Result<Vec<Stored>, StoreError> {
    let sql = statement(2, "WHERE tenant = ?1 AND property > ?2 AND kind = 0 ORDER BY property LIMIT ?3");
    tx.query(sql, &[ctx.tenant.0.into(), after.into(), limit.into()])?.iter_mut().map(of_row).collect()
}

/// Statements are prepared once and must live as long as the program: made at their first use.
fn statement(place: usize, rest: &str) -> &'static str {
    static MADE: [std::sync::OnceLock<String>; 3] =
        [std::sync::OnceLock::new(), std::sync::OnceLock::new(), std::sync::OnceLock::new()];
    MADE[place].get_or_init(|| format!("{COLUMNS}{rest}"))
}

/// What the tenant's partners have of an object, by short name.
///
/// # Errors
/// See [`Sql::query`].
pub fn at_partners(
    tx: &mut dyn Sql,
    env: &Env,
    object: &Stored,
    tenant: i64,
) -> Result<Vec<AtPartner>, StoreError> {
    let mut found = Vec::new();
    for partner in targets(&env.directory, tenant) {
        let row = query_one(
            tx,
            "SELECT due, sent_version, drift FROM content_copy \
             WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
            &[
                partner.id.into(),
                (&object.property).into(),
                object.kind.number().into(),
                (&object.code).into(),
            ],
        )?;
        let (owed, version, drift) = match row {
            Some(mut row) => (row.flag(0)?, row.int(1)?, row.take_text(2)?),
            None => (false, 0, String::new()),
        };
        found.push(AtPartner { partner: partner.slug.clone(), owed, version, drift });
    }
    found.sort_by(|one, other| one.partner.cmp(&other.partner));
    Ok(found)
}

/// Takes a room type, a rate plan or a cancellation policy out of the model, if nothing names it. The contract has no word
/// for that: partners keep what they have, and it is neither sent nor audited any more.
///
/// # Errors
/// See [`Sql::query`].
pub fn remove(
    tx: &mut dyn Sql,
    env: &Env,
    ctx: &Ctx,
    property: &str,
    kind: Kind,
    code: &str,
) -> Result<Removal, StoreError> {
    if find(tx, ctx, property, kind, code)?.is_none() {
        return Ok(Removal::Unknown);
    }
    let named = named_by(tx, ctx, property, kind, code)?;
    if !named.is_empty() {
        return Ok(Removal::Named(named));
    }
    // The products of a rate plan that has none are part of it.
    let parts: &[Kind] = if kind == Kind::RatePlan { &[Kind::Product, Kind::RatePlan] } else { &[kind] };
    for part in parts {
        tx.exec(
            "DELETE FROM content_object WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
            &[ctx.tenant.0.into(), property.into(), part.number().into(), code.into()],
        )?;
        for partner in targets(&env.directory, ctx.tenant.0) {
            copy::forget(tx, env, (partner.id, property), *part, code)?;
        }
    }
    Ok(Removal::Removed)
}

/// The objects that name one, at most a few.
fn named_by(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    property: &str,
    kind: Kind,
    code: &str,
) -> Result<Vec<(Kind, String)>, StoreError> {
    const TOLD_MAX: usize = 5;
    let mut found = Vec::new();
    for by in [Kind::RatePlan, Kind::Product] {
        for object in list(tx, ctx, property, by, ("", i64::MAX))? {
            let (own, is_empty) = (object.code.clone(), object.body == Json::List(Vec::new()));
            let pushed = Pushed { code: object.code, body: object.body };
            let names = rules::refers_to(by, &pushed);
            let is_own_set = by == Kind::Product && kind == Kind::RatePlan && is_empty;
            if !is_own_set && names.iter().any(|(other, named)| *other == kind && named == code) {
                found.push((by, own));
            }
            if found.len() >= TOLD_MAX {
                return Ok(found);
            }
        }
    }
    Ok(found)
}
