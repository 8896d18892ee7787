//! Who follows a topic.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::record::number;
use super::{Done, SUBSCRIBERS_MAX};
use crate::records::profile::app_profile::{self, By};

/// Subscribes users: those the app knows a device of, up to [`SUBSCRIBERS_MAX`].
pub(super) fn add(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, topic): (i64, i64),
    users: &[String],
    now: Micros,
) -> Result<Done, StoreError> {
    let mut there = count(tx, ctx, topic)?;
    let mut done = Done::default();
    for user in users {
        let is_known = !app_profile::find(tx, ctx, app, By::User(user))?.is_empty();
        if !is_known || there >= SUBSCRIBERS_MAX {
            done.failed.push(user.clone());
            continue;
        }
        let written = tx.exec(
            "INSERT INTO rt_subscriber (topic, user_id, tenant, app, since) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (topic, user_id) DO NOTHING",
            &[topic.into(), user.into(), ctx.tenant.0.into(), app.into(), now.into()],
        )?;
        there += i64::from(written > 0);
        done.done.push(user.clone());
    }
    Ok(done)
}

/// Removes users; one who does not follow it has failed.
pub(super) fn remove(tx: &mut dyn Sql, ctx: &Ctx, topic: i64, users: &[String]) -> Result<Done, StoreError> {
    let mut done = Done::default();
    for user in users {
        let sql = "DELETE FROM rt_subscriber WHERE topic = ?1 AND user_id = ?2 AND tenant = ?3";
        let removed = tx.exec(sql, &[topic.into(), user.into(), ctx.tenant.0.into()])?;
        let into = if removed > 0 { &mut done.done } else { &mut done.failed };
        into.push(user.clone());
    }
    Ok(done)
}

fn count(tx: &mut dyn Sql, ctx: &Ctx, topic: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM rt_subscriber WHERE topic = ?1 AND tenant = ?2";
    number(tx, sql, &[topic.into(), ctx.tenant.0.into()])
}

/// Whether anybody follows it.
pub(in crate::rt) fn has_any(tx: &mut dyn Sql, ctx: &Ctx, topic: i64) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) FROM (SELECT user_id FROM rt_subscriber WHERE topic = ?1 AND tenant = ?2 LIMIT 1) AS one";
    Ok(number(tx, sql, &[topic.into(), ctx.tenant.0.into()])? > 0)
}

/// A page of them, by name.
pub(super) fn list(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    topic: i64,
    start: u32,
    limit: u32,
) -> Result<(i64, Vec<String>), StoreError> {
    let rows = tx.query(
        "SELECT user_id FROM rt_subscriber WHERE topic = ?1 AND tenant = ?2 ORDER BY user_id LIMIT ?3 OFFSET ?4",
        &[topic.into(), ctx.tenant.0.into(), limit.into(), start.into()],
    )?;
    let users = rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok((count(tx, ctx, topic)?, users))
}

/// Subscribers after one, by name: the way through all of them.
pub(super) fn after(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    topic: i64,
    user: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let rows = tx.query(
        "SELECT user_id FROM rt_subscriber WHERE topic = ?1 AND tenant = ?2 AND user_id > ?3 \
         ORDER BY user_id LIMIT ?4",
        &[topic.into(), ctx.tenant.0.into(), user.into(), limit.into()],
    )?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}
