//! Settings of policies, spam phrases, verified destinations.

use waypost_core::policy::{DailyWindow, Phrase};
use waypost_core::time::{Micros, Zone};

use super::{changed, one_tenant, refused, service};
use crate::directory::policy::{self, PolicySettings};
use crate::sql::{Sql, query_one};
use crate::{Ctx, StoreError, TenantId};

/// Spam phrases of one list, and verified destinations of one tenant, at most: they are held in memory.
const LIST_MAX: i64 = 2_000;
/// Longest verified destination, in bytes.
const DESTINATION_BYTES_MAX: usize = 256;
/// Most characters a limit of the text can be: the contract's own (spec 3.4).
const TEXT_CHARS_MAX: u32 = 4_000;

/// The settings of `ctx`'s tenant (`service` `None`), or of one of its services; the defaults when none are stored.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such service.
pub fn policy_settings(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    of_service: Option<i64>,
) -> Result<PolicySettings, StoreError> {
    let tenant = one_tenant(ctx)?;
    if let Some(id) = of_service {
        service(tx, ctx, id)?;
    }
    let sql = "SELECT settings FROM policy WHERE tenant = ?1 AND service = ?2";
    let row = query_one(tx, sql, &[tenant.into(), of_service.unwrap_or(0).into()])?;
    row.map_or_else(|| Ok(PolicySettings::default()), |row| policy::parse(row.text(0)?))
}

/// Changes the settings of `ctx`'s tenant, or of one of its services.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such service or a value is not valid.
pub fn change_policy(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    of_service: Option<i64>,
    change: impl FnOnce(&mut PolicySettings),
) -> Result<PolicySettings, StoreError> {
    let tenant = one_tenant(ctx)?;
    let mut settings = policy_settings(tx, ctx, of_service)?;
    change(&mut settings);
    check(&settings)?;
    let text = serde_json::to_string(&settings).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    tx.exec(
        "INSERT INTO policy (tenant, service, settings) VALUES (?1, ?2, ?3) \
         ON CONFLICT (tenant, service) DO UPDATE SET settings = excluded.settings",
        &[tenant.into(), of_service.unwrap_or(0).into(), (&text).into()],
    )?;
    let of = of_service.map_or_else(|| "tenant".to_owned(), |id| format!("service {id}"));
    changed(tx, ctx, now, "policy.set", &format!("{of}: {text}"))?;
    Ok(settings)
}

fn check(settings: &PolicySettings) -> Result<(), StoreError> {
    if let Some(window) = &settings.social_hours
        && let Err(error) = window.parse::<DailyWindow>()
    {
        return refused(format!("social hours: {error}"));
    }
    if let Some(zone) = &settings.zone
        && let Err(error) = Zone::parse(zone)
    {
        return refused(format!("time zone: {error}"));
    }
    match settings.text_chars_max {
        Some(max) if !(1..=TEXT_CHARS_MAX).contains(&max) => {
            refused(format!("a text has 1 to {TEXT_CHARS_MAX} characters"))
        }
        _ => Ok(()),
    }
}

fn phrase(text: &str) -> Result<String, StoreError> {
    Phrase::parse(text).map_or_else(|error| refused(format!("`{text}`: {error}")), |phrase| Ok(phrase.text()))
}

fn check_count(tx: &mut dyn Sql, sql: &'static str, tenant: i64) -> Result<(), StoreError> {
    let count = query_one(tx, sql, &[tenant.into()])?.map_or(Ok(0), |row| row.int(0))?;
    if count > LIST_MAX { refused(format!("the list has at most {LIST_MAX} entries")) } else { Ok(()) }
}

/// Puts a phrase on the spam list of `ctx`'s tenant, or on the platform's when `ctx` is for all.
///
/// # Errors
/// [`StoreError::Refused`] when it is none or the list is full.
pub fn add_spam(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, text: &str) -> Result<(), StoreError> {
    let phrase = phrase(text)?;
    let sql =
        "INSERT INTO spam_phrase (tenant, phrase) VALUES (?1, ?2) ON CONFLICT (tenant, phrase) DO NOTHING";
    tx.exec(sql, &[ctx.tenant.0.into(), (&phrase).into()])?;
    check_count(tx, "SELECT count(*) FROM spam_phrase WHERE tenant = ?1", ctx.tenant.0)?;
    changed(tx, ctx, now, "spam.add", &phrase)
}

/// Takes a phrase off a spam list.
///
/// # Errors
/// [`StoreError::Refused`] when it is not on it.
pub fn remove_spam(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, text: &str) -> Result<(), StoreError> {
    let phrase = phrase(text)?;
    let sql = "DELETE FROM spam_phrase WHERE tenant = ?1 AND phrase = ?2";
    if tx.exec(sql, &[ctx.tenant.0.into(), (&phrase).into()])? == 0 {
        return refused(format!("`{phrase}` is not on the list"));
    }
    changed(tx, ctx, now, "spam.remove", &phrase)
}

/// The spam list of `ctx`'s tenant, or the platform's, in the order it was entered.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_spam(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT phrase FROM spam_phrase WHERE tenant = ?1 ORDER BY id";
    tx.query(sql, &[ctx.tenant.0.into()])?.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

fn destination(text: &str) -> Result<&str, StoreError> {
    let trimmed = text.trim();
    let bare = trimmed.strip_prefix('+').unwrap_or(trimmed);
    if bare.is_empty() || bare.len() > DESTINATION_BYTES_MAX {
        return refused(format!("a destination has 1 to {DESTINATION_BYTES_MAX} bytes"));
    }
    Ok(bare)
}

/// Verifies a destination for `ctx`'s tenant.
///
/// # Errors
/// [`StoreError::Refused`] when it is none or the list is full.
pub fn add_verified(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, text: &str) -> Result<(), StoreError> {
    let (tenant, destination) = (one_tenant(ctx)?, destination(text)?);
    tx.exec(
        "INSERT INTO verified (tenant, destination, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[tenant.into(), destination.into(), now.into()],
    )?;
    check_count(tx, "SELECT count(*) FROM verified WHERE tenant = ?1", tenant)?;
    changed(tx, ctx, now, "verified.add", destination)
}

/// Takes a destination off the list of verified ones.
///
/// # Errors
/// [`StoreError::Refused`] when it is not on it.
pub fn remove_verified(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, text: &str) -> Result<(), StoreError> {
    let (tenant, destination) = (one_tenant(ctx)?, destination(text)?);
    let sql = "DELETE FROM verified WHERE tenant = ?1 AND destination = ?2";
    if tx.exec(sql, &[tenant.into(), destination.into()])? == 0 {
        return refused(format!("{destination} is not on the list"));
    }
    changed(tx, ctx, now, "verified.remove", destination)
}

/// The verified destinations of `ctx`'s tenant with the moment each was entered.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_verified(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<(String, Micros)>, StoreError> {
    let sql = "SELECT destination, since FROM verified WHERE tenant = ?1 ORDER BY id";
    let rows = tx.query(sql, &[one_tenant(ctx)?.into()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.time(1)?))).collect()
}

/// One line of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Micros,
    /// Who.
    pub actor: String,
    /// In which tenant; `None` for what concerns all.
    pub tenant: Option<i64>,
    /// What.
    pub action: String,
    /// To what.
    pub detail: String,
}

/// The lines of the audit `ctx` may see with rows below `before`, newest first, at most `max`.
///
/// # Errors
/// See [`Sql::query`].
pub fn read_audit(tx: &mut dyn Sql, ctx: &Ctx, before: i64, max: u32) -> Result<Vec<AuditLine>, StoreError> {
    let all = ctx.tenant == TenantId::ALL;
    let rows = tx.query(
        "SELECT id, at, actor, tenant, action, detail FROM audit WHERE id < ?1 \
         AND (tenant = ?2 OR ?3 = 1) ORDER BY id DESC LIMIT ?4",
        &[before.into(), ctx.tenant.0.into(), all.into(), max.into()],
    )?;
    let line = |row: &crate::Row| {
        let text = |column| row.text(column).map(str::to_owned);
        let (actor, action, detail) = (text(2)?, text(4)?, text(5)?);
        Ok(AuditLine { id: row.int(0)?, at: row.time(1)?, actor, tenant: row.opt_int(3)?, action, detail })
    };
    rows.iter().map(line).collect()
}
