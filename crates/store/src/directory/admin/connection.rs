//! Connections to SMSCs.

use waypost_core::time::Micros;

use super::{changed, check_json_object, check_slug, created, refused, tenant};
use crate::directory::rows;
use crate::directory::types::SmppConnection;
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError, TenantId};

fn check(connection: &SmppConnection) -> Result<(), StoreError> {
    check_slug(&connection.name)?;
    check_json_object("config", &connection.config)
}

/// Stores a connection; `id`, `created_at` and password are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the tenant is unknown, or the name is taken.
pub fn create_connection(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    connection: &SmppConnection,
) -> Result<i64, StoreError> {
    check(connection)?;
    match connection.tenant {
        Some(owner) => tenant(tx, ctx, owner).map(|_| ())?,
        None if ctx.tenant != TenantId::ALL => return refused("a shared connection is the operator's"),
        None => {}
    }
    let rows = tx.query(
        "INSERT INTO smpp_connection (name, tenant, sandbox, config, enabled, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO NOTHING RETURNING id",
        &[
            (&connection.name).into(),
            connection.tenant.into(),
            connection.sandbox.into(),
            (&connection.config).into(),
            connection.enabled.into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a connection {} already", connection.name))?;
    changed(tx, ctx, now, "connection.create", &connection.name)?;
    Ok(id)
}

/// The connections `ctx` may change, by row, without their passwords.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_connections(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<SmppConnection>, StoreError> {
    let all: Result<Vec<_>, _> =
        tx.query(rows::CONNECTION, &[])?.iter().map(|row| rows::connection(row, None)).collect();
    let mine = |connection: &SmppConnection| match connection.tenant {
        Some(owner) => ctx.covers(TenantId(owner)),
        None => ctx.tenant == TenantId::ALL,
    };
    Ok(all?.into_iter().filter(mine).collect())
}

/// A connection by its name, without its password.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn connection(tx: &mut dyn Sql, ctx: &Ctx, name: &str) -> Result<SmppConnection, StoreError> {
    let found = list_connections(tx, ctx)?.into_iter().find(|connection| connection.name == name);
    found.map_or_else(|| refused(format!("no connection {name}")), Ok)
}

/// Changes whether a connection is enabled, its settings and its sandbox flag; the rest stays.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or the settings are not valid.
pub fn update_connection(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    change: impl FnOnce(&mut SmppConnection),
) -> Result<SmppConnection, StoreError> {
    let before = connection(tx, ctx, name)?;
    let mut after = before.clone();
    change(&mut after);
    let (sandbox, config, enabled) = (after.sandbox, after.config, after.enabled);
    let after = SmppConnection { sandbox, config, enabled, ..before };
    check(&after)?;
    tx.exec(
        "UPDATE smpp_connection SET sandbox = ?2, config = ?3, enabled = ?4 WHERE id = ?1",
        &[after.id.into(), after.sandbox.into(), (&after.config).into(), after.enabled.into()],
    )?;
    changed(tx, ctx, now, "connection.update", name)?;
    Ok(after)
}

/// Sets or removes the password of a connection.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such connection.
pub fn set_connection_password(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    password: Option<&[u8]>,
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = connection(tx, ctx, name)?;
    let purpose = rows::connection_purpose(name);
    let sealed = password.map(|plain| master.seal(&purpose, plain)).transpose()?;
    let value = sealed.as_ref().map_or(Param::Null, Param::from);
    tx.exec("UPDATE smpp_connection SET password = ?2 WHERE id = ?1", &[found.id.into(), value])?;
    changed(tx, ctx, now, "connection.password", name)
}
