//! Permissions: defined for a service, granted to a person in it (spec 4.4).

use waypost_store::{Row, Sql, StoreError};

use super::{Scope, audit, inserted};

/// A permission as a service defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its code.
    pub code: i64,
    /// The service.
    pub service: i64,
    /// Short label.
    pub label: String,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// English remark.
    pub comment_en: String,
    /// French remark.
    pub comment_fr: String,
    /// Raised by each change; 0 before it is stored.
    pub revision: i64,
}

/// Definitions or grants of one answer at most.
const ROWS_MAX: i64 = 10_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT permission, service, label, name_en, name_fr, comment_en, comment_fr, revision ",
            "FROM sd_service_permission WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Definition, StoreError> {
    Ok(Definition {
        code: row.int(0)?,
        service: row.int(1)?,
        label: row.text(2)?.to_owned(),
        name_en: row.text(3)?.to_owned(),
        name_fr: row.text(4)?.to_owned(),
        comment_en: row.text(5)?.to_owned(),
        comment_fr: row.text(6)?.to_owned(),
        revision: row.int(7)?,
    })
}

/// Stores a definition in place of the former one. Returns its revision; the first is the time, so that a definition that was
/// removed and added again has none that it had before.
///
/// # Errors
/// See [`Sql::query`].
pub fn define(tx: &mut dyn Sql, scope: &Scope, new: &Definition) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_permission (tenant, service, permission, label, name_en, name_fr, comment_en, comment_fr, \
         revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant, service, permission) \
         DO UPDATE SET label = ?4, name_en = ?5, name_fr = ?6, comment_en = ?7, comment_fr = ?8, \
         revision = sd_service_permission.revision + 1 RETURNING revision",
        &[
            scope.tenant().into(),
            new.service.into(),
            new.code.into(),
            (&new.label).into(),
            (&new.name_en).into(),
            (&new.name_fr).into(),
            (&new.comment_en).into(),
            (&new.comment_fr).into(),
            scope.now.into(),
        ],
    )?;
    audit::note(tx, scope, ("service", new.service), "define permission", &new.code.to_string())?;
    inserted(&rows)
}

/// Removes a definition and takes the permission from whoever holds it there. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn undefine(tx: &mut dyn Sql, scope: &Scope, service: i64, code: i64) -> Result<bool, StoreError> {
    let params = [scope.tenant().into(), service.into(), code.into()];
    let sql = "DELETE FROM sd_service_permission WHERE tenant = ?1 AND service = ?2 AND permission = ?3";
    if tx.exec(sql, &params)? == 0 {
        return Ok(false);
    }
    tx.put("DELETE FROM sd_user_permission WHERE tenant = ?1 AND service = ?2 AND permission = ?3", &params)?;
    audit::note(tx, scope, ("service", service), "remove permission", &code.to_string())?;
    Ok(true)
}

/// The permissions of a service, by code.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_service(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<Definition>, StoreError> {
    let sql = select!("AND service = ?2 ORDER BY permission LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), service.into(), ROWS_MAX.into()])?.iter().map(of).collect()
}

/// The permission of a service with this code.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    code: i64,
) -> Result<Option<Definition>, StoreError> {
    let sql = select!("AND service = ?2 AND permission = ?3");
    tx.query(sql, &[scope.tenant().into(), service.into(), code.into()])?.first().map(of).transpose()
}

/// The permissions that any service of the tenant defines, by code and service.
///
/// # Errors
/// See [`Sql::query`].
pub fn all(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Definition>, StoreError> {
    let sql = select!("ORDER BY permission, service LIMIT ?2");
    tx.query(sql, &[scope.tenant().into(), ROWS_MAX.into()])?.iter().map(of).collect()
}

/// A permission somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The person.
    pub user: i64,
    /// In which service.
    pub service: i64,
    /// For which organization, if any.
    pub organization: Option<i64>,
    /// Its code.
    pub code: i64,
}

fn held(row: &Row) -> Result<Held, StoreError> {
    Ok(Held {
        user: row.int(0)?,
        service: row.int(1)?,
        organization: Some(row.int(2)?).filter(|id| *id > 0),
        code: row.int(3)?,
    })
}

/// Grants a permission; doing it again changes nothing.
///
/// # Errors
/// See [`Sql::put`].
pub fn grant(tx: &mut dyn Sql, scope: &Scope, new: Held) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_user_permission (tenant, user_id, service, organization, permission, granted_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        &[
            scope.tenant().into(),
            new.user.into(),
            new.service.into(),
            new.organization.unwrap_or(0).into(),
            new.code.into(),
            scope.now.into(),
        ],
    )?;
    let detail = format!("{} in service {}", new.code, new.service);
    audit::note(tx, scope, ("user", new.user), "grant permission", &detail)
}

/// Takes a permission away. Returns whether it was held.
///
/// # Errors
/// See [`Sql::exec`].
pub fn revoke(tx: &mut dyn Sql, scope: &Scope, old: Held) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "DELETE FROM sd_user_permission WHERE tenant = ?1 AND user_id = ?2 AND service = ?3 AND organization = ?4 \
         AND permission = ?5",
        &[
            scope.tenant().into(),
            old.user.into(),
            old.service.into(),
            old.organization.unwrap_or(0).into(),
            old.code.into(),
        ],
    )?;
    if touched > 0 {
        let detail = format!("{} in service {}", old.code, old.service);
        audit::note(tx, scope, ("user", old.user), "revoke permission", &detail)?;
    }
    Ok(touched > 0)
}

/// What a person holds, by service, organization and code.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_user(tx: &mut dyn Sql, scope: &Scope, user: i64) -> Result<Vec<Held>, StoreError> {
    let rows = tx.query(
        "SELECT user_id, service, organization, permission FROM sd_user_permission \
         WHERE tenant = ?1 AND user_id = ?2 ORDER BY service, organization, permission LIMIT ?3",
        &[scope.tenant().into(), user.into(), ROWS_MAX.into()],
    )?;
    rows.iter().map(held).collect()
}

/// Who holds a permission in a service, by person.
///
/// # Errors
/// See [`Sql::query`].
pub fn holders(tx: &mut dyn Sql, scope: &Scope, code: i64, service: i64) -> Result<Vec<Held>, StoreError> {
    let rows = tx.query(
        "SELECT user_id, service, organization, permission FROM sd_user_permission \
         WHERE tenant = ?1 AND permission = ?2 AND service = ?3 ORDER BY user_id, organization LIMIT ?4",
        &[scope.tenant().into(), code.into(), service.into(), ROWS_MAX.into()],
    )?;
    rows.iter().map(held).collect()
}
