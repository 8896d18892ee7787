//! A registered device: who it is, whose it becomes, how it leaves (spec 8.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::external::{Ticket, Unreachable};
use super::ids::ClientId;
use super::ledger::{Ledger, RtApp, TokenState, device, token_hash, token_state};
use super::profile_event::{self, PROFILE_UPDATED};
use super::records::{self, Owner};
use super::register::random_hex;
use super::single;
use crate::records::profile::app_profile::{self, By};
use crate::records::profile::{AppProfileRecord, AppProfileRow};
use crate::work::emit;
use crate::work::runtime::Shared;

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

    /// Whether a token is that of a device of this user.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn user(
        &self,
        app: &RtApp,
        user: &str,
        token: &str,
    ) -> Result<Result<(), NotKnown>, StoreError> {
        let (ctx, row, user) = (app.ctx(), app.app.id, user.to_owned());
        let look = move |tx: &mut dyn Sql| {
            let mut sessions = Vec::new();
            for profile in app_profile::find(tx, &ctx, row, By::User(&user))? {
                sessions.extend(records::session(tx, &ctx, profile.id)?);
            }
            Ok(sessions)
        };
        let sessions = self.0.parts.store.read(look).await?;
        if sessions.is_empty() {
            return Ok(Err(NotKnown::Device));
        }
        let now = self.0.parts.clock.now();
        let states: Vec<TokenState> =
            sessions.iter().map(|session| token_state(session, token, now)).collect();
        Ok(if states.contains(&TokenState::Good) {
            Ok(())
        } else if states.contains(&TokenState::Ended) {
            Err(NotKnown::Ended)
        } else {
            Err(NotKnown::Wrong)
        })
    }

    /// Whether a token is that of any device of the app.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn any_device(&self, app: &RtApp, token: &str) -> Result<Result<(), NotKnown>, StoreError> {
        let (ctx, row, hash) = (app.ctx(), app.app.id, token_hash(token));
        let look = move |tx: &mut dyn Sql| records::by_token(tx, &ctx, row, &hash);
        let now = self.0.parts.clock.now();
        Ok(match self.0.parts.store.read(look).await? {
            Some(until) if until > now => Ok(()),
            Some(_) => Err(NotKnown::Ended),
            None => Err(NotKnown::Wrong),
        })
    }

    /// Changes a device's profile; its name afterwards. With another user it has other topics: its connection ends.
    ///
    /// # Errors
    /// Those of the store; also when there is no randomness for the name of a guest.
    pub async fn change(
        &self,
        shared: &Arc<Shared>,
        known: &Known,
        change: Change,
    ) -> Result<ClientId, ChangeFault> {
        let mut client = known.client.clone();
        if let Change::User(user) = &change {
            let guest = || random_hex().map(|hex| format!("guest_{hex}"));
            let user = user.clone().or_else(guest);
            client.user_id = user.ok_or_else(|| StoreError::Unavailable("no randomness".to_owned()))?;
        }
        let (app, before, after) = (known.app.clone(), known.profile.clone(), client.clone());
        let job_shared = Arc::clone(shared);
        let now = self.0.parts.clock.now();
        let is_move = client != known.client;
        let is_single = self.is_single(&known.app);
        let job = move |tx: &mut dyn Sql| {
            let ctx = app.ctx();
            if is_move && let Some(other) = device(tx, &ctx, before.record.app, &after)? {
                // The device was this user's before: what waits there is the device's that is now.
                app_profile::delete(tx, &ctx, &other)?;
            }
            app_profile::update(tx, &ctx, &before, &changed(&before.record, &change, &after, now), now)?;
            records::rename(tx, before.id, &after.user_id)?;
            let mut gone = Vec::new();
            if is_move && is_single {
                let (user, device) = (after.user_id.as_str(), after.device_id.as_str());
                let owner = Owner { profile: before.id, app: before.record.app, user, device };
                gone = single::keep_only(tx, &ctx, &owner, &after, now)?;
            }
            Ok((profile_event::record(&job_shared, tx, &app, &after, PROFILE_UPDATED, now)?, gone))
        };
        let (emitted, gone) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
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
