//! The do-not-disturb list of each tenant (7109). Not in the snapshot: it may hold millions of numbers, and is asked by
//! primary key.

use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::time::Micros;

use crate::sql::{Sql, query_one};
use crate::{Ctx, StoreError};

/// One number on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Digits without `+`.
    pub msisdn: String,
    /// Since when.
    pub since: Micros,
    /// Who put it there: `operator`, `keyword`, a file.
    pub source: String,
}

fn digits(msisdn: &str) -> Result<Msisdn, StoreError> {
    Msisdn::parse(msisdn, PlusRule::Optional)
        .map_err(|error| StoreError::Refused(format!("{msisdn}: {error}")))
}

/// Puts a number on the list of `ctx`'s tenant; one that is there stays as it is.
///
/// # Errors
/// [`StoreError::Refused`] when it is no number.
pub fn add(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str, source: &str, now: Micros) -> Result<(), StoreError> {
    let msisdn = digits(msisdn)?;
    tx.put(
        "INSERT INTO dnd (tenant, msisdn, since, source) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        &[ctx.tenant.0.into(), msisdn.as_str().into(), now.into(), source.into()],
    )
}

/// Takes a number off the list; false when it was not on it.
///
/// # Errors
/// [`StoreError::Refused`] when it is no number.
pub fn remove(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str) -> Result<bool, StoreError> {
    let msisdn = digits(msisdn)?;
    let removed = tx.exec(
        "DELETE FROM dnd WHERE tenant = ?1 AND msisdn = ?2",
        &[ctx.tenant.0.into(), msisdn.as_str().into()],
    )?;
    Ok(removed == 1)
}

/// Whether a number (digits without `+`) is on the list of `ctx`'s tenant.
///
/// # Errors
/// See [`Sql::query`].
pub fn contains(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str) -> Result<bool, StoreError> {
    let params = [ctx.tenant.0.into(), msisdn.into()];
    Ok(query_one(tx, "SELECT since FROM dnd WHERE tenant = ?1 AND msisdn = ?2", &params)?.is_some())
}

/// A page of the list: up to `max` numbers after `after` (empty for the first page), in order.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, ctx: &Ctx, after: &str, max: u32) -> Result<Vec<Entry>, StoreError> {
    let rows = tx.query(
        "SELECT msisdn, since, source FROM dnd WHERE tenant = ?1 AND msisdn > ?2 ORDER BY msisdn LIMIT ?3",
        &[ctx.tenant.0.into(), after.into(), max.into()],
    )?;
    let entry = |row: &crate::Row| {
        Ok(Entry { msisdn: row.text(0)?.to_owned(), since: row.time(1)?, source: row.text(2)?.to_owned() })
    };
    rows.iter().map(entry).collect()
}

/// The tenants that have a list at all, so that the others need not be asked about.
///
/// # Errors
/// See [`Sql::query`].
pub fn tenants(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<Vec<i64>, StoreError> {
    let rows = tx.query(
        "SELECT id FROM tenant t WHERE EXISTS (SELECT 1 FROM dnd d WHERE d.tenant = t.id) ORDER BY id",
        &[],
    )?;
    rows.iter().map(|row| row.int(0)).collect()
}
