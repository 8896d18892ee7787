//! Address allowlists and limits of transactions per second.

use waypost_core::time::Micros;

use super::{changed, one_tenant, refused};
use crate::directory::types::{TpsLimit, parse_cidr};
use crate::sql::Sql;
use crate::{Ctx, StoreError};

fn canonical(cidr: &str) -> Result<String, StoreError> {
    parse_cidr(cidr).map_or_else(
        || refused(format!("`{cidr}` is neither an address nor a network such as 10.0.0.0/8")),
        |net| Ok(net.to_string()),
    )
}

/// Lets requests of `ctx`'s tenant come from an address or network. The first entry shuts out all others.
///
/// # Errors
/// [`StoreError::Refused`] when it is neither.
pub fn allow_ip(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, cidr: &str) -> Result<(), StoreError> {
    let (tenant, cidr) = (one_tenant(ctx)?, canonical(cidr)?);
    let sql = "INSERT INTO ip_allow (tenant, cidr) VALUES (?1, ?2) ON CONFLICT (tenant, cidr) DO NOTHING";
    tx.put(sql, &[tenant.into(), (&cidr).into()])?;
    changed(tx, ctx, now, "ip.allow", &cidr)
}

/// Takes an address or network off the list. Without any entry every address is allowed again.
///
/// # Errors
/// [`StoreError::Refused`] when it is not on it.
pub fn disallow_ip(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, cidr: &str) -> Result<(), StoreError> {
    let (tenant, cidr) = (one_tenant(ctx)?, canonical(cidr)?);
    let removed =
        tx.exec("DELETE FROM ip_allow WHERE tenant = ?1 AND cidr = ?2", &[tenant.into(), (&cidr).into()])?;
    if removed == 0 {
        return refused(format!("{cidr} is not on the list"));
    }
    changed(tx, ctx, now, "ip.disallow", &cidr)
}

/// The list of `ctx`'s tenant, in the order it was entered.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_ips(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<String>, StoreError> {
    let rows =
        tx.query("SELECT cidr FROM ip_allow WHERE tenant = ?1 ORDER BY id", &[one_tenant(ctx)?.into()])?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// Limits an API for `ctx`'s tenant.
///
/// # Errors
/// [`StoreError::Refused`] when the limit is 0 or the API has no name.
pub fn set_limit(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    api: &str,
    limit: TpsLimit,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    if limit.per_second == 0 || api.is_empty() {
        return refused("a limit names an API and is at least 1 per second; suspend the tenant to stop it");
    }
    tx.put(
        "INSERT INTO tps_limit (tenant, api, per_second, burst_mode) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, api) DO UPDATE SET per_second = excluded.per_second, burst_mode = excluded.burst_mode",
        &[tenant.into(), api.into(), limit.per_second.into(), limit.burst_mode.into()],
    )?;
    changed(tx, ctx, now, "limit.set", &format!("{api} {}/s", limit.per_second))
}

/// Removes a limit.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn clear_limit(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, api: &str) -> Result<(), StoreError> {
    let removed = tx.exec(
        "DELETE FROM tps_limit WHERE tenant = ?1 AND api = ?2",
        &[one_tenant(ctx)?.into(), api.into()],
    )?;
    if removed == 0 {
        return refused(format!("no limit on {api}"));
    }
    changed(tx, ctx, now, "limit.clear", api)
}

/// The limits of `ctx`'s tenant by API.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_limits(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<(String, TpsLimit)>, StoreError> {
    let rows = tx.query(
        "SELECT api, per_second, burst_mode FROM tps_limit WHERE tenant = ?1 ORDER BY api",
        &[one_tenant(ctx)?.into()],
    )?;
    let limit = |row: &crate::Row| {
        let per_second = u32::try_from(row.int(1)?).unwrap_or(u32::MAX);
        Ok((row.text(0)?.to_owned(), TpsLimit { per_second, burst_mode: row.flag(2)? }))
    };
    rows.iter().map(limit).collect()
}
