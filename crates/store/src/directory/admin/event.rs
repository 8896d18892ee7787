//! Events and rules.

use std::collections::HashSet;

use waypost_core::time::Micros;

use super::{changed, created, one_tenant, refused, service};
use crate::directory::event::{self, EventDefinition, EventParameter, Happens, Rule};
use crate::sql::Sql;
use crate::{Ctx, StoreError};

/// Longest name of an event, a rule or a parameter, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Most parameters of an event and conditions of a rule.
const PARAMETERS_MAX: usize = 100;
/// Longest delay of a rule, in seconds: a year.
const DELAY_S_MAX: u32 = 366 * 24 * 3_600;

fn check_name(what: &str, name: &str) -> Result<(), StoreError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return refused(format!(
            "the name of {what} has 1 to {NAME_BYTES_MAX} bytes and no control character"
        ));
    }
    Ok(())
}

/// Stores an event of `ctx`'s tenant. Returns its row, the `evtid`.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid or the name is taken.
pub fn create_event(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    name: &str,
    parameters: &[EventParameter],
) -> Result<i64, StoreError> {
    let tenant = one_tenant(ctx)?;
    check_name("an event", name)?;
    if parameters.len() > PARAMETERS_MAX {
        return refused(format!("an event has at most {PARAMETERS_MAX} parameters"));
    }
    let mut seen = HashSet::new();
    for parameter in parameters {
        check_name("a parameter", &parameter.name)?;
        if !seen.insert(&parameter.name) {
            return refused(format!("the parameter {} stands twice", parameter.name));
        }
    }
    let text = serde_json::to_string(parameters).unwrap_or_default();
    let rows = tx.query(
        "INSERT INTO event (tenant, name, parameters, enabled, created_at) VALUES (?1, ?2, ?3, 1, ?4) \
         ON CONFLICT (tenant, name) DO NOTHING RETURNING id",
        &[tenant.into(), name.into(), (&text).into(), now.into()],
    )?;
    let id = created(&rows, || format!("there is an event {name} already"))?;
    changed(tx, ctx, now, "event.create", name)?;
    Ok(id)
}

/// The events `ctx` may see.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_events(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<EventDefinition>, StoreError> {
    tx.query(event::EVENTS, &[ctx.tenant.0.into()])?.iter().map(event::event_from_row).collect()
}

/// Switches an event on or off; off, its id is unknown to clients.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such event.
pub fn switch_event(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    enabled: bool,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    let sql = "UPDATE event SET enabled = ?3 WHERE tenant = ?1 AND id = ?2";
    if tx.exec(sql, &[tenant.into(), id.into(), enabled.into()])? == 0 {
        return refused(format!("no event {id}"));
    }
    changed(tx, ctx, now, if enabled { "event.enable" } else { "event.disable" }, &id.to_string())
}

/// Stores a rule of `ctx`'s tenant; `id` and `tenant` are not taken from it. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when a value is not valid, the name is taken, or service, event or template are unknown.
pub fn create_rule(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, new: &Rule) -> Result<i64, StoreError> {
    let tenant = one_tenant(ctx)?;
    check_name("a rule", &new.name)?;
    service(tx, ctx, new.service)?;
    super::template(tx, ctx, &new.template)?;
    check_rule(tx, ctx, new)?;
    let conditions = serde_json::to_string(&new.conditions).unwrap_or_default();
    let destination = serde_json::to_string(&new.destination).unwrap_or_default();
    let rows = tx.query(
        "INSERT INTO rule (tenant, service, name, happens, event, conditions, template, channel, destination, delay_s, \
         enabled, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
         ON CONFLICT (tenant, name) DO NOTHING RETURNING id",
        &[
            tenant.into(),
            new.service.into(),
            (&new.name).into(),
            new.happens.word().into(),
            new.event.into(),
            (&conditions).into(),
            (&new.template).into(),
            new.channel.wire_name().into(),
            (&destination).into(),
            new.delay_s.into(),
            new.enabled.into(),
            now.into(),
        ],
    )?;
    let id = created(&rows, || format!("there is a rule {} already", new.name))?;
    changed(tx, ctx, now, "rule.create", &new.name)?;
    Ok(id)
}

fn check_rule(tx: &mut dyn Sql, ctx: &Ctx, new: &Rule) -> Result<(), StoreError> {
    if new.conditions.len() > PARAMETERS_MAX || new.delay_s > DELAY_S_MAX {
        return refused(format!(
            "a rule has at most {PARAMETERS_MAX} conditions and a delay of {DELAY_S_MAX} s"
        ));
    }
    match (new.happens, new.event) {
        (Happens::Event, Some(id)) => {
            let known = list_events(tx, ctx)?.into_iter().any(|event| event.id == id);
            if known { Ok(()) } else { refused(format!("no event {id}")) }
        }
        (Happens::Event, None) => refused("name the event the rule waits for"),
        (_, Some(_)) => refused("only a rule that waits for an event names one"),
        (_, None) => Ok(()),
    }
}

/// The rules `ctx` may see.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_rules(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Rule>, StoreError> {
    tx.query(event::RULES, &[ctx.tenant.0.into()])?.iter().map(event::rule_from_row).collect()
}

/// Puts a rule in force or out of it. Messages it has made already are sent.
///
/// # Errors
/// [`StoreError::Refused`] when there is no such rule.
pub fn switch_rule(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    id: i64,
    enabled: bool,
) -> Result<(), StoreError> {
    let tenant = one_tenant(ctx)?;
    let sql = "UPDATE rule SET enabled = ?3 WHERE tenant = ?1 AND id = ?2";
    if tx.exec(sql, &[tenant.into(), id.into(), enabled.into()])? == 0 {
        return refused(format!("no rule {id}"));
    }
    changed(tx, ctx, now, if enabled { "rule.enable" } else { "rule.disable" }, &id.to_string())
}
