//! The do-not-disturb lists (7109): one of each tenant and one of the platform, under a context for all tenants. Not in
//! the snapshot: they may hold millions of numbers. Servers keep the numbers in memory ([`load`]) and follow [`changes`];
//! the tables decide.

use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::time::Micros;

use crate::sql::{Sql, query_one};
use crate::{Ctx, StoreError, TenantId};

/// Changes kept for servers to follow; one that is further behind loads the lists anew.
const CHANGES_KEPT: i64 = 100_000;
/// Numbers read at once while the lists are loaded.
const PAGE: i64 = 10_000;

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

/// One change of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the order of all changes.
    pub seq: i64,
    /// Whose list; 0 for the platform's.
    pub tenant: i64,
    /// The number.
    pub msisdn: String,
    /// Whether it was put on the list.
    pub listed: bool,
}

fn digits(msisdn: &str) -> Result<Msisdn, StoreError> {
    Msisdn::parse(msisdn, PlusRule::Optional)
        .map_err(|error| StoreError::Refused(format!("{msisdn}: {error}")))
}

/// Puts a number on the list of `ctx`'s tenant, or on the platform's; one that is there stays as it is.
///
/// # Errors
/// [`StoreError::Refused`] when it is no number.
pub fn add(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str, source: &str, now: Micros) -> Result<(), StoreError> {
    let msisdn = digits(msisdn)?;
    let number = msisdn.as_str();
    let added = if ctx.tenant == TenantId::ALL {
        let sql =
            "INSERT INTO dnd_platform (msisdn, since, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        tx.exec(sql, &[number.into(), now.into(), source.into()])?
    } else {
        let sql =
            "INSERT INTO dnd (tenant, msisdn, since, source) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        tx.exec(sql, &[ctx.tenant.0.into(), number.into(), now.into(), source.into()])?
    };
    if added == 0 { Ok(()) } else { note(tx, ctx, number, true) }
}

/// Takes a number off the list; false when it was not on it.
///
/// # Errors
/// [`StoreError::Refused`] when it is no number.
pub fn remove(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str) -> Result<bool, StoreError> {
    let msisdn = digits(msisdn)?;
    let number = msisdn.as_str();
    let removed = if ctx.tenant == TenantId::ALL {
        tx.exec("DELETE FROM dnd_platform WHERE msisdn = ?1", &[number.into()])?
    } else {
        let sql = "DELETE FROM dnd WHERE tenant = ?1 AND msisdn = ?2";
        tx.exec(sql, &[ctx.tenant.0.into(), number.into()])?
    };
    if removed == 0 {
        return Ok(false);
    }
    note(tx, ctx, number, false)?;
    Ok(true)
}

/// Raises the revision, which orders the changes of all writers: its row is locked until the change is committed.
fn raise(tx: &mut dyn Sql) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO setting (name, value) VALUES ('dnd_revision', '1') \
         ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT) \
         RETURNING CAST(value AS BIGINT)",
        &[],
    )?;
    rows.first().map_or_else(|| Err(StoreError::Corrupt("setting dnd_revision".to_owned())), |row| row.int(0))
}

fn note(tx: &mut dyn Sql, ctx: &Ctx, number: &str, listed: bool) -> Result<(), StoreError> {
    let seq = raise(tx)?;
    tx.exec(
        "INSERT INTO dnd_change (seq, tenant, msisdn, listed) VALUES (?1, ?2, ?3, ?4)",
        &[seq.into(), ctx.tenant.0.into(), number.into(), listed.into()],
    )?;
    tx.exec("DELETE FROM dnd_change WHERE seq <= ?1", &[(seq - CHANGES_KEPT).into()])?;
    Ok(())
}

/// Many numbers came in another way than through [`add`]: servers load the lists anew.
///
/// # Errors
/// See [`Sql::query`].
pub(crate) fn changed_at_large(tx: &mut dyn Sql) -> Result<(), StoreError> {
    raise(tx).map(|_| ())
}

/// Whether a number (digits without `+`) is on the list of `ctx`'s tenant or on the platform's.
///
/// # Errors
/// See [`Sql::query`].
pub fn contains(tx: &mut dyn Sql, ctx: &Ctx, msisdn: &str) -> Result<bool, StoreError> {
    let sql = "SELECT since FROM dnd WHERE tenant = ?1 AND msisdn = ?2 \
         UNION ALL SELECT since FROM dnd_platform WHERE msisdn = ?2";
    Ok(query_one(tx, sql, &[ctx.tenant.0.into(), msisdn.into()])?.is_some())
}

/// A page of the list: up to `max` numbers after `after` (empty for the first page), in order.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, ctx: &Ctx, after: &str, max: u32) -> Result<Vec<Entry>, StoreError> {
    let rows = if ctx.tenant == TenantId::ALL {
        let sql = "SELECT msisdn, since, source FROM dnd_platform WHERE msisdn > ?1 ORDER BY msisdn LIMIT ?2";
        tx.query(sql, &[after.into(), max.into()])?
    } else {
        let sql = "SELECT msisdn, since, source FROM dnd WHERE tenant = ?1 AND msisdn > ?2 ORDER BY msisdn LIMIT ?3";
        tx.query(sql, &[ctx.tenant.0.into(), after.into(), max.into()])?
    };
    let entry = |row: &crate::Row| {
        Ok(Entry { msisdn: row.text(0)?.to_owned(), since: row.time(1)?, source: row.text(2)?.to_owned() })
    };
    rows.iter().map(entry).collect()
}

/// The newest change, whatever list it was on.
///
/// # Errors
/// See [`Sql::query`].
pub fn revision(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'dnd_revision'";
    query_one(tx, sql, &[])?.map_or(Ok(0), |row| row.int(0))
}

/// Up to `max` changes after `seq`, in order; `None` when some of them are not kept, and the lists must be loaded anew.
///
/// # Errors
/// See [`Sql::query`].
pub fn changes(tx: &mut dyn Sql, ctx: &Ctx, seq: i64, max: u32) -> Result<Option<Vec<Change>>, StoreError> {
    let newest = revision(tx, ctx)?;
    if newest == seq {
        return Ok(Some(Vec::new()));
    }
    let rows = tx.query(
        "SELECT seq, tenant, msisdn, listed FROM dnd_change WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        &[seq.into(), max.into()],
    )?;
    let read = |row: &crate::Row| {
        Ok(Change {
            seq: row.int(0)?,
            tenant: row.int(1)?,
            msisdn: row.text(2)?.to_owned(),
            listed: row.flag(3)?,
        })
    };
    let found = rows.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    let whole = (seq + 1..).zip(&found).all(|(expected, change)| change.seq == expected);
    let ends = found.len() as i64 == i64::from(max) || seq + found.len() as i64 == newest;
    Ok((whole && ends).then_some(found))
}

/// Gives every number of every list to `take`, the platform's under tenant 0, until it wants no more. Returns the
/// revision the lists were at.
///
/// # Errors
/// See [`Sql::query`].
pub fn load(tx: &mut dyn Sql, ctx: &Ctx, mut take: impl FnMut(i64, &str) -> bool) -> Result<i64, StoreError> {
    let revision = revision(tx, ctx)?;
    let mut after = (0_i64, String::new());
    loop {
        let rows = tx.query(
            "SELECT tenant, msisdn FROM (SELECT tenant, msisdn FROM dnd \
             UNION ALL SELECT CAST(0 AS BIGINT) AS tenant, msisdn FROM dnd_platform) AS listed \
             WHERE tenant > ?1 OR (tenant = ?1 AND msisdn > ?2) ORDER BY tenant, msisdn LIMIT ?3",
            &[after.0.into(), (&after.1).into(), PAGE.into()],
        )?;
        for row in &rows {
            if !take(row.int(0)?, row.text(1)?) {
                return Ok(revision);
            }
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == PAGE => after = (last.int(0)?, last.text(1)?.to_owned()),
            _ => return Ok(revision),
        }
    }
}
