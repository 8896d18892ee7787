//! Content partners: who may push to us, and whom we push to.

use waypost_core::time::Micros;

use super::{changed, check_slug, check_url, created, one_tenant, refused, tenant};
use crate::directory::types::Partner;
use crate::directory::{login, rows};
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError};

/// Messages in flight to one partner at most.
const IN_FLIGHT_MAX: u32 = 10_000;
/// Characters of a user name at most.
const USER_CHARS_MAX: usize = 255;

fn check(partner: &Partner) -> Result<(), StoreError> {
    check_slug(&partner.slug)?;
    check_url("the partner's URL", partner.url.as_deref())?;
    match partner.in_flight_max {
        1..=IN_FLIGHT_MAX => Ok(()),
        _ => refused(format!("messages in flight: 1 to {IN_FLIGHT_MAX}")),
    }
}

/// A user name of Basic credentials: it must not hold a colon (RFC 7617).
fn check_user(name: &str) -> Result<(), StoreError> {
    if name.is_empty()
        || name.len() > USER_CHARS_MAX
        || name.contains(':')
        || name.chars().any(char::is_control)
    {
        return refused("a user name has 1 to 255 characters, no colon and no control character");
    }
    Ok(())
}

/// Stores a partner of `ctx`'s tenant; logins, passwords, `id` and `created_at` are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the tenant is unknown, or the short name is taken.
pub fn create_partner(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    partner: &Partner,
) -> Result<i64, StoreError> {
    check(partner)?;
    let owner = tenant(tx, ctx, one_tenant(ctx)?)?;
    let rows = tx.query(
        "INSERT INTO content_partner (tenant, slug, name, enabled, url, in_flight_max, opt_in, array_updates, created_at, feeds) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (slug) DO NOTHING RETURNING id",
        &[
            owner.id.into(),
            (&partner.slug).into(),
            (&partner.name).into(),
            partner.enabled.into(),
            partner.url.as_deref().into(),
            partner.in_flight_max.into(),
            partner.opt_in().into(),
            partner.array_updates.into(),
            now.into(),
            partner.feeds.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a partner {} already", partner.slug))?;
    changed(tx, ctx, now, "partner.create", &partner.slug)?;
    Ok(id)
}

/// The partners `ctx` may see, by row, without their passwords.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_partners(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Partner>, StoreError> {
    tx.query(rows::PARTNER, &[ctx.tenant.0.into()])?.iter().map(|row| rows::partner(row, None)).collect()
}

/// A partner by its short name, without its passwords.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn partner(tx: &mut dyn Sql, ctx: &Ctx, slug: &str) -> Result<Partner, StoreError> {
    let found = list_partners(tx, ctx)?.into_iter().find(|partner| partner.slug == slug);
    found.map_or_else(|| refused(format!("no partner {slug}")), Ok)
}

/// Changes name, state, URL, limit, opt-in and dialect of a partner; the rest stays.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or a value is not valid.
pub fn update_partner(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    slug: &str,
    change: impl FnOnce(&mut Partner),
) -> Result<Partner, StoreError> {
    let before = partner(tx, ctx, slug)?;
    let mut after = before.clone();
    change(&mut after);
    let after = Partner { id: before.id, tenant: before.tenant, slug: before.slug, ..after };
    check(&after)?;
    tx.exec(
        "UPDATE content_partner SET name = ?2, enabled = ?3, url = ?4, in_flight_max = ?5, opt_in = ?6, \
         array_updates = ?7, feeds = ?8 WHERE id = ?1",
        &[
            after.id.into(),
            (&after.name).into(),
            after.enabled.into(),
            after.url.as_deref().into(),
            after.in_flight_max.into(),
            after.opt_in().into(),
            after.array_updates.into(),
            after.feeds.into(),
        ],
    )?;
    changed(tx, &Ctx::of(after.tenant, ctx.actor), now, "partner.update", slug)?;
    Ok(after)
}

/// Lets a partner push to us under this user name, or no longer when `login` is `None`.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such partner, the name is taken or not valid, or the password is short.
pub fn set_partner_login(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    slug: &str,
    login: Option<(&str, &str)>,
) -> Result<(), StoreError> {
    let found = partner(tx, ctx, slug)?;
    if let Some((name, password)) = login {
        check_user(name)?;
        if password.chars().count() < login::PASSWORD_CHARS_MIN {
            return refused(format!("a password has at least {} characters", login::PASSWORD_CHARS_MIN));
        }
        let all = list_partners(tx, &Ctx { tenant: crate::TenantId::ALL, ..*ctx })?;
        if all.iter().any(|other| other.id != found.id && other.login_name.as_deref() == Some(name)) {
            return refused(format!("the user name {name} is another partner's"));
        }
    }
    let hash = login.map(|(_, password)| login::hash(password)).transpose()?;
    tx.exec(
        "UPDATE content_partner SET login_name = ?2, login_hash = ?3 WHERE id = ?1",
        &[found.id.into(), login.map(|(name, _)| name).into(), hash.as_ref().into()],
    )?;
    changed(tx, &Ctx::of(found.tenant, ctx.actor), now, "partner.login", slug)
}

/// Sets the credentials we push with, as the partner issued them.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such partner or the name is not valid.
pub fn set_partner_credentials(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    slug: &str,
    credentials: Option<(&str, &str)>,
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = partner(tx, ctx, slug)?;
    if let Some((name, _)) = credentials {
        check_user(name)?;
    }
    let purpose = rows::partner_purpose(slug);
    let sealed = credentials.map(|(_, password)| master.seal(&purpose, password.as_bytes())).transpose()?;
    let sealed = sealed.as_ref().map_or(Param::Null, Param::from);
    tx.exec(
        "UPDATE content_partner SET url_name = ?2, url_password = ?3 WHERE id = ?1",
        &[found.id.into(), credentials.map(|(name, _)| name).into(), sealed],
    )?;
    changed(tx, &Ctx::of(found.tenant, ctx.actor), now, "partner.credentials", slug)
}
