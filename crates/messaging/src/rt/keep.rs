//! The write job of one message to one device: its parcel, its place in the inbox, the push for who is away.

use serde_json::{Value, json};
use waypost_channels::connector::{AddressKind, Outgoing};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::ids::ClientId;
use super::inbox::message::{self, NewHeld};
use super::inbox::{self, side};
use super::ledger::Ledger;
use super::media::Media;
use super::offline;
use super::payload::{payload, typing};
use super::records::{self, Kept, NewParcel, Owner};
use crate::records::profile::AppProfileRow;

/// How long a typing indicator is worth anything.
const TYPING_MS: i64 = 10_000;

/// What came of it.
pub(super) enum Outcome {
    /// It waits for the device.
    Kept {
        /// The device's profile.
        device: i64,
        /// The number under which its receipts are found.
        carrier: i64,
        /// What the device gets when it is not connected.
        notification: Option<Box<Outgoing>>,
    },
    /// No such device.
    NoDevice,
    /// The thread is unknown, or closed for the user.
    NoThread,
    /// Too much waits for the device.
    Full,
}

/// What a message is kept with.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    /// The moment.
    pub now: Micros,
    /// How long a message without an expiry waits, milliseconds.
    pub keep_ms: i64,
    /// Files of apps.
    pub media: Media,
}

impl Keeping {
    /// As a ledger has it, now.
    pub fn of(ledger: &Ledger) -> Self {
        let parts = &ledger.0.parts;
        Self { now: parts.clock.now(), keep_ms: parts.keep_ms, media: parts.media.clone() }
    }
}

/// Keeps a message for a device, once however often it is tried. `carrier` is the number under which receipts find the
/// message; `None`: the parcel's own.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (id, carrier): (i64, Option<i64>),
    outgoing: &Outgoing,
    profile: &AppProfileRow,
    keeping: &Keeping,
) -> Result<Outcome, StoreError> {
    let now = keeping.now;
    let app = &outgoing.account;
    let (Some(user_id), Some(device_id)) = (profile.record.user_id.clone(), profile.record.device_id.clone())
    else {
        return Ok(Outcome::NoDevice);
    };
    let client = ClientId { app_id: app.app_id.clone(), user_id, device_id };
    let owner = Owner { profile: profile.id, app: app.id, user: &client.user_id, device: &client.device_id };
    let mut payload = payload(&client, &outgoing.tid, &outgoing.block, now);
    if let (AddressKind::Topic, Value::Object(members)) = (outgoing.address.kind, &mut payload) {
        members.insert("topic".to_owned(), json!(outgoing.address.value));
    }
    if let Some(media) = payload.get_mut("media") {
        keeping.media.link(tx, ctx, app.id, media, now)?;
    }
    if !into_thread(tx, ctx, id, &client, outgoing, &mut payload, now)? {
        return Ok(Outcome::NoThread);
    }
    let text = payload.to_string();
    let latest = now.add_ms(if typing(&outgoing.block).is_some() { TYPING_MS } else { keeping.keep_ms });
    let expires_at = outgoing.expires_at.map_or(latest, |expiry| expiry.min(latest));
    let new = NewParcel { id, tid: &outgoing.tid, payload: &text, expires_at, carrier };
    Ok(match records::keep(tx, ctx, &owner, &new)? {
        Kept::As(parcel) => {
            let notification = offline::push(outgoing, &profile.record).map(Box::new);
            Outcome::Kept { device: profile.id, carrier: carrier.unwrap_or(parcel), notification }
        }
        Kept::Before(parcel) => {
            Outcome::Kept { device: profile.id, carrier: carrier.unwrap_or(parcel), notification: None }
        }
        Kept::Full => Outcome::Full,
    })
}

/// Keeps the message in its thread, once for all devices of the user, and tells the device of the thread. False when the
/// app keeps an inbox and the thread is not there or closed.
fn into_thread(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: i64,
    client: &ClientId,
    outgoing: &Outgoing,
    payload: &mut Value,
    now: Micros,
) -> Result<bool, StoreError> {
    let thread_id = outgoing.block.get("thread_id").and_then(Value::as_str);
    let Some(thread_id) = thread_id.filter(|_| inbox::is_on(&outgoing.account)) else { return Ok(true) };
    let of = (outgoing.account.id, client.user_id.as_str());
    let Some(mut thread) = side::find(tx, ctx, of, thread_id)?.filter(|thread| !thread.is_closed()) else {
        return Ok(false);
    };
    if typing(&outgoing.block).is_none() {
        let new = NewHeld { id, thread: thread.row, tid: &outgoing.tid, said: false, payload };
        if message::insert(tx, ctx, of, &new)? {
            side::used(tx, ctx, of, thread.row, now)?;
        }
        thread.unread = Some(side::unread(tx, ctx, of, thread.row)?);
    }
    if let Value::Object(members) = payload {
        members.insert("thread".to_owned(), thread.json());
    }
    Ok(true)
}
