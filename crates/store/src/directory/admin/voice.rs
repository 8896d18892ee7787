//! What calls play: prompts and flows of a tenant.

use waypost_core::time::Micros;

use super::{changed, refused, tenant};
use crate::sql::Sql;
use crate::{Ctx, StoreError, TenantId};

/// Bytes of a name at most.
const NAME_BYTES_MAX: usize = 64;

/// An uploaded prompt, without its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoicePrompt {
    /// The `promptid` of the wire.
    pub prompt_id: String,
    /// The `media` of the wire.
    pub name: String,
    /// How long it is, in milliseconds.
    pub ms: i64,
    /// When it was uploaded.
    pub created_at: Micros,
}

/// A stored flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceFlow {
    /// The `callflowid` of the wire.
    pub flow_id: String,
    /// The flow as JSON.
    pub body: String,
    /// When it was stored.
    pub created_at: Micros,
}

fn check_name(what: &str, name: &str) -> Result<(), StoreError> {
    let good = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(good) {
        return refused(format!("the {what} must be 1 to {NAME_BYTES_MAX} letters, digits and . _ -"));
    }
    Ok(())
}

/// Stores a prompt (µ-law at 8 kHz) under a name, in place of the one that had it; its id, which stays the same then.
///
/// # Errors
/// [`StoreError::Refused`] when the name is not valid or the tenant unknown.
pub fn put_prompt(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    owner: i64,
    name: &str,
    sound: &[u8],
) -> Result<String, StoreError> {
    check_name("name of the prompt", name)?;
    tenant(tx, ctx, owner)?;
    let known = tx.query(
        "SELECT prompt_id FROM voice_prompt WHERE tenant = ?1 AND name = ?2",
        &[owner.into(), name.into()],
    )?;
    let id = match known.first() {
        Some(row) => row.text(0)?.to_owned(),
        None => next_id(tx, owner)?,
    };
    tx.exec(
        "INSERT INTO voice_prompt (tenant, prompt_id, name, sound, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (tenant, name) DO UPDATE SET sound = excluded.sound, created_at = excluded.created_at",
        &[owner.into(), id.as_str().into(), name.into(), sound.into(), now.into()],
    )?;
    changed(tx, ctx, now, "voice_prompt.put", &format!("{owner}/{name}"))?;
    Ok(id)
}

/// Ids count up for each tenant; that of a removed prompt is not given again while a younger one stands.
fn next_id(tx: &mut dyn Sql, owner: i64) -> Result<String, StoreError> {
    let rows = tx.query("SELECT prompt_id FROM voice_prompt WHERE tenant = ?1", &[owner.into()])?;
    let mut newest = 0_u64;
    for row in &rows {
        newest = newest.max(row.text(0)?.parse().unwrap_or(0));
    }
    Ok((newest + 1).to_string())
}

/// The prompts of a tenant, by id.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_prompts(tx: &mut dyn Sql, ctx: &Ctx, owner: i64) -> Result<Vec<VoicePrompt>, StoreError> {
    tenant(tx, ctx, owner)?;
    let rows = tx.query(
        "SELECT prompt_id, name, length(sound), created_at FROM voice_prompt WHERE tenant = ?1 ORDER BY id",
        &[owner.into()],
    )?;
    rows.iter()
        .map(|row| {
            let (prompt_id, name) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
            // Eight octets a millisecond.
            Ok(VoicePrompt { prompt_id, name, ms: row.int(2)? / 8, created_at: row.time(3)? })
        })
        .collect()
}

/// Removes a prompt.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn remove_prompt(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    owner: i64,
    name: &str,
) -> Result<(), StoreError> {
    tenant(tx, ctx, owner)?;
    let gone =
        tx.exec("DELETE FROM voice_prompt WHERE tenant = ?1 AND name = ?2", &[owner.into(), name.into()])?;
    if gone == 0 {
        return refused(format!("no prompt {name}"));
    }
    changed(tx, ctx, now, "voice_prompt.remove", &format!("{owner}/{name}"))
}

/// Stores a flow (JSON that was checked) under an id, in place of the one that had it.
///
/// # Errors
/// [`StoreError::Refused`] when the id is not valid or the tenant unknown.
pub fn put_flow(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    owner: i64,
    flow_id: &str,
    body: &str,
) -> Result<(), StoreError> {
    check_name("id of the flow", flow_id)?;
    tenant(tx, ctx, owner)?;
    tx.exec(
        "INSERT INTO voice_flow (tenant, flow_id, body, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, flow_id) DO UPDATE SET body = excluded.body, created_at = excluded.created_at",
        &[owner.into(), flow_id.into(), body.into(), now.into()],
    )?;
    changed(tx, ctx, now, "voice_flow.put", &format!("{owner}/{flow_id}"))
}

/// The flows of a tenant.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_flows(tx: &mut dyn Sql, ctx: &Ctx, owner: i64) -> Result<Vec<VoiceFlow>, StoreError> {
    tenant(tx, ctx, owner)?;
    let rows = tx.query(
        "SELECT flow_id, body, created_at FROM voice_flow WHERE tenant = ?1 ORDER BY id",
        &[owner.into()],
    )?;
    rows.iter()
        .map(|row| {
            let (flow_id, body) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
            Ok(VoiceFlow { flow_id, body, created_at: row.time(2)? })
        })
        .collect()
}

/// Removes a flow.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn remove_flow(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    owner: i64,
    flow_id: &str,
) -> Result<(), StoreError> {
    tenant(tx, ctx, owner)?;
    let gone = tx
        .exec("DELETE FROM voice_flow WHERE tenant = ?1 AND flow_id = ?2", &[owner.into(), flow_id.into()])?;
    if gone == 0 {
        return refused(format!("no flow {flow_id}"));
    }
    changed(tx, ctx, now, "voice_flow.remove", &format!("{owner}/{flow_id}"))
}

/// The sound of a prompt by its id, else by its name.
///
/// # Errors
/// See [`Sql::query`].
pub fn prompt_sound(tx: &mut dyn Sql, owner: TenantId, wanted: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let rows = tx.query(
        "SELECT sound FROM voice_prompt WHERE tenant = ?1 AND (prompt_id = ?2 OR name = ?2) \
         ORDER BY CASE WHEN prompt_id = ?2 THEN 0 ELSE 1 END LIMIT 1",
        &[owner.0.into(), wanted.into()],
    )?;
    rows.first().map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
}

/// A flow by its id, as JSON.
///
/// # Errors
/// See [`Sql::query`].
pub fn flow_body(tx: &mut dyn Sql, owner: TenantId, flow_id: &str) -> Result<Option<String>, StoreError> {
    let rows = tx.query(
        "SELECT body FROM voice_flow WHERE tenant = ?1 AND flow_id = ?2",
        &[owner.0.into(), flow_id.into()],
    )?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}
