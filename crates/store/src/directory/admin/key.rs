//! API keys.

use waypost_core::time::Micros;

use super::{changed, one_tenant, refused, service, tenant};
use crate::directory::types::{ApiKey, KeyKind};
use crate::directory::{key, rows};
use crate::sql::Sql;
use crate::{Ctx, StoreError, query_one};

/// A key as it is shown, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// Its row.
    pub id: i64,
    /// The key itself; it cannot be shown again.
    pub text: String,
}

/// Makes a key: of kind service for one service, of kind profile for `ctx`'s tenant.
///
/// # Errors
/// [`StoreError::Refused`] when the tenant or service is unknown.
pub fn create_key(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    service_id: Option<i64>,
) -> Result<CreatedKey, StoreError> {
    let (kind, owner, of) = match service_id {
        Some(id) => {
            let found = service(tx, ctx, id)?;
            (KeyKind::Service, found.tenant, found.slug)
        }
        None => {
            let found = tenant(tx, ctx, one_tenant(ctx)?)?;
            (KeyKind::Profile, found.id, found.slug)
        }
    };
    let (text, prefix) = key::generate(kind)?;
    let row = query_one(
        tx,
        "INSERT INTO api_key (tenant, service, kind, prefix, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         RETURNING id",
        &[
            owner.into(),
            service_id.into(),
            kind.word().into(),
            (&prefix).into(),
            (&key::hash(&text)).into(),
            now.into(),
        ],
    )?;
    let id = row.map_or_else(|| refused("the key was not stored"), |row| row.int(0))?;
    changed(tx, &Ctx::of(owner, ctx.actor), now, "key.create", &format!("{prefix} for {of}"))?;
    Ok(CreatedKey { id, text })
}

/// The keys `ctx` may see, also the revoked ones, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_keys(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<ApiKey>, StoreError> {
    tx.query(rows::API_KEY, &[ctx.tenant.0.into()])?.iter().map(rows::api_key).collect()
}

/// Revokes a key; revoking it again changes nothing.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn revoke_key(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, id: i64) -> Result<(), StoreError> {
    let Some(found) = list_keys(tx, ctx)?.into_iter().find(|key| key.id == id) else {
        return refused("no such key");
    };
    tx.exec(
        "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
        &[id.into(), now.into()],
    )?;
    changed(tx, &Ctx::of(found.tenant, ctx.actor), now, "key.revoke", &found.prefix)
}
