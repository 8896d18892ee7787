//! Smart links.

use waypost_core::time::Micros;

use super::{changed, check_url, created, one_tenant, refused};
use crate::directory::link::{self, Link};
use crate::sql::Sql;
use crate::{Ctx, StoreError};

/// Longest name and URL, in bytes.
const NAME_BYTES_MAX: usize = 100;
const URL_BYTES_MAX: usize = 2_048;
/// Longest validity in minutes: ten years.
const VALIDITY_MINUTES_MAX: u32 = 5_256_000;

/// Stores a smart link of `ctx`'s tenant; `id` and `tenant` are not taken from it. Returns its row, the `linkid`.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid or the name is taken.
pub fn create_link(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, new: &Link) -> Result<i64, StoreError> {
    let tenant = one_tenant(ctx)?;
    check_url("the link's target", Some(&new.url))?;
    if new.url.len() > URL_BYTES_MAX || new.url.chars().any(char::is_control) {
        return refused("the link's target has at most 2048 bytes and no control character");
    }
    if new.name.is_empty() || new.name.len() > NAME_BYTES_MAX {
        return refused("a link's name has 1 to 100 bytes");
    }
    if !(1..=VALIDITY_MINUTES_MAX).contains(&new.validity_minutes) {
        return refused(format!("a link's validity is 1 to {VALIDITY_MINUTES_MAX} minutes"));
    }
    let rows = tx.query(
        "INSERT INTO link (tenant, name, url, validity_minutes, enabled, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (tenant, name) DO NOTHING RETURNING id",
        &[
            tenant.into(),
            (&new.name).into(),
            (&new.url).into(),
            new.validity_minutes.into(),
            new.enabled.into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a link {} already", new.name))?;
    changed(tx, ctx, now, "link.create", &new.name)?;
    Ok(id)
}

/// The links `ctx` may see.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_links(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Link>, StoreError> {
    tx.query(link::SELECT, &[ctx.tenant.0.into()])?.iter().map(link::from_row).collect()
}

/// Switches a link on or off. Off, links that were sent lead nowhere.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such link.
pub fn switch_link(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    enabled: bool,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    let sql = "UPDATE link SET enabled = ?3 WHERE tenant = ?1 AND id = ?2";
    if tx.exec(sql, &[tenant.into(), id.into(), enabled.into()])? == 0 {
        return refused(format!("no link {id}"));
    }
    changed(tx, ctx, now, if enabled { "link.enable" } else { "link.disable" }, &id.to_string())
}
