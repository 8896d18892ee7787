//! The regulated entities a request is about.

use waypost_store::{Sql, StoreError, query_one};

use super::{Scope, audit, entity_part};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Such as `VESSEL`.
    pub type_code: String,
    /// Such as `IMO`.
    pub id_type_code: String,
    /// Its identifier.
    pub value: String,
}

/// Adds entities to those of a request.
///
/// # Errors
/// See [`Sql::put`].
pub fn add(tx: &mut dyn Sql, scope: &Scope, request: i64, new: &[Entity]) -> Result<(), StoreError> {
    let sql = "SELECT coalesce(max(n), 0) FROM sd_request_entity WHERE tenant = ?1 AND request = ?2";
    let last =
        query_one(tx, sql, &[scope.tenant().into(), request.into()])?.map_or(Ok(0), |row| row.int(0))?;
    for (n, entity) in (last + 1..).zip(new) {
        tx.put(
            "INSERT INTO sd_request_entity (tenant, request, n, service, type_code, id_type_code, value, value_key) \
             SELECT ?1, ?2, ?3, service, ?4, ?5, ?6, ?7 FROM sd_request WHERE tenant = ?1 AND id = ?2",
            &[
                scope.tenant().into(),
                request.into(),
                n.into(),
                (&entity.type_code).into(),
                (&entity.id_type_code).into(),
                (&entity.value).into(),
                (&entity.value.to_lowercase()).into(),
            ],
        )?;
        entity_part::add(tx, scope, request, entity)?;
    }
    audit::note(tx, scope, ("service_request", request), "add entities", &new.len().to_string())
}

/// Stores entities in place of those of a request.
///
/// # Errors
/// See [`Sql::put`].
pub fn replace(tx: &mut dyn Sql, scope: &Scope, request: i64, new: &[Entity]) -> Result<(), StoreError> {
    entity_part::remove(tx, scope, request)?;
    tx.put(
        "DELETE FROM sd_request_entity WHERE tenant = ?1 AND request = ?2",
        &[scope.tenant().into(), request.into()],
    )?;
    add(tx, scope, request, new)
}
