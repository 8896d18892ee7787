//! Telling all devices of a user something that is no message of the service: what another device did, what became of a
//! thread.

use serde_json::{Map, Value, json};
use waypost_core::id::IdGenerator;
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::ids::ClientId;
use super::ledger::RtApp;
use super::payload::payload;
use super::records::{self, NewParcel, Owner};
use crate::records::profile::app_profile::{self, By};

/// How long what is told waits for a device.
const KEPT_MS: i64 = 24 * 3_600_000;

/// The carrier of parcels that no message of the service is behind: their receipts are nobody's.
pub(super) const NO_MESSAGE: i64 = 0;

/// Something to be told.
pub(super) struct News<'a> {
    /// The user.
    pub user: &'a str,
    /// The device that knows already.
    pub except: Option<i64>,
    /// What it is about: devices drop repeats by it and `kind`.
    pub tid: &'a str,
    /// `payload_type` (spec 8.4).
    pub kind: &'static str,
    /// Whether `tid` is that of a message which has a parcel of its own.
    pub about_message: bool,
    /// Further members, over those of every message.
    pub more: Map<String, Value>,
}

/// Keeps a parcel for each device of the user; the devices to be woken after the commit.
///
/// # Errors
/// Those of the store.
pub(super) fn devices(
    tx: &mut dyn Sql,
    ids: &IdGenerator,
    app: &RtApp,
    news: &News<'_>,
    now: Micros,
) -> Result<Vec<i64>, StoreError> {
    let ctx = app.ctx();
    let mut woken = Vec::new();
    for profile in app_profile::find(tx, &ctx, app.app.id, By::User(news.user))? {
        let Some(device_id) = profile.record.device_id.clone().filter(|_| Some(profile.id) != news.except)
        else {
            continue;
        };
        let client = ClientId { app_id: app.app.app_id.clone(), user_id: news.user.to_owned(), device_id };
        let owner =
            Owner { profile: profile.id, app: app.app.id, user: &client.user_id, device: &client.device_id };
        let text = text(&client, news, now);
        let tid = match news.about_message {
            // A message and what became of it are two parcels of one transaction id.
            true => format!("{}:{}", news.kind, news.tid),
            false => news.tid.to_owned(),
        };
        let new = NewParcel {
            id: ids.next_range(now, 1).0,
            tid: &tid,
            payload: &text,
            expires_at: now.add_ms(KEPT_MS),
            carrier: Some(NO_MESSAGE),
        };
        records::keep(tx, &ctx, &owner, &new)?;
        woken.push(profile.id);
    }
    Ok(woken)
}

fn text(client: &ClientId, news: &News<'_>, now: Micros) -> String {
    let mut out = payload(client, news.tid, &json!({}), now);
    if let Value::Object(members) = &mut out {
        members.insert("payload_type".to_owned(), json!(news.kind));
        members.extend(news.more.clone());
    }
    out.to_string()
}
