//! Services.

use waypost_core::time::Micros;

use super::{changed, check_slug, check_url, created, refused, require, tenant};
use crate::directory::rows;
use crate::directory::types::Service;
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError};

/// Which secret of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceSecret {
    /// Signs call-backs.
    Hub,
    /// Verifies tokens.
    Jwt,
}

fn check(service: &Service) -> Result<(), StoreError> {
    check_slug(&service.slug)?;
    check_url("notify URL", service.notify_url.as_deref())?;
    check_url("inbound URL", service.inbound_url.as_deref())
}

/// Stores a service of `service.tenant`; `id`, `created_at` and secrets are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the tenant is unknown, or the slug is taken.
pub fn create_service(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    service: &Service,
) -> Result<i64, StoreError> {
    let owner = tenant(tx, ctx, service.tenant)?;
    check(service)?;
    let rows = tx.query(
        "INSERT INTO service (tenant, slug, name, status, notify_url, notify_types, inbound_url, default_sender, \
         route_group, hub_algorithm, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (tenant, slug) DO NOTHING RETURNING id",
        &[
            service.tenant.into(),
            (&service.slug).into(),
            (&service.name).into(),
            service.status.word().into(),
            service.notify_url.as_deref().into(),
            service.notify_types.into(),
            service.inbound_url.as_deref().into(),
            service.default_sender.as_deref().into(),
            service.route_group.as_deref().into(),
            (&service.hub_algorithm).into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("tenant {} has a service {} already", owner.slug, service.slug))?;
    changed(tx, &Ctx::of(owner.id, ctx.actor), now, "service.create", &service.slug)?;
    Ok(id)
}

/// The services `ctx` may see, by row, without their secrets.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_services(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Service>, StoreError> {
    let rows = tx.query(rows::SERVICE, &[ctx.tenant.0.into()])?;
    rows.iter().map(|row| rows::service(row, None)).collect()
}

/// A service by its row, without its secrets.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn service(tx: &mut dyn Sql, ctx: &Ctx, id: i64) -> Result<Service, StoreError> {
    let found = list_services(tx, ctx)?.into_iter().find(|service| service.id == id);
    found.map_or_else(|| refused("no such service"), Ok)
}

/// A service of a tenant by its slug, without its secrets.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn service_by_slug(tx: &mut dyn Sql, ctx: &Ctx, tenant: i64, slug: &str) -> Result<Service, StoreError> {
    require(ctx, tenant, "service")?;
    let found =
        list_services(tx, ctx)?.into_iter().find(|service| service.tenant == tenant && service.slug == slug);
    found.map_or_else(|| refused(format!("no service {slug}")), Ok)
}

/// Changes a service; row, tenant, slug, creation time and secrets stay. Suspending is `status = Suspended`, the
/// notify URL is `notify_url`.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or a value is not valid.
pub fn update_service(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    change: impl FnOnce(&mut Service),
) -> Result<Service, StoreError> {
    let before = service(tx, ctx, id)?;
    let mut after = before.clone();
    change(&mut after);
    let after = Service {
        id: before.id,
        tenant: before.tenant,
        slug: before.slug,
        created_at: before.created_at,
        hub_secret: None,
        jwt_secret: None,
        has_hub_secret: before.has_hub_secret,
        has_jwt_secret: before.has_jwt_secret,
        ..after
    };
    check(&after)?;
    tx.exec(
        "UPDATE service SET name = ?2, status = ?3, notify_url = ?4, notify_types = ?5, inbound_url = ?6, \
         default_sender = ?7, route_group = ?8, hub_algorithm = ?9 WHERE id = ?1",
        &[
            id.into(),
            (&after.name).into(),
            after.status.word().into(),
            after.notify_url.as_deref().into(),
            after.notify_types.into(),
            after.inbound_url.as_deref().into(),
            after.default_sender.as_deref().into(),
            after.route_group.as_deref().into(),
            (&after.hub_algorithm).into(),
        ],
    )?;
    changed(tx, &Ctx::of(after.tenant, ctx.actor), now, "service.update", &after.slug)?;
    Ok(after)
}

/// Sets or removes a secret of a service.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such service.
pub fn set_service_secret(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    (which, secret): (ServiceSecret, Option<&[u8]>),
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = service(tx, ctx, id)?;
    let owner = tenant(tx, ctx, found.tenant)?;
    let (column, sql) = match which {
        ServiceSecret::Hub => ("hub_secret", "UPDATE service SET hub_secret = ?2 WHERE id = ?1"),
        ServiceSecret::Jwt => ("jwt_secret", "UPDATE service SET jwt_secret = ?2 WHERE id = ?1"),
    };
    let purpose = rows::service_purpose(column, &owner.slug, &found.slug);
    let sealed = secret.map(|plain| master.seal(&purpose, plain)).transpose()?;
    tx.exec(sql, &[id.into(), sealed.as_ref().map_or(Param::Null, Param::from)])?;
    let action = if sealed.is_some() { "service.secret.set" } else { "service.secret.remove" };
    changed(tx, &Ctx::of(owner.id, ctx.actor), now, action, &format!("{} {column}", found.slug))
}
