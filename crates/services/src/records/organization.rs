//! Organizations (spec 4.2, OrganizationDTO).

use waypost_store::{Row, Sql, StoreError, query_one};

use super::coordinate::{self, Coordinate, Owner};
use super::{Scope, audit, inserted};

/// An organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its id in the business system it comes from.
    pub source_id: Option<i64>,
    /// Its reference there.
    pub source_reference: Option<String>,
    /// Which business system.
    pub business_system: String,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// Its type.
    pub organization_type: Option<String>,
    /// Its business number.
    pub business_number: Option<String>,
    /// Raised by each change.
    pub revision: i64,
    /// Phones, e-mail addresses, postal addresses.
    pub coordinates: Vec<Coordinate>,
}

/// Organizations one answer holds at most.
const ORGANIZATIONS_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, source_id, source_reference, business_system, name_en, name_fr, organization_type, ",
            "business_number, revision FROM sd_organization WHERE tenant = ?1 AND deleted = 0 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Organization, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(Organization {
        id: row.int(0)?,
        source_id: row.opt_int(1)?,
        source_reference: text(2)?,
        business_system: row.text(3)?.to_owned(),
        name_en: row.text(4)?.to_owned(),
        name_fr: row.text(5)?.to_owned(),
        organization_type: text(6)?,
        business_number: text(7)?,
        revision: row.int(8)?,
        coordinates: Vec::new(),
    })
}

/// Stores an organization with its coordinates. Returns its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Organization) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_organization (tenant, source_id, source_reference, business_system, name_en, name_fr, \
         organization_type, business_number, deleted, revision, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 1, ?9, ?9) RETURNING id",
        &[
            scope.tenant().into(),
            new.source_id.into(),
            new.source_reference.as_deref().into(),
            (&new.business_system).into(),
            (&new.name_en).into(),
            (&new.name_fr).into(),
            new.organization_type.as_deref().into(),
            new.business_number.as_deref().into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    coordinate::replace(tx, scope, (Owner::Organization, id), &new.coordinates)?;
    audit::note(tx, scope, ("organization", id), "create", "")?;
    Ok(id)
}

/// Stores a changed organization with its coordinates. Returns its new revision.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(tx: &mut dyn Sql, scope: &Scope, changed: &Organization) -> Result<i64, StoreError> {
    tx.put(
        "UPDATE sd_organization SET source_id = ?3, source_reference = ?4, business_system = ?5, name_en = ?6, \
         name_fr = ?7, organization_type = ?8, business_number = ?9, revision = revision + 1, updated_at = ?10 \
         WHERE tenant = ?1 AND id = ?2",
        &[
            scope.tenant().into(),
            changed.id.into(),
            changed.source_id.into(),
            changed.source_reference.as_deref().into(),
            (&changed.business_system).into(),
            (&changed.name_en).into(),
            (&changed.name_fr).into(),
            changed.organization_type.as_deref().into(),
            changed.business_number.as_deref().into(),
            scope.now.into(),
        ],
    )?;
    coordinate::replace(tx, scope, (Owner::Organization, changed.id), &changed.coordinates)?;
    audit::note(tx, scope, ("organization", changed.id), "update", "")?;
    Ok(changed.revision + 1)
}

/// Removes an organization: it is found no more, what refers to it stays.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_organization SET deleted = 1, revision = revision + 1, updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("organization", id), "delete", "")
}

fn complete(tx: &mut dyn Sql, scope: &Scope, rows: &[Row]) -> Result<Vec<Organization>, StoreError> {
    let mut found = rows.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    for organization in &mut found {
        organization.coordinates = coordinate::of(tx, scope, (Owner::Organization, organization.id))?;
    }
    Ok(found)
}

/// An organization by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Organization>, StoreError> {
    let rows = tx.query(select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?;
    Ok(complete(tx, scope, &rows)?.pop())
}

/// An organization by its English or French name, as it is written; the first one of several.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_name(tx: &mut dyn Sql, scope: &Scope, name: &str) -> Result<Option<Organization>, StoreError> {
    let sql = select!("AND (name_en = ?2 OR name_fr = ?2) ORDER BY id LIMIT 1");
    let rows = tx.query(sql, &[scope.tenant().into(), name.into()])?;
    Ok(complete(tx, scope, &rows)?.pop())
}

/// Every organization, or those with an e-mail address.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope, email: Option<&str>) -> Result<Vec<Organization>, StoreError> {
    let tenant = scope.tenant().into();
    let rows = match email {
        None => tx.query(select!("ORDER BY id LIMIT ?2"), &[tenant, ORGANIZATIONS_MAX.into()])?,
        Some(email) => {
            let sql = select!(
                "AND id IN (SELECT owner FROM sd_coordinate WHERE tenant = ?1 AND email_key = ?2 AND owner_kind = 2) \
                 ORDER BY id LIMIT ?3"
            );
            tx.query(sql, &[tenant, (&email.trim().to_lowercase()).into(), ORGANIZATIONS_MAX.into()])?
        }
    };
    complete(tx, scope, &rows)
}

/// Those with these rows; unknown ones are left out.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_ids(tx: &mut dyn Sql, scope: &Scope, ids: &[i64]) -> Result<Vec<Organization>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(find(tx, scope, *id)?);
    }
    Ok(found)
}

/// Whether there is such an organization.
///
/// # Errors
/// See [`Sql::query`].
pub fn exists(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM sd_organization WHERE tenant = ?1 AND id = ?2 AND deleted = 0";
    Ok(query_one(tx, sql, &[scope.tenant().into(), id.into()])?.is_some())
}
