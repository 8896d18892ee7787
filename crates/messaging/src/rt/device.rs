//! What a registered device does: changes its owner, leaves, reports, speaks (spec 8.2, 8.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use thiserror::Error;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::external::{Ticket, Unreachable};
use super::ids::ClientId;
use super::inbound::{self, Said};
use super::ledger::{Ledger, RtApp, TokenState, device, token_state};
use super::records::{self, NewParcel, Owner};
use super::register::random_hex;
use super::single;
use crate::records::profile::app_profile::{self, By};
use crate::records::profile::{AppProfileRecord, AppProfileRow};
use crate::work::emit;
use crate::work::runtime::Shared;
use crate::work::social_receipts::{self, Heard, Report};

/// How long what a user said waits for the user's other devices.
const ECHO_MS: i64 = 24 * 3_600_000;

/// A device that showed its token.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its app.
    pub app: RtApp,
    /// Its name.
    pub client: ClientId,
    /// Its profile.
    pub profile: AppProfileRow,
    /// The token it showed.
    pub token: Shown,
}

/// An access token; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(pub(super) String);

impl std::fmt::Debug for Shown {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shown")
    }
}

/// Why a device was not changed.
#[derive(Debug, Error)]
pub enum ChangeFault {
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The external broker did not follow; registering again makes it.
    #[error(transparent)]
    Outside(#[from] Unreachable),
}

/// Why a device is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKnown {
    /// No such device.
    Device,
    /// Its token is another.
    Wrong,
    /// Its token has ended.
    Ended,
}

/// A change of a device's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is this user's now; `None`: a guest's.
    User(Option<String>),
    /// It is this customer's now; `None`: nobody's.
    Customer(Option<String>),
    /// New attributes, and its push token.
    Attributes(BTreeMap<String, String>, Option<String>),
}

/// A receipt of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It was delivered: 7500.
    Delivered,
    /// It was read: 7502.
    Read,
    /// A button or link of it was used: 7528.
    Clicked,
}

impl Ledger {
    /// The device of this name, if the token is its own.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn known(
        &self,
        app: &RtApp,
        client: ClientId,
        token: &str,
    ) -> Result<Result<Known, NotKnown>, StoreError> {
        let (ctx, row, of) = (app.ctx(), app.app.id, client.clone());
        let look = move |tx: &mut dyn Sql| {
            let Some(profile) = device(tx, &ctx, row, &of)? else { return Ok(None) };
            let session = records::session(tx, &ctx, profile.id)?;
            Ok(session.map(|session| (profile, session)))
        };
        let Some((profile, session)) = self.0.parts.store.read(look).await? else {
            return Ok(Err(NotKnown::Device));
        };
        Ok(match token_state(&session, token, self.0.parts.clock.now()) {
            TokenState::Good => {
                Ok(Known { app: app.clone(), client, profile, token: Shown(token.to_owned()) })
            }
            TokenState::Ended => Err(NotKnown::Ended),
            TokenState::Wrong => Err(NotKnown::Wrong),
        })
    }

    /// Changes a device's profile; its name afterwards. With another user it has other topics: its connection ends.
    ///
    /// # Errors
    /// Those of the store; also when there is no randomness for the name of a guest.
    pub async fn change(&self, known: &Known, change: Change) -> Result<ClientId, ChangeFault> {
        let mut client = known.client.clone();
        if let Change::User(user) = &change {
            let guest = || random_hex().map(|hex| format!("guest_{hex}"));
            let user = user.clone().or_else(guest);
            client.user_id = user.ok_or_else(|| StoreError::Unavailable("no randomness".to_owned()))?;
        }
        let (ctx, before, after) = (known.app.ctx(), known.profile.clone(), client.clone());
        let now = self.0.parts.clock.now();
        let is_move = client != known.client;
        let is_single = self.is_single(&known.app);
        let job = move |tx: &mut dyn Sql| {
            if is_move && let Some(other) = device(tx, &ctx, before.record.app, &after)? {
                // The device was this user's before: what waits there is the device's that is now.
                app_profile::delete(tx, &ctx, &other)?;
            }
            app_profile::update(tx, &ctx, &before, &changed(&before.record, &change, &after, now), now)?;
            records::rename(tx, before.id, &after.user_id)?;
            if !(is_move && is_single) {
                return Ok(Vec::new());
            }
            let (user, device) = (after.user_id.as_str(), after.device_id.as_str());
            let owner = Owner { profile: before.id, app: before.record.app, user, device };
            single::keep_only(tx, &ctx, &owner, &after, now)
        };
        let gone = self.0.parts.store.write(job).await?;
        gone.into_iter().for_each(|device| self.0.hub.end(device));
        if is_move {
            self.0.hub.end(known.profile.id);
            self.move_outside(known, &client).await?;
        }
        Ok(client)
    }

    /// Removes a device with all that waits for it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn unregister(&self, known: &Known) -> Result<(), ChangeFault> {
        let (ctx, profile) = (known.app.ctx(), known.profile.clone());
        self.0.parts.store.write(move |tx| app_profile::delete(tx, &ctx, &profile)).await?;
        self.0.hub.end(known.profile.id);
        Ok(self.remove_outside(&known.client).await?)
    }

    /// The device is another user's at the external broker, too.
    async fn move_outside(&self, known: &Known, after: &ClientId) -> Result<(), Unreachable> {
        if known.client.user_id != after.user_id {
            self.remove_outside(&known.client).await?;
        }
        let key = known.app.client_key().unwrap_or_default().to_owned();
        let (device, token) = (known.profile.id, known.token.0.clone());
        self.admit_outside(Ticket { device, client: after.clone(), token, key }).await
    }

    /// Takes a message back from a device: it is not sent any more. False when the device never had it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forget(&self, known: &Known, tid: String) -> Result<bool, StoreError> {
        let (profile, now) = (known.profile.id, self.0.parts.clock.now());
        let job = move |tx: &mut dyn Sql| {
            let Some(id) = records::parcel(tx, profile, &tid)? else { return Ok(false) };
            records::settle(tx, profile, &[waypost_realtime::Settled::Done(id)], now).map(|()| true)
        };
        self.0.parts.store.write(job).await
    }

    /// Applies a receipt of a device for some of its messages. False when it has had none of them.
    ///
    /// # Errors
    /// Those of the store; nothing is applied then.
    pub async fn receipt(
        &self,
        shared: &Arc<Shared>,
        known: &Known,
        receipt: Receipt,
        tids: Vec<String>,
    ) -> Result<bool, StoreError> {
        let (profile, app, at) = (known.profile.id, Arc::clone(&known.app.app), self.0.parts.clock.now());
        let job_shared = Arc::clone(shared);
        let job = move |tx: &mut dyn Sql| {
            let mut ids = Vec::new();
            for tid in &tids {
                let Some(id) = records::parcel(tx, profile, tid)? else { continue };
                records::reported(tx, profile, id, at)?;
                ids.push(format!("rt-{id}"));
            }
            if ids.is_empty() {
                return Ok(None);
            }
            let heard = match receipt {
                Receipt::Delivered => Heard::Delivered(ids),
                Receipt::Read => Heard::Read(ids),
                Receipt::Clicked => Heard::Clicked(ids),
            };
            let report = Report { app: app.id, tenant: app.tenant, channel: Channel::Rt, heard, at };
            social_receipts::record(&job_shared, tx, &report).map(Some)
        };
        let emitted = self.0.parts.store.write(job).await?;
        let found = emitted.is_some();
        emit::release(shared, emitted.into_iter().flatten());
        Ok(found)
    }

    /// Keeps what a user said and forwards it; the user's other devices are told. Its number.
    ///
    /// # Errors
    /// Those of the store; nothing is kept then.
    pub async fn say(
        &self,
        shared: &Arc<Shared>,
        known: &Known,
        said: Said,
        at: Micros,
    ) -> Result<i64, StoreError> {
        let (job_shared, app, mine) = (Arc::clone(shared), known.app.clone(), known.profile.id);
        let job = move |tx: &mut dyn Sql| {
            let (id, emitted) = inbound::record(&job_shared, tx, &app, &said, at)?;
            let mut told = Vec::new();
            if said.event == "MO" {
                let ctx = app.ctx();
                for other in app_profile::find(tx, &ctx, app.app.id, By::User(&said.client.user_id))? {
                    let Some(device) = other.record.device_id.clone().filter(|_| other.id != mine) else {
                        continue;
                    };
                    let client = ClientId { device_id: device, ..said.client.clone() };
                    let owner = Owner {
                        profile: other.id,
                        app: app.app.id,
                        user: &client.user_id,
                        device: &client.device_id,
                    };
                    let (tid, text) = (inbound::tid(id), echo(&client, id, &said, at));
                    let number = job_shared.ids.next_range(at, 1).0;
                    let expires_at = at.add_ms(ECHO_MS);
                    let new = NewParcel { id: number, tid: &tid, payload: &text, expires_at };
                    records::keep(tx, &ctx, &owner, &new)?;
                    told.push(other.id);
                }
            }
            Ok((id, emitted, told))
        };
        let (id, emitted, told) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
        told.into_iter().for_each(|device| self.0.hub.wake(device));
        Ok(id)
    }
}

/// What another device of the user gets of something said.
fn echo(client: &ClientId, id: i64, said: &Said, at: Micros) -> String {
    let media = said.attachments.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut echo = super::payload(client, &inbound::tid(id), &json!({"text": said.text}), at);
    if let Value::Object(members) = &mut echo {
        members.insert("payload_type".to_owned(), json!("sentByUser"));
        if let Some(media) = media {
            members.insert("media".to_owned(), media);
        }
    }
    echo.to_string()
}

fn changed(before: &AppProfileRecord, change: &Change, client: &ClientId, now: Micros) -> AppProfileRecord {
    let mut attributes: BTreeMap<String, String> =
        serde_json::from_str(&before.attributes).unwrap_or_default();
    let mut after = AppProfileRecord { seen_at: Some(now), ..before.clone() };
    let mut put = |name: &str, value: &str| attributes.insert(name.to_owned(), value.to_owned());
    match change {
        Change::User(user) => {
            put("userId", &client.user_id);
            put("guest", if user.is_some() { "0" } else { "1" });
            after.user_id = Some(client.user_id.clone());
        }
        Change::Customer(customer) => {
            after.customer_id.clone_from(customer);
            put("customerId", customer.as_deref().unwrap_or_default());
        }
        Change::Attributes(said, token) => {
            for (name, value) in said {
                put(name, value);
            }
            if let Some(token) = token {
                put("pushId", token);
                after.token = Some(token.clone());
            }
            after.os = said.get("os").cloned().or(after.os);
        }
    }
    // A map of texts cannot fail to be written.
    after.attributes = serde_json::to_string(&attributes).unwrap_or_default();
    after
}

/// Members of what a user said that travel on as texts: JSON stays JSON, in a text (spec 4.3).
#[must_use]
pub fn as_text(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

/// The members `thread_id`, `thread_title` and `thread` of something said in a thread.
pub fn thread_members(thread: &Value, more: &mut Map<String, Value>) {
    for (name, from) in [("thread_id", "id"), ("thread_title", "title")] {
        if let Some(value) = thread.get(from) {
            more.insert(name.to_owned(), as_text(value));
        }
    }
    more.insert("thread".to_owned(), as_text(thread));
}
