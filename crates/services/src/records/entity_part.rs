//! The index of parts of identifiers, kept beside the regulated entities. See [`crate::rules::part`].

use waypost_store::{Sql, StoreError};

use super::Scope;
use super::request_entity::Entity;
use crate::rules::part;
use crate::rules::srql::IdType;

/// Adds the parts of an entity's identifier, if the query language knows its type.
///
/// # Errors
/// See [`Sql::put`].
pub fn add(tx: &mut dyn Sql, scope: &Scope, request: i64, entity: &Entity) -> Result<(), StoreError> {
    let Some(id_type) = IdType::of(&entity.id_type_code) else { return Ok(()) };
    for part in part::parts(&entity.value.to_lowercase()) {
        // Another entity of the request may have the part already.
        tx.put(
            "INSERT INTO sd_entity_part (tenant, id_type, service, part, request) \
             SELECT ?1, CAST(?3 AS BIGINT), service, ?4, id FROM sd_request WHERE tenant = ?1 AND id = ?2 \
             ON CONFLICT (tenant, id_type, service, part, request) DO NOTHING",
            &[scope.tenant().into(), request.into(), id_type.number().into(), part.into()],
        )?;
    }
    Ok(())
}

/// Removes the parts of all identifiers a request has.
///
/// # Errors
/// See [`Sql::query`].
pub fn remove(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<(), StoreError> {
    // The key is led by what is searched for; the parts are told by the identifiers they were made of.
    let rows = tx.query(
        "SELECT id_type_code, value_key, service FROM sd_request_entity WHERE tenant = ?1 AND request = ?2",
        &[scope.tenant().into(), request.into()],
    )?;
    for row in &rows {
        let Some(id_type) = IdType::of(row.text(0)?) else { continue };
        for part in part::parts(row.text(1)?) {
            tx.put(
                "DELETE FROM sd_entity_part WHERE tenant = ?1 AND id_type = ?2 AND service = ?3 AND part = ?4 \
                 AND request = ?5",
                &[
                    scope.tenant().into(),
                    id_type.number().into(),
                    row.int(2)?.into(),
                    part.into(),
                    request.into(),
                ],
            )?;
        }
    }
    Ok(())
}
