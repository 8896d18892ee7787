//! The connector of in-app messages: one device's message becomes a parcel in the ledger.

use std::sync::Arc;

use waypost_channels::connector::{BoxFuture, Connector, Handed, Outgoing};
use waypost_core::outcome::code;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::ids::ClientId;
use super::ledger::{Ledger, client_key};
use super::offline;
use super::payload::{payload, typing};
use super::records::{self, Kept, NewParcel, Owner};
use crate::records::profile::app_profile::{self, By};
use crate::rules::EarlyOutcome;

/// How long a typing indicator is worth anything.
const TYPING_MS: i64 = 10_000;

/// Hands in-app messages to the broker.
#[derive(Clone)]
pub struct RtConnector {
    ledger: Ledger,
    push: Option<Arc<dyn Connector>>,
}

impl std::fmt::Debug for RtConnector {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RtConnector").finish_non_exhaustive()
    }
}

impl RtConnector {
    /// Over the ledger of the broker; `push` carries the notification to a user who is away.
    #[must_use]
    pub const fn new(ledger: Ledger, push: Option<Arc<dyn Connector>>) -> Self {
        Self { ledger, push }
    }
}

impl Connector for RtConnector {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        let (ledger, push) = (self.ledger.clone(), self.push.clone());
        Box::pin(async move { hand_over(&ledger, push.as_ref(), outgoing).await })
    }
}

async fn hand_over(ledger: &Ledger, push: Option<&Arc<dyn Connector>>, outgoing: Outgoing) -> Handed {
    if client_key(&outgoing.account).is_none() {
        let detail = "the app has no client_key among its credentials, so that no client can connect";
        return refused(EarlyOutcome::ChannelNotConfigured.code(), detail);
    }
    let directory = ledger.0.parts.directory.current();
    let Some(app) = directory.apps().by_row(outgoing.account.id) else {
        return refused(EarlyOutcome::InvalidApp.code(), "the app is gone");
    };
    let ctx = Ctx::system(TenantId(app.tenant), "in-app message");
    let now = ledger.0.parts.clock.now();
    let is_typing = typing(&outgoing.block).is_some();
    let ids = Arc::clone(&ledger.0.parts.ids);
    let keep_ms = ledger.0.parts.keep_ms;
    let job = move |tx: &mut dyn Sql| {
        // In the job: numbers are committed in the order in which they are made.
        let id = ids.next_range(now, 1).0;
        keep(tx, &ctx, id, &outgoing, now, if is_typing { TYPING_MS } else { keep_ms })
    };
    match ledger.0.parts.store.write(job).await {
        Ok(Outcome::Kept { device, parcel, notification }) => {
            ledger.0.hub.wake(device);
            if let (Some(connector), Some(notification)) = (push, notification)
                && !ledger.0.hub.is_connected(device)
            {
                offline::send(connector, *notification);
            }
            Handed::Taken { provider_ref: format!("rt-{parcel}"), receipt_follows: !is_typing }
        }
        Ok(Outcome::NoDevice) => {
            refused(EarlyOutcome::ProfileNotFound.code(), "no device of the user is known")
        }
        Ok(Outcome::Full) => Handed::Later {
            code: code::FAILED_AT_PLATFORM,
            detail: format!("{} messages wait for the device", records::WAITING_MAX),
            retry_after: None,
            failing: false,
        },
        Err(error) => Handed::Later {
            code: code::FAILED_AT_PLATFORM,
            detail: error.to_string(),
            retry_after: None,
            failing: false,
        },
    }
}

fn refused(code: u16, detail: &str) -> Handed {
    Handed::Refused { code, detail: detail.to_owned(), address_is_dead: false }
}

enum Outcome {
    Kept { device: i64, parcel: i64, notification: Option<Box<Outgoing>> },
    NoDevice,
    Full,
}

/// The write job.
fn keep(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: i64,
    outgoing: &Outgoing,
    now: Micros,
    keep_ms: i64,
) -> Result<Outcome, StoreError> {
    let (app, address) = (&outgoing.account, &outgoing.address);
    let rows = app_profile::find(tx, ctx, app.id, By::User(&address.value))?;
    let Some(profile) = rows.iter().find(|row| row.record.device_id == address.device) else {
        return Ok(Outcome::NoDevice);
    };
    let client = ClientId {
        app_id: app.app_id.clone(),
        user_id: address.value.clone(),
        device_id: address.device.clone().unwrap_or_default(),
    };
    let owner = Owner { profile: profile.id, app: app.id, user: &client.user_id, device: &client.device_id };
    let text = payload(&client, &outgoing.tid, &outgoing.block, now).to_string();
    let latest = now.add_ms(keep_ms);
    let expires_at = outgoing.expires_at.map_or(latest, |expiry| expiry.min(latest));
    let new = NewParcel { id, tid: &outgoing.tid, payload: &text, expires_at };
    Ok(match records::keep(tx, ctx, &owner, &new)? {
        Kept::As(parcel) => {
            let notification = offline::push(outgoing, &profile.record).map(Box::new);
            Outcome::Kept { device: profile.id, parcel, notification }
        }
        Kept::Before(parcel) => Outcome::Kept { device: profile.id, parcel, notification: None },
        Kept::Full => Outcome::Full,
    })
}
