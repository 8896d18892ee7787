//! The ledger behind the broker: who may connect, what waits, what was taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use waypost_channels::connector::AppAccount;
use waypost_core::id::IdGenerator;
use waypost_core::time::{Clock, Micros};
use waypost_realtime::{Admitted, BoxFuture, Desk, DeskError, Hello, Hub, Parcel, Refused, Settled, Topics};
use waypost_store::directory::{App, DirectoryHandle, Status};
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use super::external::{self, External, Ticket, Unreachable};
use super::ids::ClientId;
use super::media::Media;
use super::records;
use super::sealing::{KEY_BYTES, PayloadKey};
use super::single;
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
    /// What the payload keys of apps are made of.
    pub payload_secret: [u8; KEY_BYTES],
    /// The broker beside this server; `None` where it is the one inside.
    pub external: Option<External>,
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

    /// Now.
    pub(super) fn now(&self) -> Micros {
        self.0.parts.clock.now()
    }

    /// The payload key of an app; `None` when it does not encrypt.
    pub(super) fn key_of(&self, app: &RtApp) -> Option<PayloadKey> {
        PayloadKey::of(&app.account, &self.0.parts.payload_secret)
    }

    /// The same by the app's row.
    fn payload_key(&self, app: i64) -> Option<PayloadKey> {
        let directory = self.0.parts.directory.current();
        let app = directory.apps().by_row(app)?;
        let sandbox = directory.tenant(app.tenant)?.sandbox;
        PayloadKey::of(&self.0.accounts.open(app, sandbox), &self.0.parts.payload_secret)
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
        let ledger = self.clone();
        Box::pin(async move { Ok(ledger.to_send(session, after, max).await?.parcels) })
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

/// What is to be sent to a device.
pub(super) struct Waiting {
    /// Its topic; empty when nothing is to be sent.
    pub topic: String,
    /// In their order.
    pub parcels: Vec<Parcel>,
}

impl Ledger {
    /// The parcels of a device above a number, as they are sent, and where.
    async fn to_send(&self, session: i64, after: i64, max: usize) -> Result<Waiting, DeskError> {
        let now = self.now();
        let read = move |tx: &mut dyn Sql| {
            let parcels = records::waiting(tx, session, after, max, now)?;
            let place = if parcels.is_empty() { None } else { records::place(tx, session)? };
            Ok((parcels, place))
        };
        let read = self.0.parts.store.read(read).await;
        let (parcels, place) = read.map_err(|error| failed(&error))?;
        let Some((app, user)) = place else {
            return Ok(Waiting { topic: String::new(), parcels: Vec::new() });
        };
        let directory = self.0.parts.directory.current();
        let app_id = directory.apps().by_row(app).map(|app| app.app_id.clone()).unwrap_or_default();
        let parcels = match self.payload_key(app) {
            Some(key) => parcels.into_iter().map(|parcel| sealed(parcel, &key)).collect::<Result<_, _>>()?,
            None => parcels,
        };
        Ok(Waiting { topic: format!("{app_id}/{user}"), parcels })
    }

    /// The same for the external broker: without those a device took from the broker inside.
    pub(super) async fn to_publish(&self, device: i64, after: i64, max: usize) -> Result<Waiting, DeskError> {
        let mut waiting = self.to_send(device, after, max).await?;
        waiting.parcels.retain(|parcel| !parcel.received);
        Ok(waiting)
    }

    /// Devices for which something waits that the external broker has not.
    pub(super) async fn devices_that_wait(&self) -> Result<BTreeSet<i64>, DeskError> {
        let now = self.now();
        let read = self.0.parts.store.read(move |tx| records::devices_that_wait(tx, now)).await;
        read.map_err(|error| failed(&error))
    }

    /// The external broker has a parcel; resolves when that is durable.
    pub(super) async fn handed(&self, device: i64, parcel: i64) -> Result<(), DeskError> {
        let written = self.0.parts.store.write(move |tx| records::handed(tx, device, parcel)).await;
        written.map_err(|error| failed(&error))
    }

    /// The broker inside takes over what an external one had and nobody reported.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn take_back(&self) -> Result<(), StoreError> {
        self.0.parts.store.write_own(|tx| records::take_back(tx, None)).await
    }

    /// Lets a device in at the external broker, where there is one, and has what it did not report come again.
    pub(super) async fn admit_outside(&self, ticket: Ticket) -> Result<(), Unreachable> {
        let Some(external) = &self.0.parts.external else { return Ok(()) };
        let entrance = external.entrance(ticket.device)?;
        self.take_back_of(ticket.device).await?;
        external.admit(ticket).await?;
        entrance.open();
        Ok(())
    }

    /// A device an external broker asks about has what it did not report come again, where the broker has no session of it: it
    /// forgot it, or the session was over. It comes once the broker has let the device in.
    pub(super) async fn renew_outside(&self, ticket: Ticket) -> Result<(), Unreachable> {
        let Some(external) = &self.0.parts.external else { return Ok(()) };
        if !external.lacks(&ticket).await? {
            return Ok(());
        }
        let entrance = external.entrance(ticket.device)?;
        self.take_back_of(ticket.device).await?;
        let external = external.clone();
        // Ends by itself in a few seconds; what is not said then waits for the next time the device comes.
        tokio::spawn(async move {
            if external.attend(&ticket).await.is_ok() {
                entrance.open();
            }
        });
        Ok(())
    }

    /// What a device did not report waits again.
    async fn take_back_of(&self, device: i64) -> Result<(), Unreachable> {
        let taken_back = self.0.parts.store.write(move |tx| records::take_back(tx, Some(device))).await;
        taken_back.map_err(|error| {
            failed(&error);
            Unreachable
        })
    }

    /// Lets a user's device out at the external broker, where there is one.
    pub(super) async fn remove_outside(&self, client: &ClientId) -> Result<(), Unreachable> {
        match &self.0.parts.external {
            Some(external) => external.remove(external::name(client)).await,
            None => Ok(()),
        }
    }

    /// Whether a user of an app has one device only: the external broker can tell no two apart.
    pub(super) fn is_single(&self, app: &RtApp) -> bool {
        self.0.parts.external.is_some() || single::is_single(&app.account)
    }
}

/// A parcel as a device of an app that encrypts gets it.
fn sealed(parcel: Parcel, key: &PayloadKey) -> Result<Parcel, DeskError> {
    // What was received is only released.
    if parcel.received {
        return Ok(parcel);
    }
    let Some(text) = key.seal(parcel.id, &parcel.payload) else {
        tracing::error!(parcel = parcel.id, "a payload could not be encrypted");
        return Err(DeskError);
    };
    Ok(Parcel { payload: text.into(), ..parcel })
}

pub(super) fn failed(error: &StoreError) -> DeskError {
    tracing::warn!(%error, "the store did not answer the MQTT broker");
    DeskError
}
