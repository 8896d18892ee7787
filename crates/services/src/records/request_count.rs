//! How many requests each service has, kept with each change.

use waypost_store::{Sql, StoreError};

use super::Scope;
use super::composed::Composed;

/// One request of a service more (`1`) or less (`-1`).
///
/// # Errors
/// See [`Sql::put`].
pub fn add(tx: &mut dyn Sql, scope: &Scope, service: i64, change: i64) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_request_count (tenant, service, node, n) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, service, node) DO UPDATE SET n = sd_request_count.n + ?4",
        &[scope.tenant().into(), service.into(), scope.node.into(), change.into()],
    )
}

/// How many requests these services have; every service of the tenant without a list.
///
/// # Errors
/// See [`Sql::query`].
pub fn of(tx: &mut dyn Sql, scope: &Scope, services: Option<&[i64]>) -> Result<i64, StoreError> {
    let mut sql = Composed::default();
    sql.say("SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM sd_request_count WHERE tenant = ")
        .int(scope.tenant());
    if let Some(services) = services {
        sql.say(" AND service IN ").ints(services);
    }
    sql.query(tx)?.first().map_or(Ok(0), |row| row.int(0))
}
