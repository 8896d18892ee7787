//! Artifacts of services: JSON texts under an alias and a version (spec 3.19).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};

/// What is known of it, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceArtifact {
    /// Its row.
    pub id: i64,
    /// Its service.
    pub service: i64,
    /// Its name in the service.
    pub alias: String,
    /// Its version.
    pub version: String,
    /// Raised by each change.
    pub revision: i64,
    /// When it was last changed.
    pub updated_at: Micros,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, service, alias, version, revision, updated_at FROM sd_service_artifact WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<ServiceArtifact, StoreError> {
    Ok(ServiceArtifact {
        id: row.int(0)?,
        service: row.int(1)?,
        alias: row.text(2)?.to_owned(),
        version: row.text(3)?.to_owned(),
        revision: row.int(4)?,
        updated_at: row.time(5)?,
    })
}

/// By its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<ServiceArtifact>, StoreError> {
    query_one(tx, select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// By service, alias and version; without a version the one that was added last.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_alias(
    tx: &mut dyn Sql,
    scope: &Scope,
    (service, alias): (i64, &str),
    version: Option<&str>,
) -> Result<Option<ServiceArtifact>, StoreError> {
    let base = [scope.tenant().into(), service.into(), alias.into()];
    let row = match version {
        None => query_one(tx, select!("AND service = ?2 AND alias = ?3 ORDER BY id DESC LIMIT 1"), &base)?,
        Some(version) => {
            let sql = select!("AND service = ?2 AND alias = ?3 AND version = ?4");
            query_one(tx, sql, &[base[0], base[1], base[2], version.into()])?
        }
    };
    row.as_ref().map(of).transpose()
}

/// Its content, as it was sent.
///
/// # Errors
/// See [`Sql::query`].
pub fn content(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT body FROM sd_service_artifact WHERE tenant = ?1 AND id = ?2";
    let row = query_one(tx, sql, &[scope.tenant().into(), id.into()])?;
    let row = row.ok_or_else(|| StoreError::Corrupt(format!("service artifact {id} has no content")))?;
    Ok(row.opt_blob(0)?.unwrap_or_default().to_vec())
}

/// Stores one. `None` when the service has this alias in this version.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(
    tx: &mut dyn Sql,
    scope: &Scope,
    new: &ServiceArtifact,
    body: &[u8],
) -> Result<Option<i64>, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service_artifact (tenant, service, alias, version, body, revision, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT (tenant, service, alias, version) DO NOTHING RETURNING id",
        &[
            scope.tenant().into(),
            new.service.into(),
            (&new.alias).into(),
            (&new.version).into(),
            body.into(),
            scope.now.into(),
        ],
    )?;
    if rows.is_empty() {
        return Ok(None);
    }
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("service", new.service), "create artifact", &id.to_string())?;
    Ok(Some(id))
}

/// Gives it another content and version.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(
    tx: &mut dyn Sql,
    scope: &Scope,
    changed: &ServiceArtifact,
    body: &[u8],
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_service_artifact SET version = ?3, body = ?4, revision = revision + 1, updated_at = ?5 \
         WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), changed.id.into(), (&changed.version).into(), body.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("service", changed.service), "update artifact", &changed.id.to_string())
}

/// Removes it.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, old: &ServiceArtifact) -> Result<(), StoreError> {
    tx.put(
        "DELETE FROM sd_service_artifact WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), old.id.into()],
    )?;
    audit::note(tx, scope, ("service", old.service), "delete artifact", &old.id.to_string())
}
