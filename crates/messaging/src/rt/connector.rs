//! The connector of in-app messages: one device's message becomes a parcel in the ledger.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use waypost_channels::connector::{AddressKind, BoxFuture, Connector, Handed, Outgoing};
use waypost_core::outcome::code;
use waypost_store::{Ctx, Sql, TenantId};

use super::keep::{Keeping, Outcome, keep};
use super::ledger::{Ledger, client_key};
use super::payload::typing;
use super::topics::{self, Fanned};
use super::{offline, place, records};
use crate::records::profile::app_profile::{self, By};
use crate::rules::EarlyOutcome;

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
    if outgoing.address.kind == AddressKind::Topic {
        return publish(ledger, push, ctx, outgoing).await;
    }
    let keeping = Keeping::of(ledger);
    let receipt_follows = typing(&outgoing.block).is_none();
    let ids = Arc::clone(&ledger.0.parts.ids);
    let job = move |tx: &mut dyn Sql| {
        let address = &outgoing.address;
        let rows = app_profile::find(tx, &ctx, outgoing.account.id, By::User(&address.value))?;
        let Some(profile) = rows.iter().find(|row| row.record.device_id == address.device) else {
            return Ok(Outcome::NoDevice);
        };
        // In the job: numbers are committed in the order in which they are made.
        let id = ids.next_range(keeping.now, 1).0;
        keep(tx, &ctx, (id, None), &outgoing, profile, &keeping)
    };
    match ledger.0.parts.store.write(job).await {
        Ok(Outcome::Kept { device, carrier, notification }) => {
            reach(ledger, push, device, notification);
            Handed::Taken { provider_ref: format!("rt-{carrier}"), receipt_follows }
        }
        Ok(Outcome::NoThread) => {
            refused(place::THREAD_INVALID, "the thread is unknown or closed for the user")
        }
        Ok(Outcome::NoDevice) => {
            refused(EarlyOutcome::ProfileNotFound.code(), "no device of the user is known")
        }
        Ok(Outcome::Full) => later(format!("{} messages wait for the device", records::WAITING_MAX)),
        Err(error) => later(error.to_string()),
    }
}

/// A message to all who follow a topic. One part, whose receipt is the first of any device.
async fn publish(ledger: &Ledger, push: Option<&Arc<dyn Connector>>, ctx: Ctx, outgoing: Outgoing) -> Handed {
    let carrier = carrier(&outgoing);
    let receipt_follows = typing(&outgoing.block).is_none();
    match topics::fan_out(ledger, ctx, &Arc::new(outgoing), carrier).await {
        Ok(Fanned::To(devices)) if devices.is_empty() => {
            refused(place::TOPIC_WITHOUT_SUBSCRIBERS, "no subscriber has a device")
        }
        Ok(Fanned::To(devices)) => {
            for (device, notification) in devices {
                reach(ledger, push, device, notification);
            }
            Handed::Taken { provider_ref: format!("rt-{carrier}"), receipt_follows }
        }
        Ok(Fanned::NoTopic) => refused(place::TOPIC_INVALID, "the app has no such topic"),
        Err(error) => later(error.to_string()),
    }
}

/// The same at every attempt, and another for each topic of a request; never the number of a parcel, which is positive.
fn carrier(outgoing: &Outgoing) -> i64 {
    let of = format!("{}\n{}", outgoing.tid, outgoing.address.value);
    let hash = digest(&SHA256, of.as_bytes());
    let number = hash.as_ref().iter().take(7).fold(0_i64, |number, byte| (number << 8) | i64::from(*byte));
    -1 - number
}

/// Tells a device that something waits, by a push when it is not connected.
fn reach(
    ledger: &Ledger,
    push: Option<&Arc<dyn Connector>>,
    device: i64,
    notification: Option<Box<Outgoing>>,
) {
    ledger.0.hub.wake(device);
    if let (Some(connector), Some(notification)) = (push, notification)
        && !ledger.0.hub.is_connected(device)
    {
        offline::send(connector, *notification);
    }
}

fn later(detail: String) -> Handed {
    Handed::Later { code: code::FAILED_AT_PLATFORM, detail, retry_after: None, failing: false }
}

fn refused(code: u16, detail: &str) -> Handed {
    Handed::Refused { code, detail: detail.to_owned(), address_is_dead: false }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use waypost_channels::connector::{Address, AppAccount};

    use super::*;

    #[test]
    fn a_carrier_is_the_same_at_every_attempt_and_of_one_topic_of_one_request() {
        let of = |tid: &str, topic: &str| {
            carrier(&Outgoing {
                account: Arc::new(AppAccount {
                    id: 1,
                    app_id: "MU1".to_owned(),
                    revision: 0,
                    config: json!({}),
                    secrets: json!({}),
                    sandbox: false,
                }),
                block: Arc::new(json!({})),
                address: Address { kind: AddressKind::Topic, value: topic.to_owned(), device: None },
                tid: tid.to_owned(),
                expires_at: None,
                deadline_ms: 1,
            })
        };
        assert_eq!(of("t-1", "news"), of("t-1", "news"));
        assert_ne!(of("t-1", "news"), of("t-1", "sports"));
        assert_ne!(of("t-1", "news"), of("t-2", "news"));
        assert!(of("t-1", "news") < 0);
    }
}
