//! Who works on a request.

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError};

use super::{Scope, audit};

/// A person who works on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The person.
    pub user: i64,
    /// Who assigned them; 0 when nobody was named.
    pub assigned_by: i64,
    /// When.
    pub at: Micros,
}

/// People one request is assigned to at most.
pub const ASSIGNMENTS_MAX: i64 = 200;

fn of(row: &Row) -> Result<Assignment, StoreError> {
    Ok(Assignment { user: row.int(0)?, assigned_by: row.int(1)?, at: row.time(2)? })
}

/// The people a request is assigned to, first assigned first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_request(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<Assignment>, StoreError> {
    let rows = tx.query(
        "SELECT user_id, assigned_by, at FROM sd_assignment WHERE tenant = ?1 AND request = ?2 \
         ORDER BY at, user_id LIMIT ?3",
        &[scope.tenant().into(), request.into(), ASSIGNMENTS_MAX.into()],
    )?;
    rows.iter().map(of).collect()
}

/// Assigns a person.
///
/// # Errors
/// See [`Sql::put`].
pub fn add(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: i64,
    (user, assigned_by): (i64, i64),
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_assignment (tenant, request, user_id, assigned_by, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[scope.tenant().into(), request.into(), user.into(), assigned_by.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("service_request", request), "assign", &format!("user {user}"))
}

/// Takes a person off a request.
///
/// # Errors
/// See [`Sql::put`].
pub fn remove(tx: &mut dyn Sql, scope: &Scope, request: i64, user: i64) -> Result<(), StoreError> {
    tx.put(
        "DELETE FROM sd_assignment WHERE tenant = ?1 AND request = ?2 AND user_id = ?3",
        &[scope.tenant().into(), request.into(), user.into()],
    )?;
    audit::note(tx, scope, ("service_request", request), "unassign", &format!("user {user}"))
}
