//! Attributes of a tenant's master profile store.

use waypost_core::time::Micros;

use super::{changed, created, one_tenant, refused};
use crate::directory::profile_attribute::{self, AttributeKind, ProfileAttribute};
use crate::sql::Sql;
use crate::{Ctx, StoreError};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Attributes of a tenant at most.
const ATTRIBUTES_MAX: usize = 200;

/// Adds an attribute to the store of `ctx`'s tenant. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when the name is not valid or taken, or there are 200 already.
pub fn add_profile_attribute(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    kind: AttributeKind,
) -> Result<i64, StoreError> {
    let tenant = one_tenant(ctx)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(good) {
        return refused(format!("`{name}` is no name of an attribute: up to 64 of A-Z, a-z, 0-9, _ and -"));
    }
    let known = list_profile_attributes(tx, ctx)?;
    if known.len() >= ATTRIBUTES_MAX {
        return refused(format!("a tenant has at most {ATTRIBUTES_MAX} attributes of its own"));
    }
    let taken = || format!("there is an attribute {name} already");
    if known.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
        return refused(taken());
    }
    let rows = tx.query(
        "INSERT INTO profile_attribute (tenant, name, kind, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, name) DO NOTHING RETURNING id",
        &[tenant.into(), name.into(), kind.word().into(), now.into()],
    )?;
    let id = created(&rows, taken)?;
    changed(tx, ctx, now, "profile.attribute.add", name)?;
    Ok(id)
}

/// The attributes `ctx` may see, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_profile_attributes(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<ProfileAttribute>, StoreError> {
    let rows = tx.query(profile_attribute::SELECT, &[ctx.tenant.0.into()])?;
    rows.iter().map(profile_attribute::from_row).collect()
}

/// Removes an attribute; values that customers have of it are not shown any more and go at their next change.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn remove_profile_attribute(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    let sql = "DELETE FROM profile_attribute WHERE tenant = ?1 AND name = ?2";
    if tx.exec(sql, &[tenant.into(), name.into()])? == 0 {
        return refused(format!("no attribute {name}"));
    }
    changed(tx, ctx, now, "profile.attribute.remove", name)
}
