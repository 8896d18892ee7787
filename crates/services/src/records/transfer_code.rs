//! The code that hands a request over to somebody else (spec 5.8). Only its hash is kept.

use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError, query_one};

use super::{Scope, application, audit};

/// The number of this kind of code in the store.
const KIND: i64 = 1;

/// A code that is still good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its row.
    pub id: i64,
    /// The request it hands over.
    pub request: i64,
}

/// Stores a code for a request; an earlier one is good no more.
///
/// # Errors
/// See [`Sql::put`].
pub fn issue(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: i64,
    (code, expires_at): (&str, Micros),
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_code SET used_at = ?4 WHERE tenant = ?1 AND request = ?2 AND kind = ?3 AND used_at IS NULL",
        &[scope.tenant().into(), request.into(), KIND.into(), scope.now.into()],
    )?;
    tx.put(
        "INSERT INTO sd_code (tenant, kind, request, code_hash, about, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, '', ?5, ?6)",
        &[
            scope.tenant().into(),
            KIND.into(),
            request.into(),
            (&application::hash(code)).into(),
            scope.now.into(),
            expires_at.into(),
        ],
    )?;
    audit::note(tx, scope, ("service_request", request), "initiate transfer", "")
}

/// The good code that reads so.
///
/// # Errors
/// See [`Sql::query`].
pub fn open(tx: &mut dyn Sql, scope: &Scope, code: &str) -> Result<Option<Open>, StoreError> {
    let row = query_one(
        tx,
        "SELECT id, request FROM sd_code WHERE tenant = ?1 AND kind = ?2 AND code_hash = ?3 AND used_at IS NULL \
         AND expires_at > ?4 LIMIT 1",
        &[scope.tenant().into(), KIND.into(), (&application::hash(code)).into(), scope.now.into()],
    )?;
    row.map(|row| Ok(Open { id: row.int(0)?, request: row.int(1)? })).transpose()
}

/// Marks a code as used.
///
/// # Errors
/// See [`Sql::put`].
pub fn close(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_code SET used_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )
}
