//! What a device reports of messages: delivered, read, clicked, deleted (spec 8.4).

use std::sync::Arc;

use serde_json::Map;
use waypost_core::channel::Channel;
use waypost_store::{Sql, StoreError};

use super::device::Known;
use super::inbox;
use super::inbox::message::{self, Mark};
use super::ledger::Ledger;
use super::records;
use super::tell::{self, NO_MESSAGE, News};
use crate::records::profile::app_profile::{self, By};
use crate::work::emit;
use crate::work::runtime::Shared;
use crate::work::social_receipts::{self, Heard, Report};

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

impl Receipt {
    fn heard(self, ids: Vec<String>) -> Heard {
        match self {
            Self::Delivered => Heard::Delivered(ids),
            Self::Read => Heard::Read(ids),
            Self::Clicked => Heard::Clicked(ids),
        }
    }

    /// What the user's other devices are told of it.
    const fn kind(self) -> &'static str {
        match self {
            Self::Delivered => "messageDelivered",
            Self::Read => "messageRead",
            Self::Clicked => "messageClicked",
        }
    }

    const fn mark(self) -> Mark {
        match self {
            Self::Delivered => Mark::Delivered,
            // What was clicked was read.
            Self::Read | Self::Clicked => Mark::Read,
        }
    }
}

impl Ledger {
    /// Takes a message back from a user: it is not sent to the device any more, and leaves the inbox. False when neither
    /// had it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forget(&self, known: &Known, tid: String) -> Result<bool, StoreError> {
        let (profile, now) = (known.profile.id, self.0.parts.clock.now());
        let (app, user, has_inbox) = (known.app.clone(), known.client.user_id.clone(), known.has_inbox());
        let ids = Arc::clone(&self.0.parts.ids);
        let job = move |tx: &mut dyn Sql| {
            let parcel = records::parcel(tx, profile, &tid)?;
            if let Some(id) = parcel {
                records::settle(tx, profile, &[waypost_realtime::Settled::Done(id)], now)?;
            }
            let held = has_inbox && message::delete(tx, &app.ctx(), (app.app.id, &user), &tid)?;
            let mut woken = Vec::new();
            if held {
                let news = news(&user, profile, &tid, "messageDeleted");
                woken = tell::devices(tx, &ids, &app, &news, now)?;
            }
            Ok((parcel.is_some() || held, woken))
        };
        let (found, woken) = self.0.parts.store.write(job).await?;
        woken.into_iter().for_each(|device| self.0.hub.wake(device));
        Ok(found)
    }

    /// Applies a receipt of a device for some of its messages. With an inbox also for those the user had on another
    /// device, and the other devices are told. False when the user has had none of them.
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
        let (known, at, has_inbox) = (known.clone(), self.0.parts.clock.now(), known.has_inbox());
        let job_shared = Arc::clone(shared);
        let job = move |tx: &mut dyn Sql| {
            let (app, user) = (&known.app, known.client.user_id.as_str());
            let (mut ids, mut found, mut woken) = (Vec::new(), false, Vec::new());
            for tid in &tids {
                let mut carrier = records::carrier(tx, known.profile.id, tid)?;
                if let Some(parcel) = records::parcel(tx, known.profile.id, tid)? {
                    records::reported(tx, known.profile.id, parcel, at)?;
                }
                let held =
                    has_inbox && message::mark(tx, &app.ctx(), (app.app.id, user), tid, receipt.mark(), at)?;
                if held {
                    if carrier.is_none() {
                        carrier = on_another_device(tx, &known, tid)?;
                    }
                    let news = news(user, known.profile.id, tid, receipt.kind());
                    woken.extend(tell::devices(tx, &job_shared.ids, app, &news, at)?);
                }
                found |= held || carrier.is_some();
                ids.extend(carrier.filter(|id| *id != NO_MESSAGE).map(|id| format!("rt-{id}")));
            }
            let report = Report {
                app: app.app.id,
                tenant: app.app.tenant,
                channel: Channel::Rt,
                heard: receipt.heard(ids),
                at,
            };
            let emitted = social_receipts::record(&job_shared, tx, &report)?;
            Ok((found, emitted, woken))
        };
        let (found, emitted, woken) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
        woken.into_iter().for_each(|device| self.0.hub.wake(device));
        Ok(found)
    }
}

impl Known {
    fn has_inbox(&self) -> bool {
        inbox::is_on(&self.app.account)
    }
}

fn news<'a>(user: &'a str, mine: i64, tid: &'a str, kind: &'static str) -> News<'a> {
    News { user, except: Some(mine), tid, kind, about_message: true, more: Map::new() }
}

/// A device that joined later reads in the inbox what others were sent.
fn on_another_device(tx: &mut dyn Sql, known: &Known, tid: &str) -> Result<Option<i64>, StoreError> {
    let user = By::User(&known.client.user_id);
    for other in app_profile::find(tx, &known.app.ctx(), known.app.app.id, user)? {
        if let Some(carrier) = records::carrier(tx, other.id, tid)? {
            return Ok(Some(carrier));
        }
    }
    Ok(None)
}
