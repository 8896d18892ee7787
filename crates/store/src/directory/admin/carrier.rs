//! Ways to providers: connections to SMSCs and trunks to SIP providers.

use waypost_core::time::Micros;

use super::{changed, check_json_object, check_slug, created, refused, tenant};
use crate::directory::carrier::{self, Carrier, CarrierKind};
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError, TenantId};

fn check(carrier: &Carrier) -> Result<(), StoreError> {
    check_slug(&carrier.name)?;
    check_json_object("config", &carrier.config)
}

/// Stores one; `id`, `created_at` and password are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the tenant is unknown, or the name is taken.
pub fn create_carrier(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    kind: CarrierKind,
    carrier: &Carrier,
) -> Result<i64, StoreError> {
    check(carrier)?;
    let (table, noun) = (kind.table(), kind.noun());
    match carrier.tenant {
        Some(owner) => tenant(tx, ctx, owner).map(|_| ())?,
        None if ctx.tenant != TenantId::ALL => return refused(format!("a shared {noun} is the operator's")),
        None => {}
    }
    let rows = tx.query_composed(
        &format!(
            "INSERT INTO {table} (name, tenant, sandbox, config, enabled, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO NOTHING RETURNING id"
        ),
        &[
            (&carrier.name).into(),
            carrier.tenant.into(),
            carrier.sandbox.into(),
            (&carrier.config).into(),
            carrier.enabled.into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a {noun} {} already", carrier.name))?;
    changed(tx, ctx, now, &format!("{noun}.create"), &carrier.name)?;
    Ok(id)
}

/// Those of a kind that `ctx` may change, by row, without their passwords.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_carriers(tx: &mut dyn Sql, ctx: &Ctx, kind: CarrierKind) -> Result<Vec<Carrier>, StoreError> {
    let mine = |carrier: &Carrier| match carrier.tenant {
        Some(owner) => ctx.covers(TenantId(owner)),
        None => ctx.tenant == TenantId::ALL,
    };
    Ok(carrier::all(tx, kind, None)?.into_iter().filter(mine).collect())
}

/// One by its name, without its password.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn carrier(tx: &mut dyn Sql, ctx: &Ctx, kind: CarrierKind, name: &str) -> Result<Carrier, StoreError> {
    let found = list_carriers(tx, ctx, kind)?.into_iter().find(|carrier| carrier.name == name);
    found.map_or_else(|| refused(format!("no {} {name}", kind.noun())), Ok)
}

/// Changes whether one is enabled, its settings and its sandbox flag; the rest stays.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or the settings are not valid.
pub fn update_carrier(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    (kind, name): (CarrierKind, &str),
    change: impl FnOnce(&mut Carrier),
) -> Result<Carrier, StoreError> {
    let before = carrier(tx, ctx, kind, name)?;
    let mut after = before.clone();
    change(&mut after);
    let (sandbox, config, enabled) = (after.sandbox, after.config, after.enabled);
    let after = Carrier { sandbox, config, enabled, ..before };
    check(&after)?;
    let table = kind.table();
    tx.query_composed(
        &format!("UPDATE {table} SET sandbox = ?2, config = ?3, enabled = ?4 WHERE id = ?1 RETURNING id"),
        &[after.id.into(), after.sandbox.into(), (&after.config).into(), after.enabled.into()],
    )?;
    changed(tx, ctx, now, &format!("{}.update", kind.noun()), name)?;
    Ok(after)
}

/// Sets or removes the password of one.
///
/// # Errors
/// [`StoreError::Refused`] when there is none of this name.
pub fn set_carrier_password(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    (kind, name): (CarrierKind, &str),
    password: Option<&[u8]>,
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = carrier(tx, ctx, kind, name)?;
    let sealed = password.map(|plain| master.seal(&kind.purpose(name), plain)).transpose()?;
    let value = sealed.as_ref().map_or(Param::Null, Param::from);
    let sql = format!("UPDATE {} SET password = ?2 WHERE id = ?1 RETURNING id", kind.table());
    tx.query_composed(&sql, &[found.id.into(), value])?;
    changed(tx, ctx, now, &format!("{}.password", kind.noun()), name)
}
