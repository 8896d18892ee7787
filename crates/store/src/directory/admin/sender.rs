//! Sender ids.

use waypost_core::sender::SenderId;
use waypost_core::time::Micros;

use super::{changed, one_tenant, refused};
use crate::directory::rows;
use crate::directory::types::Sender;
use crate::sql::Sql;
use crate::{Ctx, StoreError};

fn canonical(address: &str) -> Result<String, StoreError> {
    match SenderId::parse(address) {
        Ok(sender) => Ok(sender.as_str().to_owned()),
        Err(error) => refused(format!("`{address}`: {error}")),
    }
}

/// Registers a sender for `ctx`'s tenant, or changes its limit.
///
/// # Errors
/// [`StoreError::Refused`] when it is no sender id.
pub fn add_sender(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    address: &str,
    tps: Option<u32>,
) -> Result<(), StoreError> {
    let (tenant, address) = (one_tenant(ctx)?, canonical(address)?);
    tx.put(
        "INSERT INTO sender (tenant, address, tps, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, address) DO UPDATE SET tps = excluded.tps",
        &[tenant.into(), (&address).into(), tps.into(), now.into()],
    )?;
    changed(tx, ctx, now, "sender.add", &address)
}

/// The senders `ctx` may see, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_senders(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Sender>, StoreError> {
    tx.query(rows::SENDER, &[ctx.tenant.0.into()])?.iter().map(rows::sender).collect()
}

/// Removes a sender of `ctx`'s tenant.
///
/// # Errors
/// [`StoreError::Refused`] when it is not registered.
pub fn remove_sender(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, address: &str) -> Result<(), StoreError> {
    let (tenant, address) = (one_tenant(ctx)?, canonical(address)?);
    let removed = tx
        .exec("DELETE FROM sender WHERE tenant = ?1 AND address = ?2", &[tenant.into(), (&address).into()])?;
    if removed == 0 {
        return refused(format!("no sender {address}"));
    }
    changed(tx, ctx, now, "sender.remove", &address)
}
