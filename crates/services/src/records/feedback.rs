//! What people think of a service.

use waypost_store::{Sql, StoreError};

use super::{Scope, audit, inserted};

/// Adds a feedback. Returns its row. Nobody is named: only the application is in the audit, and the person who acts.
///
/// # Errors
/// See [`Sql::query`].
pub fn add(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    (rating, comment): (i64, Option<&str>),
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_feedback (tenant, service, rating, comment, at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        &[scope.tenant().into(), service.into(), rating.into(), comment.into(), scope.now.into()],
    )?;
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("feedback", id), "create", &format!("service {service}"))?;
    Ok(id)
}
