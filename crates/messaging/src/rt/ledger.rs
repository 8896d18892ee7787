//! The ledger behind the broker: who may connect, what waits, what was taken.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use waypost_channels::connector::AppAccount;
use waypost_core::id::IdGenerator;
use waypost_core::time::Clock;
use waypost_realtime::{Admitted, BoxFuture, Desk, DeskError, Hello, Hub, Parcel, Refused, Settled, Topics};
use waypost_store::directory::{App, DirectoryHandle, Status};
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use super::ids::ClientId;
use super::media::Media;
use super::records;
use crate::records::profile::AppProfileRow;
use crate::records::profile::app_profile::{self, By};
use crate::work::send::Accounts;

/// What a ledger is made of.
pub struct LedgerParts {
    /// Where everything is kept.
    pub store: Store,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Numbers of parcels.
    pub ids: Arc<IdGenerator>,
    /// Apps and tenants.
    pub directory: DirectoryHandle,
    /// How long a message without an expiry waits for its device, milliseconds.
    pub keep_ms: i64,
    /// Files of apps.
    pub media: Media,
}

/// The ledger. A clone is a handle to the same one.
#[derive(Clone)]
pub struct Ledger(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub parts: LedgerParts,
    pub accounts: Accounts,
    pub hub: Hub,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// An app as clients of the RT API and of the broker see it.
#[derive(Clone, Debug)]
pub struct RtApp {
    /// The app.
    pub app: Arc<App>,
    /// Opened.
    pub account: Arc<AppAccount>,
    /// Whether it carries in-app messages now.
    pub is_open: bool,
}

impl RtApp {
    /// The client key; `None` when there is none, and then nobody can get in.
    #[must_use]
    pub fn client_key(&self) -> Option<&str> {
        client_key(&self.account)
    }

    /// Whether a presented client key is the app's; takes the same time wherever they differ.
    #[must_use]
    pub fn knows(&self, presented: &str) -> bool {
        self.client_key()
            .is_some_and(|key| verify_slices_are_equal(key.as_bytes(), presented.as_bytes()).is_ok())
    }

    /// Whether a presented key is the app's server key, which its services call with.
    #[must_use]
    pub fn knows_server(&self, presented: &str) -> bool {
        secret(&self.account, "server_key")
            .is_some_and(|key| verify_slices_are_equal(key.as_bytes(), presented.as_bytes()).is_ok())
    }

    /// Whether services have a key of their own; without one the client key is all there is.
    #[must_use]
    pub fn has_server_key(&self) -> bool {
        secret(&self.account, "server_key").is_some()
    }

    pub(super) fn ctx(&self) -> Ctx {
        Ctx::system(TenantId(self.app.tenant), "in-app messaging")
    }
}

pub(super) fn client_key(account: &AppAccount) -> Option<&str> {
    secret(account, "client_key")
}

fn secret<'a>(account: &'a AppAccount, name: &str) -> Option<&'a str> {
    account.secrets.get(name)?.as_str().filter(|key| !key.is_empty())
}

impl Ledger {
    /// A ledger over a store.
    #[must_use]
    pub fn new(parts: LedgerParts) -> Self {
        Self(Arc::new(Inner { parts, accounts: Accounts::default(), hub: Hub::default() }))
    }

    /// Files of apps.
    #[must_use]
    pub fn media(&self) -> &Media {
        &self.0.parts.media
    }

    /// Who is connected, to be shared with the broker.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// The app with this id; `None` when there is none of a mobile kind.
    #[must_use]
    pub fn app(&self, app_id: &str) -> Option<RtApp> {
        let directory = self.0.parts.directory.current();
        let app = directory.apps().by_app_id(app_id)?;
        if app.kind != waypost_store::directory::AppKind::Mobile {
            return None;
        }
        let tenant = directory.tenant(app.tenant)?;
        let is_open = app.rt && app.status == Status::Live && tenant.status == Status::Live;
        let account = self.0.accounts.open(app, tenant.sandbox);
        Some(RtApp { app: Arc::clone(app), account, is_open })
    }
}

/// The profile of a device; devices of a user are few.
pub(super) fn device(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    client: &ClientId,
) -> Result<Option<AppProfileRow>, StoreError> {
    let rows = app_profile::find(tx, ctx, app, By::User(&client.user_id))?;
    Ok(rows.into_iter().find(|row| row.record.device_id.as_deref() == Some(&client.device_id)))
}

/// What is kept of an access token.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Whether an access token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenState {
    /// It is the device's.
    Good,
    /// It was once.
    Ended,
    /// It is not.
    Wrong,
}

pub(super) fn token_state(
    session: &records::SessionRow,
    token: &str,
    now: waypost_core::time::Micros,
) -> TokenState {
    match verify_slices_are_equal(&session.token, &token_hash(token)) {
        Ok(()) if session.token_until > now => TokenState::Good,
        Ok(()) => TokenState::Ended,
        Err(_) => TokenState::Wrong,
    }
}

impl Desk for Ledger {
    fn admit(&self, hello: Hello) -> BoxFuture<'static, Result<Admitted, Refused>> {
        let ledger = self.clone();
        Box::pin(async move { ledger.admitted(hello).await })
    }

    fn waiting(
        &self,
        session: i64,
        after: i64,
        max: usize,
    ) -> BoxFuture<'static, Result<Vec<Parcel>, DeskError>> {
        let (store, now) = (self.0.parts.store.clone(), self.0.parts.clock.now());
        Box::pin(async move {
            let read = store.read(move |tx| records::waiting(tx, session, after, max, now)).await;
            read.map_err(|error| failed(&error))
        })
    }

    fn settle(&self, session: i64, settled: Vec<Settled>) -> BoxFuture<'static, Result<(), DeskError>> {
        let now = self.0.parts.clock.now();
        let written = self.0.parts.store.write(move |tx| records::settle(tx, session, &settled, now));
        Box::pin(async move { written.await.map_err(|error| failed(&error)) })
    }

    fn subscribe(&self, session: i64, topics: Topics) -> BoxFuture<'static, Result<(), DeskError>> {
        let written = self.0.parts.store.write(move |tx| records::set_topics(tx, session, &topics));
        Box::pin(async move { written.await.map_err(|error| failed(&error)) })
    }
}

fn failed(error: &StoreError) -> DeskError {
    tracing::warn!(%error, "the store did not answer the MQTT broker");
    DeskError
}

impl Ledger {
    /// Spec 8.3: client id with token, user name of app and user, client key.
    async fn admitted(&self, hello: Hello) -> Result<Admitted, Refused> {
        let (client, token) = ClientId::with_token(&hello.client_id).ok_or(Refused::ClientId)?;
        let app = self.app(&client.app_id).ok_or(Refused::Credentials)?;
        let name = format!("{}/{}", client.app_id, client.user_id);
        if hello.username != name || !app.knows(&hello.password) {
            return Err(Refused::Credentials);
        }
        if !app.is_open {
            return Err(Refused::NotAllowed);
        }
        let (ctx, row, of) = (app.ctx(), app.app.id, client.clone());
        let look = move |tx: &mut dyn Sql| {
            let Some(profile) = device(tx, &ctx, row, &of)? else { return Ok(None) };
            let session = records::session(tx, &ctx, profile.id)?;
            Ok(session.map(|session| (profile, session)))
        };
        let found = self.0.parts.store.read(look).await.map_err(|error| {
            failed(&error);
            Refused::Unavailable
        })?;
        let (profile, session) = found.ok_or(Refused::ClientId)?;
        let now = self.0.parts.clock.now();
        if !profile.record.active || token_state(&session, token, now) != TokenState::Good {
            return Err(Refused::NotAllowed);
        }
        self.seen(&app, &profile);
        Ok(Admitted {
            session: profile.id,
            app_id: client.app_id,
            user_id: client.user_id,
            topics: session.topics,
        })
    }

    /// Notes a sign of life, once a day and device.
    fn seen(&self, app: &RtApp, profile: &AppProfileRow) {
        let now = self.0.parts.clock.now();
        if profile.record.seen_at.is_none_or(|seen| seen >= app_profile::day_of(now)) {
            return;
        }
        let (ctx, row, user) = (app.ctx(), app.app.id, profile.record.user_id.clone().unwrap_or_default());
        let job = move |tx: &mut dyn Sql| app_profile::seen(tx, &ctx, row, By::User(&user), now);
        self.0.parts.store.write_then(job, |noted| {
            if let Err(error) = noted {
                tracing::warn!(%error, "a device's sign of life was not noted");
            }
        });
    }
}
