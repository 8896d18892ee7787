//! Changes of the directory. Each raises the revision and leaves a line in the audit, in the caller's transaction.

mod app;
mod carrier;
mod credit;
mod event;
mod key;
mod limits;
mod link;
mod partner;
mod policy;
mod profile_attribute;
mod sender;
mod service;
mod template;
mod tenant;
mod voice;

use waypost_core::time::Micros;

use super::raise_revision;
use crate::sql::Sql;
use crate::{Ctx, StoreError, TenantId};

pub use app::{app, create_app, list_apps, set_app_secrets, set_default_app, update_app};
pub use carrier::{carrier, create_carrier, list_carriers, set_carrier_password, update_carrier};
pub use credit::{Rate, grant_credit, list_rates, remove_rate, set_rate, stop_credit, take_credit};
pub use event::{create_event, create_rule, list_events, list_rules, switch_event, switch_rule};
pub use key::{CreatedKey, create_key, list_keys, revoke_key};
pub use limits::{allow_ip, clear_limit, disallow_ip, list_ips, list_limits, set_limit};
pub use link::{create_link, list_links, switch_link};
pub use partner::{
    create_partner, list_partners, partner, set_partner_credentials, set_partner_login, update_partner,
};
pub use policy::{
    AuditLine, add_spam, add_verified, change_policy, list_spam, list_verified, policy_settings, read_audit,
    remove_spam, remove_verified,
};
pub use profile_attribute::{add_profile_attribute, list_profile_attributes, remove_profile_attribute};
pub use sender::{add_sender, list_senders, remove_sender};
pub use service::{
    ServiceSecret, create_service, list_services, service, service_by_slug, set_service_secret,
    update_service,
};
pub use template::{add_template_version, approve_template, create_template, list_templates, template};
pub use tenant::{create_tenant, list_tenants, tenant, tenant_by_slug, update_tenant};
pub use voice::{
    VoiceFlow, VoicePrompt, flow_body, list_flows, list_prompts, prompt_sound, put_flow, put_prompt,
    remove_flow, remove_prompt,
};

/// Characters of a slug or a name of a connection at most.
const SLUG_CHARS_MAX: usize = 63;

/// Writes a line of the audit. `detail` never holds a secret.
///
/// # Errors
/// See [`Sql::put`].
pub fn audit(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, action: &str, detail: &str) -> Result<(), StoreError> {
    let (actor, tenant) = (ctx.actor.to_string(), (ctx.tenant != TenantId::ALL).then_some(ctx.tenant.0));
    tx.put(
        "INSERT INTO audit (at, actor, tenant, action, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[now.into(), (&actor).into(), tenant.into(), action.into(), detail.into()],
    )
}

fn changed(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, action: &str, detail: &str) -> Result<(), StoreError> {
    raise_revision(tx)?;
    audit(tx, ctx, now, action, detail)
}

fn refused<T>(text: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::Refused(text.into()))
}

/// A row of another tenant looks like no row at all.
fn require(ctx: &Ctx, tenant: i64, what: &str) -> Result<(), StoreError> {
    if ctx.covers(TenantId(tenant)) { Ok(()) } else { refused(format!("no such {what}")) }
}

/// The one tenant a context is for.
fn one_tenant(ctx: &Ctx) -> Result<i64, StoreError> {
    if ctx.tenant == TenantId::ALL { refused("name the tenant") } else { Ok(ctx.tenant.0) }
}

fn check_slug(slug: &str) -> Result<(), StoreError> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX || !slug.bytes().all(good) || slug.starts_with('-') {
        return refused(format!(
            "`{slug}` is no short name: up to 63 of a-z, 0-9 and -, not starting with -"
        ));
    }
    Ok(())
}

fn check_url(what: &str, url: Option<&str>) -> Result<(), StoreError> {
    match url {
        Some(url) if !(url.starts_with("http://") || url.starts_with("https://")) || url.trim() != url => {
            refused(format!("{what}: `{url}` is not an http or https URL"))
        }
        _ => Ok(()),
    }
}

fn check_json_object(what: &str, text: &str) -> Result<(), StoreError> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(_) => Ok(()),
        Err(error) => refused(format!("{what} is not a JSON object: {error}")),
    }
}

/// The id an INSERT returned; `None` means that the name was taken.
fn created(rows: &[crate::Row], taken: impl FnOnce() -> String) -> Result<i64, StoreError> {
    rows.first().map_or_else(|| refused(taken()), |row| row.int(0))
}
