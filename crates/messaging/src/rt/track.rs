//! The web push receipt of a service worker (`trackDeliveryRequest`, spec 8.2): it knows the transaction id and the app, and
//! has neither key nor token.

use std::sync::Arc;

use waypost_channels::connector::AddressKind;
use waypost_core::channel::Channel;
use waypost_core::id::TransactionRef;
use waypost_core::outcome::{Event, PartOutcome, code};
use waypost_store::{Sql, StoreError};

use super::ledger::{Ledger, RtApp};
use crate::records::message::{self, MessageRow};
use crate::records::target;
use crate::work::emit::{self, Emitted};
use crate::work::runtime::Shared;
use crate::work::social_receipts::advance;

/// What came of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// The app sent no push under this transaction id.
    Unknown,
    /// It is the message's: 7500.
    Applied,
    /// The id is that of several browsers, and the receipt does not say which: nothing is told of any.
    Ambiguous,
}

impl Ledger {
    /// Applies a receipt.
    ///
    /// # Errors
    /// Those of the store; nothing is applied then.
    pub async fn track(
        &self,
        shared: &Arc<Shared>,
        app: &RtApp,
        tid: TransactionRef,
    ) -> Result<Tracked, StoreError> {
        let (job_shared, app) = (Arc::clone(shared), app.clone());
        let job = move |tx: &mut dyn Sql| apply(&job_shared, tx, &app, tid);
        let (tracked, emitted) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
        Ok(tracked)
    }
}

fn apply(
    shared: &Shared,
    tx: &mut dyn Sql,
    app: &RtApp,
    tid: TransactionRef,
) -> Result<(Tracked, Option<Emitted>), StoreError> {
    let ctx = app.ctx();
    let mut browsers: Vec<(MessageRow, u8)> = Vec::new();
    for row in message::of_request(tx, &ctx, tid.transid)? {
        let is_meant = Channel::parse(&row.request.channel) == Some(Channel::Push)
            && row.connection == Some(app.app.id)
            && tid.unit.is_none_or(|unit| unit == row.message.unit);
        if !is_meant {
            continue;
        }
        for (part, address) in (0_u8..).zip(target::of_message(tx, &ctx, row.message.id)?) {
            if is_browser(address.kind) {
                browsers.push((row.clone(), part));
            }
        }
    }
    let [(row, part)] = browsers.as_slice() else {
        let tracked = if browsers.is_empty() { Tracked::Unknown } else { Tracked::Ambiguous };
        return Ok((tracked, None));
    };
    let Some(row) = message::load_to_change(tx, &ctx, row.message.id)? else {
        return Ok((Tracked::Unknown, None));
    };
    let event = Event::Receipt { part: *part, outcome: PartOutcome::Delivered };
    let at = shared.clock.now();
    let emitted = advance(shared, tx, &row, &event, code::DELIVERED, "shown by the browser", at)?;
    Ok((Tracked::Applied, emitted))
}

const fn is_browser(kind: AddressKind) -> bool {
    matches!(kind, AddressKind::ChromePush | AddressKind::FirefoxPush | AddressKind::SafariPush)
}
