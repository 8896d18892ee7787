//! One message to all who follow a topic: a parcel for each of their devices, some users a transaction. An attempt that
//! broke off is made again from the first user: who has the parcel already keeps it.

use std::sync::Arc;

use waypost_channels::connector::Outgoing;
use waypost_store::{Ctx, Sql, StoreError};

use super::{find, subscriber};
use crate::records::profile::app_profile::{self, By};
use crate::rt::keep::{Keeping, Outcome, keep};
use crate::rt::ledger::Ledger;

/// Users whose parcels are written in one transaction; other writes go between two.
const USERS_PER_JOB: u32 = 50;

/// A device that has it waiting, and the push it gets when it is not connected.
pub(in crate::rt) type Reached = (i64, Option<Box<Outgoing>>);

/// What came of it.
pub(in crate::rt) enum Fanned {
    /// These devices have it waiting.
    To(Vec<Reached>),
    /// There is no such topic.
    NoTopic,
}

/// Writes the parcels of all devices of all subscribers, their receipts to be found under `carrier`.
///
/// # Errors
/// Those of the store; some have the message then, and the next attempt reaches the others.
pub(in crate::rt) async fn fan_out(
    ledger: &Ledger,
    ctx: Ctx,
    outgoing: &Arc<Outgoing>,
    carrier: i64,
) -> Result<Fanned, StoreError> {
    let (store, app) = (&ledger.0.parts.store, outgoing.account.id);
    let name = outgoing.address.value.clone();
    let topic = store.read(move |tx: &mut dyn Sql| find(tx, &ctx, app, &name)).await?;
    let Some(topic) = topic else { return Ok(Fanned::NoTopic) };
    let (mut after, mut reached) = (String::new(), Vec::new());
    loop {
        let from = after.clone();
        let look = move |tx: &mut dyn Sql| subscriber::after(tx, &ctx, topic, &from, USERS_PER_JOB);
        let users = store.read(look).await?;
        let Some(last) = users.last() else { return Ok(Fanned::To(reached)) };
        after.clone_from(last);
        let (ids, outgoing) = (Arc::clone(&ledger.0.parts.ids), Arc::clone(outgoing));
        let keeping = Keeping::of(ledger);
        let job = move |tx: &mut dyn Sql| {
            let mut found: Vec<Reached> = Vec::new();
            for user in &users {
                for profile in app_profile::find(tx, &ctx, app, By::User(user))? {
                    let id = ids.next_range(keeping.now, 1).0;
                    let kept = keep(tx, &ctx, (id, Some(carrier)), &outgoing, &profile, &keeping)?;
                    if let Outcome::Kept { device, notification, .. } = kept {
                        found.push((device, notification));
                    }
                }
            }
            Ok(found)
        };
        reached.extend(store.write(job).await?);
    }
}
