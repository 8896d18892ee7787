//! A page of the requests of several services, in the order of their ids.
//!
//! Each service's requests lie in that order in an index, so the page is merged from the first of each, whatever the services hold.
//! Asked for at once, the rows of all services would be sorted to show twenty-five.

use std::collections::BTreeSet;

use waypost_store::{Engine, Sql, StoreError};

use super::Scope;
use super::composed::Composed;
use crate::wire::Page;

/// Services that are merged at most. On PostgreSQL each costs the planner its time, and of many services the newest requests lie
/// close together anyway, which its statistics tell.
const fn merged_max(engine: Engine) -> usize {
    match engine {
        Engine::Sqlite => 64,
        Engine::Postgres => 8,
    }
}

/// The ids of one page; `None` when there are too many services to merge. `services` is `None` for all of the tenant.
///
/// # Errors
/// See [`Sql::query`].
pub fn ids(
    tx: &mut dyn Sql,
    scope: &Scope,
    services: Option<&[i64]>,
    (page, ascending): (Page, bool),
) -> Result<Option<Vec<i64>>, StoreError> {
    let most = merged_max(tx.engine());
    let services: BTreeSet<i64> = match services {
        Some(services) => services.iter().copied().collect(),
        None => all(tx, scope, most)?.into_iter().collect(),
    };
    if services.len() > most {
        return Ok(None);
    }
    let reach = page.offset() + page.size;
    let mut sql = Composed::default();
    // Filled up to a power of two with a service that is none, so that few texts are prepared.
    let filled = services.len().max(1).next_power_of_two();
    for (n, service) in services.iter().copied().chain(std::iter::repeat(-1)).take(filled).enumerate() {
        sql.say(if n == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" });
        sql.say("SELECT r.id AS id FROM sd_request r WHERE r.tenant = ").int(scope.tenant());
        sql.say(" AND r.deleted = 0 AND r.service = ").int(service);
        sql.say(if ascending { " ORDER BY r.id LIMIT " } else { " ORDER BY r.id DESC LIMIT " }).int(reach);
        sql.say(") AS own");
    }
    sql.say(if ascending { " ORDER BY 1 LIMIT " } else { " ORDER BY 1 DESC LIMIT " }).int(page.size);
    sql.say(" OFFSET ").int(page.offset());
    let ids = sql.query(tx)?.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
    Ok(Some(ids))
}

/// The services of the tenant, one more than `most` of them at most.
fn all(tx: &mut dyn Sql, scope: &Scope, most: usize) -> Result<Vec<i64>, StoreError> {
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let rows = tx.query(
        "SELECT id FROM sd_service WHERE tenant = ?1 ORDER BY id LIMIT ?2",
        &[scope.tenant().into(), limit.into()],
    )?;
    rows.iter().map(|row| row.int(0)).collect()
}
