//! App assets and the services' defaults.

use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::{changed, check_json_object, created, one_tenant, refused, service};
use crate::directory::app::{self, App};
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Ctx, Param, StoreError};

/// Longest `appid`, in bytes.
const APP_ID_BYTES_MAX: usize = 64;

fn check(app: &App) -> Result<(), StoreError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if app.app_id.is_empty() || app.app_id.len() > APP_ID_BYTES_MAX || !app.app_id.bytes().all(good) {
        return refused(format!("`{}` is no app id: up to 64 of A-Z, a-z, 0-9, _ and -", app.app_id));
    }
    check_json_object("config", &app.config)
}

/// Stores an app asset of `ctx`'s tenant; `id`, `tenant`, `created_at` and secrets are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid or the app id is taken.
pub fn create_app(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, new: &App) -> Result<i64, StoreError> {
    let tenant = one_tenant(ctx)?;
    check(new)?;
    let rows = tx.query(
        "INSERT INTO app (tenant, app_id, kind, name, status, push, rt, config, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (app_id) DO NOTHING RETURNING id",
        &[
            tenant.into(),
            (&new.app_id).into(),
            new.kind.word().into(),
            (&new.name).into(),
            new.status.word().into(),
            new.push.into(),
            new.rt.into(),
            (&new.config).into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is an app {} already", new.app_id))?;
    changed(tx, ctx, now, "app.create", &new.app_id)?;
    Ok(id)
}

/// The apps `ctx` may see, by row, without their secrets.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_apps(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<App>, StoreError> {
    tx.query(app::SELECT, &[ctx.tenant.0.into()])?.iter().map(|row| app::from_row(row, None)).collect()
}

/// An app `ctx` may see by its app id, without its secrets.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn app(tx: &mut dyn Sql, ctx: &Ctx, app_id: &str) -> Result<App, StoreError> {
    let found = list_apps(tx, ctx)?.into_iter().find(|app| app.app_id == app_id);
    found.map_or_else(|| refused(format!("no app {app_id}")), Ok)
}

/// Changes name, status, features and settings of an app; the rest stays.
///
/// # Errors
/// [`StoreError::Refused`] when there is none or a value is not valid.
pub fn update_app(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    app_id: &str,
    change: impl FnOnce(&mut App),
) -> Result<App, StoreError> {
    let before = app(tx, ctx, app_id)?;
    let mut after = before.clone();
    change(&mut after);
    let App { name, status, push, rt, config, .. } = after;
    let after = App { name, status, push, rt, config, ..before };
    check(&after)?;
    tx.exec(
        "UPDATE app SET name = ?2, status = ?3, push = ?4, rt = ?5, config = ?6 WHERE id = ?1",
        &[
            after.id.into(),
            (&after.name).into(),
            after.status.word().into(),
            after.push.into(),
            after.rt.into(),
            (&after.config).into(),
        ],
    )?;
    changed(tx, ctx, now, "app.update", app_id)?;
    Ok(after)
}

/// Sets or removes the credentials of an app, a JSON object.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such app or they are no JSON object.
pub fn set_app_secrets(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    app_id: &str,
    secrets: Option<&str>,
    master: &MasterKey,
) -> Result<(), StoreError> {
    let found = app(tx, ctx, app_id)?;
    if let Some(secrets) = secrets {
        check_json_object("secrets", secrets)?;
    }
    let purpose = app::purpose(app_id);
    let sealed = secrets.map(|plain| master.seal(&purpose, plain.as_bytes())).transpose()?;
    let value = sealed.as_ref().map_or(Param::Null, Param::from);
    tx.exec("UPDATE app SET secrets = ?2 WHERE id = ?1", &[found.id.into(), value])?;
    changed(tx, ctx, now, "app.secrets", app_id)
}

/// Makes an app the asset of a service on a channel.
///
/// # Errors
/// [`StoreError::Refused`] when either is unknown, or the app cannot carry the channel.
pub fn set_default_app(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    of_service: i64,
    channel: Channel,
    app_id: &str,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    let service = service(tx, ctx, of_service)?;
    let found = app(tx, ctx, app_id)?;
    if !found.kind.carries(channel) {
        return refused(format!("app {app_id} does not carry {}", channel.wire_name()));
    }
    let channel = channel.wire_name().to_ascii_lowercase();
    tx.put(
        "INSERT INTO service_app (tenant, service, channel, app) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (service, channel) DO UPDATE SET app = excluded.app",
        &[tenant.into(), service.id.into(), (&channel).into(), found.id.into()],
    )?;
    changed(tx, ctx, now, "app.default", &format!("{} {channel} {app_id}", service.slug))
}
