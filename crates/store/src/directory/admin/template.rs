//! Templates.

use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::{changed, check_json_object, created, one_tenant, refused};
use crate::directory::template::{self, Template, TemplateVersion};
use crate::sql::{Sql, query_one};
use crate::{Ctx, Param, StoreError};

/// Longest template id and name, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Largest content of a version, in bytes.
const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// Most templates of a tenant: all of their approved contents are held in memory.
const TEMPLATES_MAX: i64 = 10_000;

/// Stores a template of `ctx`'s tenant under `template_id`, or under a number of its own. Returns it.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the id is taken, or there are too many.
pub fn create_template(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    template_id: Option<&str>,
    name: &str,
) -> Result<Template, StoreError> {
    let tenant = one_tenant(ctx)?;
    check(template_id.unwrap_or("1"), name)?;
    let count = query_one(tx, "SELECT count(*) FROM template WHERE tenant = ?1", &[tenant.into()])?;
    if count.map_or(Ok(0), |row| row.int(0))? >= TEMPLATES_MAX {
        return refused(format!("a tenant has at most {TEMPLATES_MAX} templates"));
    }
    let made = match template_id {
        Some(id) => id.to_owned(),
        None => {
            let next = query_one(tx, "SELECT coalesce(max(id), 0) + 1001 FROM template", &[])?;
            next.map_or(Ok(1001), |row| row.int(0))?.to_string()
        }
    };
    let rows = tx.query(
        "INSERT INTO template (tenant, template_id, name, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, template_id) DO NOTHING RETURNING id",
        &[tenant.into(), (&made).into(), name.into(), now.into()],
    )?;
    let id = created(&rows, || format!("there is a template {made} already"))?;
    changed(tx, ctx, now, "template.create", &made)?;
    Ok(Template { id, tenant, template_id: made, name: name.to_owned() })
}

fn check(template_id: &str, name: &str) -> Result<(), StoreError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if template_id.is_empty() || template_id.len() > NAME_BYTES_MAX || !template_id.bytes().all(good) {
        return refused(format!("`{template_id}` is no template id: up to 100 of A-Z, a-z, 0-9, _, - and ."));
    }
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return refused("a template's name has 1 to 100 bytes and no control character");
    }
    Ok(())
}

/// The templates `ctx` may see.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_templates(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Template>, StoreError> {
    tx.query(template::SELECT, &[ctx.tenant.0.into()])?.iter().map(template::from_row).collect()
}

/// A template of `ctx`'s tenant and its versions, by channel, oldest first.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn template(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    template_id: &str,
) -> Result<(Template, Vec<TemplateVersion>), StoreError> {
    let tenant = one_tenant(ctx)?;
    let row = query_one(
        tx,
        "SELECT id, tenant, template_id, name FROM template WHERE tenant = ?1 AND template_id = ?2",
        &[tenant.into(), template_id.into()],
    )?;
    let Some(row) = row else { return refused(format!("no template {template_id}")) };
    let found = template::from_row(&row)?;
    let versions = template::versions(tx, found.id)?;
    Ok((found, versions))
}

/// Adds a version of what a template says on a channel; it is not sent before it is approved. `content` is the channel's
/// block, which the caller has checked. Returns its number.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such template or the content is no JSON object or too large.
pub fn add_template_version(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    template_id: &str,
    channel: Channel,
    content: &str,
) -> Result<i64, StoreError> {
    check_json_object("the content", content)?;
    if content.len() > CONTENT_BYTES_MAX {
        return refused(format!("a template's content has at most {CONTENT_BYTES_MAX} bytes"));
    }
    let (found, versions) = template(tx, ctx, template_id)?;
    let word = channel.wire_name().to_ascii_lowercase();
    let newest = versions.iter().filter(|known| known.channel == word).map(|known| known.version).max();
    let version = newest.unwrap_or(0) + 1;
    tx.exec(
        "INSERT INTO template_version (template, channel, version, content, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[found.id.into(), (&word).into(), version.into(), content.into(), now.into()],
    )?;
    changed(tx, ctx, now, "template.version", &format!("{template_id} {word} {version}"))?;
    Ok(version)
}

/// Approves a version, or takes its approval back. What is sent is the newest approved one of its channel.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such version.
pub fn approve_template(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    (template_id, channel, version): (&str, Channel, i64),
    approved: bool,
) -> Result<(), StoreError> {
    let (found, _) = template(tx, ctx, template_id)?;
    let at = if approved { now.into() } else { Param::Null };
    let word = channel.wire_name().to_ascii_lowercase();
    let hit = tx.exec(
        "UPDATE template_version SET approved_at = ?4 WHERE template = ?1 AND channel = ?2 AND version = ?3",
        &[found.id.into(), (&word).into(), version.into(), at],
    )?;
    if hit == 0 {
        return refused(format!("template {template_id} has no version {version} on {word}"));
    }
    let action = if approved { "template.approve" } else { "template.withdraw" };
    changed(tx, ctx, now, action, &format!("{template_id} {word} {version}"))
}
