//! Tenants.

use waypost_core::time::{Micros, Zone};

use super::{changed, check_json_object, check_slug, created, refused, require};
use crate::directory::rows;
use crate::directory::types::Tenant;
use crate::sql::Sql;
use crate::{Ctx, StoreError, TenantId};

fn check(tenant: &Tenant) -> Result<(), StoreError> {
    check_slug(&tenant.slug)?;
    check_json_object("settings", &tenant.settings)?;
    if !(1..=3).contains(&tenant.default_priority) {
        return refused("the default priority is 1 (low), 2 (medium) or 3 (high)");
    }
    match Zone::parse(&tenant.time_zone) {
        Ok(_) => Ok(()),
        Err(error) => refused(format!("time zone: {error}")),
    }
}

/// Stores a tenant; its `id` and `created_at` are given by the store. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid or the slug is taken.
pub fn create_tenant(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    tenant: &Tenant,
) -> Result<TenantId, StoreError> {
    require(ctx, TenantId::ALL.0, "tenant")?;
    check(tenant)?;
    let rows = tx.query(
        "INSERT INTO tenant (slug, name, status, time_zone, default_priority, sandbox, settings, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (slug) DO NOTHING RETURNING id",
        &[
            (&tenant.slug).into(),
            (&tenant.name).into(),
            tenant.status.word().into(),
            (&tenant.time_zone).into(),
            i64::from(tenant.default_priority).into(),
            tenant.sandbox.into(),
            (&tenant.settings).into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a tenant {} already", tenant.slug))?;
    changed(tx, &Ctx::of(id, ctx.actor), now, "tenant.create", &tenant.slug)?;
    Ok(TenantId(id))
}

/// The tenants `ctx` may see, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_tenants(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Tenant>, StoreError> {
    let tenants = tx.query(rows::TENANT, &[])?.iter().map(rows::tenant).collect::<Result<Vec<_>, _>>()?;
    Ok(tenants.into_iter().filter(|tenant| ctx.covers(TenantId(tenant.id))).collect())
}

/// A tenant by its row.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn tenant(tx: &mut dyn Sql, ctx: &Ctx, id: i64) -> Result<Tenant, StoreError> {
    let found = list_tenants(tx, ctx)?.into_iter().find(|tenant| tenant.id == id);
    found.map_or_else(|| refused("no such tenant"), Ok)
}

/// A tenant by its slug.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn tenant_by_slug(tx: &mut dyn Sql, ctx: &Ctx, slug: &str) -> Result<Tenant, StoreError> {
    let found = list_tenants(tx, ctx)?.into_iter().find(|tenant| tenant.slug == slug);
    found.map_or_else(|| refused(format!("no tenant {slug}")), Ok)
}

/// Changes a tenant; row, slug and creation time stay. Suspending is `status = Suspended`.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or a value is not valid.
pub fn update_tenant(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    change: impl FnOnce(&mut Tenant),
) -> Result<Tenant, StoreError> {
    let before = tenant(tx, ctx, id)?;
    let mut after = before.clone();
    change(&mut after);
    (after.id, after.slug, after.created_at) = (before.id, before.slug, before.created_at);
    check(&after)?;
    tx.exec(
        "UPDATE tenant SET name = ?2, status = ?3, time_zone = ?4, default_priority = ?5, sandbox = ?6, \
         settings = ?7 WHERE id = ?1",
        &[
            id.into(),
            (&after.name).into(),
            after.status.word().into(),
            (&after.time_zone).into(),
            i64::from(after.default_priority).into(),
            after.sandbox.into(),
            (&after.settings).into(),
        ],
    )?;
    changed(tx, &Ctx::of(id, ctx.actor), now, "tenant.update", &after.slug)?;
    Ok(after)
}
