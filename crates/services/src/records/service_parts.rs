//! What belongs to a service: statuses with their clock, standards, attributes, activities, kinds of regulated entities,
//! organizations, groups.

use waypost_store::{Sql, StoreError, query_one};

use super::{Scope, inserted};
use crate::rules::RequestStatus;

/// Parts of one kind a service has at most.
const PARTS_MAX: i64 = 1_000;

/// A part with two names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its row.
    pub id: i64,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
}

/// A kind of regulated entity of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityType {
    /// Such as `VESSEL`.
    pub type_code: String,
    /// Such as `IMO`.
    pub id_type_code: String,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// Where it stands among the others.
    pub sort_order: i64,
}

/// Sets whether the service-standard clock runs in a status; from then on the service uses the set statuses only.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_status(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    status: RequestStatus,
    clock_on: bool,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_service_status (tenant, service, status, clock_on) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, service, status) DO UPDATE SET clock_on = ?4",
        &[scope.tenant().into(), service.into(), status.number().into(), clock_on.into()],
    )
}

/// The statuses a service has set, by number; empty when it uses all.
///
/// # Errors
/// See [`Sql::query`].
pub fn statuses(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
) -> Result<Vec<(RequestStatus, bool)>, StoreError> {
    let rows = tx.query(
        "SELECT status, clock_on FROM sd_service_status WHERE tenant = ?1 AND service = ?2 ORDER BY status LIMIT 100",
        &[scope.tenant().into(), service.into()],
    )?;
    let mut found = Vec::new();
    for row in &rows {
        found.extend(
            RequestStatus::of(row.int(0)?).map(|status| (status, row.int(1).is_ok_and(|on| on != 0))),
        );
    }
    Ok(found)
}

/// Whether the clock of a service runs in a status: on, unless the service says otherwise.
///
/// # Errors
/// See [`Sql::query`].
pub fn clock_on(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    status: RequestStatus,
) -> Result<bool, StoreError> {
    let sql = "SELECT clock_on FROM sd_service_status WHERE tenant = ?1 AND service = ?2 AND status = ?3";
    let row = query_one(tx, sql, &[scope.tenant().into(), service.into(), status.number().into()])?;
    row.map_or(Ok(true), |row| row.flag(0))
}

/// Adds a service standard of so many days.
///
/// # Errors
/// See [`Sql::query`].
pub fn add_standard(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    (name_en, name_fr): (&str, &str),
    days: i64,
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_standard (tenant, service, name_en, name_fr, days) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        &[scope.tenant().into(), service.into(), name_en.into(), name_fr.into(), days.into()],
    )?;
    inserted(&rows)
}

/// A standard of a service; `None` for one of another service.
///
/// # Errors
/// See [`Sql::query`].
pub fn standard(tx: &mut dyn Sql, scope: &Scope, service: i64, id: i64) -> Result<Option<Named>, StoreError> {
    let sql =
        "SELECT id, name_en, name_fr FROM sd_service_standard WHERE tenant = ?1 AND service = ?2 AND id = ?3";
    query_one(tx, sql, &[scope.tenant().into(), service.into(), id.into()])?.as_ref().map(named).transpose()
}

fn named(row: &waypost_store::Row) -> Result<Named, StoreError> {
    Ok(Named { id: row.int(0)?, name_en: row.text(1)?.to_owned(), name_fr: row.text(2)?.to_owned() })
}

/// Adds an attribute: a sub-type of the service.
///
/// # Errors
/// See [`Sql::query`].
pub fn add_attribute(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    (name_en, name_fr): (&str, &str),
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_attribute (tenant, service, name_en, name_fr) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        &[scope.tenant().into(), service.into(), name_en.into(), name_fr.into()],
    )?;
    inserted(&rows)
}

/// Whether an attribute is one of the service.
///
/// # Errors
/// See [`Sql::query`].
pub fn has_attribute(tx: &mut dyn Sql, scope: &Scope, service: i64, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM sd_service_attribute WHERE tenant = ?1 AND service = ?2 AND id = ?3";
    Ok(query_one(tx, sql, &[scope.tenant().into(), service.into(), id.into()])?.is_some())
}

/// Adds an activity.
///
/// # Errors
/// See [`Sql::query`].
pub fn add_activity(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    (name_en, name_fr): (&str, &str),
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_activity (tenant, service, name_en, name_fr) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        &[scope.tenant().into(), service.into(), name_en.into(), name_fr.into()],
    )?;
    inserted(&rows)
}

/// The activities of a service.
///
/// # Errors
/// See [`Sql::query`].
pub fn activities(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<Named>, StoreError> {
    let rows = tx.query(
        "SELECT id, name_en, name_fr FROM sd_service_activity WHERE tenant = ?1 AND service = ?2 ORDER BY id LIMIT ?3",
        &[scope.tenant().into(), service.into(), PARTS_MAX.into()],
    )?;
    rows.iter().map(named).collect()
}

/// Adds a kind of regulated entity; one that is there is renamed.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_entity_type(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    kind: &EntityType,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_service_entity_type (tenant, service, type_code, id_type_code, name_en, name_fr, sort_order) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, service, type_code, id_type_code) \
         DO UPDATE SET name_en = ?5, name_fr = ?6, sort_order = ?7",
        &[
            scope.tenant().into(),
            service.into(),
            (&kind.type_code).into(),
            (&kind.id_type_code).into(),
            (&kind.name_en).into(),
            (&kind.name_fr).into(),
            kind.sort_order.into(),
        ],
    )
}

/// The kinds of regulated entities of a service, in their order.
///
/// # Errors
/// See [`Sql::query`].
pub fn entity_types(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<EntityType>, StoreError> {
    let rows = tx.query(
        "SELECT type_code, id_type_code, name_en, name_fr, sort_order FROM sd_service_entity_type \
         WHERE tenant = ?1 AND service = ?2 ORDER BY sort_order, id_type_code LIMIT ?3",
        &[scope.tenant().into(), service.into(), PARTS_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(EntityType {
                type_code: row.text(0)?.to_owned(),
                id_type_code: row.text(1)?.to_owned(),
                name_en: row.text(2)?.to_owned(),
                name_fr: row.text(3)?.to_owned(),
                sort_order: row.int(4)?,
            })
        })
        .collect()
}

/// Lets an organization use a service; doing it again changes nothing.
///
/// # Errors
/// See [`Sql::put`].
pub fn bind_organization(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    organization: i64,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_service_organization (tenant, service, organization) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[scope.tenant().into(), service.into(), organization.into()],
    )?;
    super::audit::note(tx, scope, ("service", service), "bind organization", &organization.to_string())
}

/// The organizations that may use a service.
///
/// # Errors
/// See [`Sql::query`].
pub fn organizations(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<i64>, StoreError> {
    let rows = tx.query(
        "SELECT organization FROM sd_service_organization WHERE tenant = ?1 AND service = ?2 \
         ORDER BY organization LIMIT ?3",
        &[scope.tenant().into(), service.into(), PARTS_MAX.into()],
    )?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Adds a group under which services are shown.
///
/// # Errors
/// See [`Sql::query`].
pub fn add_group(
    tx: &mut dyn Sql,
    scope: &Scope,
    (name_en, name_fr): (&str, &str),
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_group (tenant, name_en, name_fr) VALUES (?1, ?2, ?3) RETURNING id",
        &[scope.tenant().into(), name_en.into(), name_fr.into()],
    )?;
    inserted(&rows)
}

/// A group by its row or by one of its names in any case.
///
/// # Errors
/// See [`Sql::query`].
pub fn group(tx: &mut dyn Sql, scope: &Scope, named: &str) -> Result<Option<i64>, StoreError> {
    let rows = tx.query(
        "SELECT id, name_en, name_fr FROM sd_service_group WHERE tenant = ?1 ORDER BY id LIMIT ?2",
        &[scope.tenant().into(), PARTS_MAX.into()],
    )?;
    for row in &rows {
        let id = row.int(0)?;
        let same = |text: &str| text.to_lowercase() == named.to_lowercase();
        if id.to_string() == named || same(row.text(1)?) || same(row.text(2)?) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
