//! Who changed what, when, from where.

use waypost_store::{Sql, StoreError};

use super::Scope;

/// Writes a line. `detail` names fields and codes, never personal values.
///
/// # Errors
/// See [`Sql::put`].
pub fn note(
    tx: &mut dyn Sql,
    scope: &Scope,
    (entity, id): (&str, i64),
    action: &str,
    detail: &str,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_audit (tenant, at, application, user_id, source, entity, entity_id, action, detail) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            scope.tenant().into(),
            scope.now.into(),
            scope.application.into(),
            scope.user.unwrap_or(0).into(),
            (&*scope.source).into(),
            entity.into(),
            id.into(),
            action.into(),
            detail.into(),
        ],
    )
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: waypost_core::time::Micros,
    /// Row of the application; 0 for the operator.
    pub application: i64,
    /// The person; 0 when none was named.
    pub user: i64,
    /// From where.
    pub source: String,
    /// What was done.
    pub action: String,
    /// To which fields.
    pub detail: String,
}

/// Lines shown of one entity at most.
const LINES_MAX: i64 = 1_000;

/// The story of one entity, oldest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of(tx: &mut dyn Sql, scope: &Scope, (entity, id): (&str, i64)) -> Result<Vec<Line>, StoreError> {
    let rows = tx.query(
        "SELECT at, application, user_id, source, action, detail FROM sd_audit \
         WHERE tenant = ?1 AND entity = ?2 AND entity_id = ?3 ORDER BY id LIMIT ?4",
        &[scope.tenant().into(), entity.into(), id.into(), LINES_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Line {
                at: row.time(0)?,
                application: row.int(1)?,
                user: row.int(2)?,
                source: row.text(3)?.to_owned(),
                action: row.text(4)?.to_owned(),
                detail: row.text(5)?.to_owned(),
            })
        })
        .collect()
}
