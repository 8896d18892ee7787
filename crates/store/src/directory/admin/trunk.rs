//! Trunks to SIP providers.

use waypost_core::time::Micros;

use super::{changed, check_json_object, check_slug, created, refused, tenant};
use crate::directory::rows;
use crate::directory::types::SipTrunk;
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError, TenantId};

fn check(trunk: &SipTrunk) -> Result<(), StoreError> {
    check_slug(&trunk.name)?;
    check_json_object("config", &trunk.config)
}

/// Stores a trunk; `id`, `created_at` and password are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the tenant is unknown, or the name is taken.
pub fn create_trunk(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, trunk: &SipTrunk) -> Result<i64, StoreError> {
    check(trunk)?;
    match trunk.tenant {
        Some(owner) => tenant(tx, ctx, owner).map(|_| ())?,
        None if ctx.tenant != TenantId::ALL => return refused("a shared trunk is the operator's"),
        None => {}
    }
    let rows = tx.query(
        "INSERT INTO sip_trunk (name, tenant, sandbox, config, enabled, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO NOTHING RETURNING id",
        &[
            (&trunk.name).into(),
            trunk.tenant.into(),
            trunk.sandbox.into(),
            (&trunk.config).into(),
            trunk.enabled.into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a trunk {} already", trunk.name))?;
    changed(tx, ctx, now, "trunk.create", &trunk.name)?;
    Ok(id)
}

/// The trunks `ctx` may change, by row, without their passwords.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_trunks(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<SipTrunk>, StoreError> {
    let all: Result<Vec<_>, _> =
        tx.query(rows::TRUNK, &[])?.iter().map(|row| rows::trunk(row, None)).collect();
    let mine = |trunk: &SipTrunk| match trunk.tenant {
        Some(owner) => ctx.covers(TenantId(owner)),
        None => ctx.tenant == TenantId::ALL,
    };
    Ok(all?.into_iter().filter(mine).collect())
}

/// A trunk by its name, without its password.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn trunk(tx: &mut dyn Sql, ctx: &Ctx, name: &str) -> Result<SipTrunk, StoreError> {
    let found = list_trunks(tx, ctx)?.into_iter().find(|trunk| trunk.name == name);
    found.map_or_else(|| refused(format!("no trunk {name}")), Ok)
}

/// Changes whether a trunk is enabled, its settings and its sandbox flag; the rest stays.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or the settings are not valid.
pub fn update_trunk(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    change: impl FnOnce(&mut SipTrunk),
) -> Result<SipTrunk, StoreError> {
    let before = trunk(tx, ctx, name)?;
    let mut after = before.clone();
    change(&mut after);
    let (sandbox, config, enabled) = (after.sandbox, after.config, after.enabled);
    let after = SipTrunk { sandbox, config, enabled, ..before };
    check(&after)?;
    tx.exec(
        "UPDATE sip_trunk SET sandbox = ?2, config = ?3, enabled = ?4 WHERE id = ?1",
        &[after.id.into(), after.sandbox.into(), (&after.config).into(), after.enabled.into()],
    )?;
    changed(tx, ctx, now, "trunk.update", name)?;
    Ok(after)
}

/// Sets or removes the password of a trunk.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such trunk.
pub fn set_trunk_password(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    password: Option<&[u8]>,
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = trunk(tx, ctx, name)?;
    let purpose = rows::trunk_purpose(name);
    let sealed = password.map(|plain| master.seal(&purpose, plain)).transpose()?;
    let value = sealed.as_ref().map_or(Param::Null, Param::from);
    tx.exec("UPDATE sip_trunk SET password = ?2 WHERE id = ?1", &[found.id.into(), value])?;
    changed(tx, ctx, now, "trunk.password", name)
}
