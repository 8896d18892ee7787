//! What the dispatcher of the IP channels carries, and how it is loaded from the ledger.

use std::sync::Arc;

use waypost_channels::connector::Address;
use waypost_core::id::MessageId;
use waypost_core::outcome::{MessageProgress, MessageState};
use waypost_store::work::WorkRow;
use waypost_store::{Ctx, Sql, StoreError};

use crate::records::{Accepted, MessageRecord, RequestRecord, message, target};

/// One message to hand over. Messages of one request share it.
#[derive(Clone, Debug)]
pub struct SendItem {
    accepted: Arc<Accepted>,
    index: usize,
    /// Its addresses' progress, once an attempt has been made.
    pub progress: Option<MessageProgress>,
    /// Its addresses, once an attempt has been made.
    pub targets: Vec<Address>,
}

impl SendItem {
    /// Message `index` of `accepted`, before its first attempt.
    #[must_use]
    pub const fn fresh(accepted: Arc<Accepted>, index: usize) -> Self {
        Self { accepted, index, progress: None, targets: Vec::new() }
    }

    /// Its request.
    #[must_use]
    pub fn request(&self) -> &RequestRecord {
        &self.accepted.request
    }

    /// Itself.
    #[must_use]
    pub fn message(&self) -> &MessageRecord {
        &self.accepted.messages[self.index]
    }
}

/// Loads the payloads of claimed rows; `None` where the message is gone or already decided.
///
/// # Errors
/// Those of the store.
pub fn load(tx: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<SendItem>>, StoreError> {
    let ctx = Ctx::all("claimed messages");
    rows.iter().map(|row| load_one(tx, &ctx, row)).collect()
}

fn load_one(tx: &mut dyn Sql, ctx: &Ctx, row: &WorkRow) -> Result<Option<SendItem>, StoreError> {
    let Some(found) = message::load(tx, ctx, MessageId(row.subject))? else { return Ok(None) };
    // With several devices a message may be delivered to one and still wait for another.
    if found.state.is_failure() {
        return Ok(None);
    }
    let id = found.message.id;
    let targets = if found.progress.is_some() { target::of_message(tx, ctx, id)? } else { Vec::new() };
    let accepted = Arc::new(Accepted { request: found.request, messages: vec![found.message] });
    Ok(Some(SendItem { accepted, index: 0, progress: found.progress, targets }))
}

/// Whether anything of a message is still to be handed over.
#[must_use]
pub fn is_open(progress: &MessageProgress) -> bool {
    let pending = waypost_core::outcome::PartState::Pending;
    !progress.state().is_failure()
        && progress.state() != MessageState::Read
        && progress.parts().iter().any(|part| part.state == pending)
}
