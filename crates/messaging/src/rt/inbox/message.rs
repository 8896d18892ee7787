//! What was said in threads.

use serde_json::{Map, Value, json};
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_store::{Ctx, Row, Sql, StoreError, query_one};

use super::side::Of;

/// Members of a message that name the device it went to.
const OF_THE_DEVICE: [&str; 2] = ["deviceId", "clientId"];

/// A message of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The message as a device got it, without the device.
    pub payload: Map<String, Value>,
    /// When the first device of the user had it.
    pub delivered_at: Option<Micros>,
    /// When the user read it.
    pub read_at: Option<Micros>,
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldPage {
    /// How many the thread has.
    pub total: i64,
    /// Those of the page.
    pub messages: Vec<Held>,
}

impl Held {
    /// The object of the wire (spec 8.5). `submited` is how the contract spells it.
    #[must_use]
    pub fn json(mut self) -> Value {
        let at = |at: Option<Micros>| at.map_or(Value::Null, |at| json!(rfc3339_utc(at)));
        let status = match (self.delivered_at, self.read_at) {
            (_, Some(_)) => "read",
            (Some(_), None) => "delivered",
            (None, None) => "submited",
        };
        let app_id = self.payload.remove("appId").unwrap_or_default();
        for (name, value) in [
            ("appid", app_id),
            ("delivered_at", at(self.delivered_at)),
            ("read_at", at(self.read_at)),
            ("status", json!(status)),
        ] {
            self.payload.insert(name.to_owned(), value);
        }
        for (name, empty) in
            [("payload_type", json!("")), ("extras", json!({})), ("media", json!([])), ("message", json!(""))]
        {
            self.payload.entry(name).or_insert(empty);
        }
        Value::Object(self.payload)
    }
}

/// A message to be kept in a thread.
pub(in crate::rt) struct NewHeld<'a> {
    /// Its number.
    pub id: i64,
    /// The thread's row.
    pub thread: i64,
    /// Its transaction id, once for each user.
    pub tid: &'a str,
    /// Whether the user said it.
    pub said: bool,
    /// As a device gets it.
    pub payload: &'a Value,
}

/// Keeps a message; one that is there already stays as it is. Whether it is new.
pub(in crate::rt) fn insert(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    new: &NewHeld<'_>,
) -> Result<bool, StoreError> {
    let mut payload = new.payload.clone();
    if let Some(members) = payload.as_object_mut() {
        members.retain(|name, _| !OF_THE_DEVICE.contains(&name.as_str()));
    }
    let text = payload.to_string();
    let written = tx.exec(
        "INSERT INTO rt_message (id, tenant, app, user_id, thread, tid, said, payload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (app, user_id, tid) DO NOTHING",
        &[
            new.id.into(),
            ctx.tenant.0.into(),
            app.into(),
            user.into(),
            new.thread.into(),
            new.tid.into(),
            new.said.into(),
            text.as_str().into(),
        ],
    )?;
    Ok(written > 0)
}

/// The messages of a thread, newest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    thread: i64,
    (from, limit): (u32, u32),
) -> Result<HeldPage, StoreError> {
    let total = query_one(
        tx,
        "SELECT COUNT(*) FROM rt_message WHERE app = ?2 AND user_id = ?3 AND thread = ?4 AND tenant = ?1",
        &[ctx.tenant.0.into(), app.into(), user.into(), thread.into()],
    )?;
    let rows = tx.query(
        "SELECT payload, delivered_at, read_at FROM rt_message WHERE app = ?2 AND user_id = ?3 AND thread = ?4 \
         AND tenant = ?1 ORDER BY id DESC LIMIT ?5 OFFSET ?6",
        &[ctx.tenant.0.into(), app.into(), user.into(), thread.into(), limit.into(), from.into()],
    )?;
    let messages = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(HeldPage { total: total.map_or(Ok(0), |row| row.int(0))?, messages })
}

fn read(row: &Row) -> Result<Held, StoreError> {
    let payload = serde_json::from_str(row.text(0)?);
    Ok(Held {
        payload: payload.map_err(|_| StoreError::Corrupt("rt_message.payload".to_owned()))?,
        delivered_at: row.opt_time(1)?,
        read_at: row.opt_time(2)?,
    })
}

/// What is reported of messages in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rt) enum Mark {
    /// A device has it.
    Delivered,
    /// The user has read it, and so a device has it.
    Read,
}

/// Notes a report of a message; whether the user has the message.
pub(in crate::rt) fn mark(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    tid: &str,
    mark: Mark,
    now: Micros,
) -> Result<bool, StoreError> {
    let sql = match mark {
        Mark::Delivered => {
            "UPDATE rt_message SET delivered_at = COALESCE(delivered_at, ?5) \
             WHERE app = ?1 AND user_id = ?2 AND tid = ?3 AND tenant = ?4"
        }
        Mark::Read => {
            "UPDATE rt_message SET delivered_at = COALESCE(delivered_at, ?5), read_at = COALESCE(read_at, ?5) \
             WHERE app = ?1 AND user_id = ?2 AND tid = ?3 AND tenant = ?4"
        }
    };
    let of = [app.into(), user.into(), tid.into(), ctx.tenant.0.into(), now.into()];
    Ok(tx.exec(sql, &of)? > 0)
}

/// Removes a message; whether it was there.
pub(in crate::rt) fn delete(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    tid: &str,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM rt_message WHERE app = ?1 AND user_id = ?2 AND tid = ?3 AND tenant = ?4";
    Ok(tx.exec(sql, &[app.into(), user.into(), tid.into(), ctx.tenant.0.into()])? > 0)
}
