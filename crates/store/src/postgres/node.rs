//! A server's number on PostgreSQL: ids and queues are made of it, so no two servers of one database may have the same.

use std::time::{Duration, Instant};

use super::connection::PostgresConnection;
use crate::StoreError;
use crate::backend::Backend;
use crate::sql::{Param, Sql, query_one};

/// The class of advisory locks that numbers are.
const CLASS: i64 = 875_311_490;
/// Before a number that is taken is tried again: what a killed server held goes when PostgreSQL has seen its end.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes a number for as long as the connection lasts.
///
/// # Errors
/// [`StoreError::Unavailable`] when another server has it and does not give it up in time.
pub(super) fn take(db: &mut PostgresConnection, node: u8, within: Duration) -> Result<(), StoreError> {
    let until = Instant::now() + within;
    while !try_take(db, node)? {
        if Instant::now() >= until {
            return Err(StoreError::Unavailable(format!(
                "another server works on this database as number {node}: give each a store.node of its own"
            )));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// The same at once; whether it is ours.
pub(super) fn try_take(db: &mut PostgresConnection, node: u8) -> Result<bool, StoreError> {
    db.begin_read()?;
    let sql = "SELECT CAST(pg_try_advisory_lock(CAST(?1 AS int), CAST(?2 AS int)) AS int)";
    let taken = query_one(db as &mut dyn Sql, sql, &[Param::Int(CLASS), Param::Int(node.into())]);
    // It is the session's, not the transaction's.
    db.rollback();
    Ok(taken?.map_or(Ok(0), |row| row.int(0))? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;
    use crate::testing::Place;

    #[test]
    fn a_number_is_one_servers_until_its_connection_ends() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let place = runtime.block_on(Place::postgres());
        let Location::Postgres(url) = place.config().location else { panic!("a place on PostgreSQL") };
        let open = || PostgresConnection::open(&url, 5_000, None).unwrap();
        let (mut one, mut two) = (open(), open());
        take(&mut one, 7, Duration::ZERO).unwrap();
        take(&mut two, 8, Duration::ZERO).unwrap();
        let refused = take(&mut two, 7, Duration::ZERO).unwrap_err();
        assert!(refused.to_string().contains("as number 7: give each a store.node of its own"), "{refused}");
        drop(one);
        // PostgreSQL needs a moment to see its end.
        take(&mut two, 7, Duration::from_secs(30)).unwrap();
    }
}
