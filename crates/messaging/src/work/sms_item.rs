//! What the SMS dispatcher carries, and how it is loaded from the ledger.

use std::sync::Arc;

use waypost_core::id::MessageId;
use waypost_core::outcome::{MessageProgress, MessageState};
use waypost_store::work::WorkRow;
use waypost_store::{Ctx, Sql, StoreError};

use crate::records::{Accepted, MessageRecord, RequestRecord};
use crate::records::{message, target};

/// One message to submit. Messages of one request share it.
#[derive(Clone, Debug)]
pub struct SmsItem {
    accepted: Arc<Accepted>,
    index: usize,
    /// Its parts, once an attempt has been made.
    pub progress: Option<MessageProgress>,
    /// The connection the last attempt used.
    pub connection: Option<i64>,
    /// Parts it counts as; 0 before the first attempt.
    pub segments: u16,
    /// The number its id led to, once an attempt has been made; none when the client named the number.
    pub number: Option<Box<str>>,
}

impl SmsItem {
    /// Message `index` of `accepted`, before its first attempt.
    #[must_use]
    pub const fn fresh(accepted: Arc<Accepted>, index: usize) -> Self {
        Self { accepted, index, progress: None, connection: None, segments: 0, number: None }
    }

    /// The same message with its parts as they stand now.
    #[must_use]
    pub fn refreshed(&self, progress: Option<MessageProgress>) -> Self {
        Self { progress, ..self.clone() }
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

/// Whether the client named a number.
#[must_use]
pub fn is_number(message: &MessageRecord) -> bool {
    message.dest_type == "msisdn"
}

/// Loads the payloads of claimed rows; `None` where the message is gone or already decided.
///
/// # Errors
/// Those of the store.
pub fn load(tx: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<SmsItem>>, StoreError> {
    let ctx = Ctx::all("claimed SMS work");
    rows.iter().map(|row| load_one(tx, &ctx, row)).collect()
}

fn load_one(tx: &mut dyn Sql, ctx: &Ctx, row: &WorkRow) -> Result<Option<SmsItem>, StoreError> {
    let Some(found) = message::load(tx, ctx, MessageId(row.subject))? else { return Ok(None) };
    if found.state != MessageState::Queued {
        return Ok(None);
    }
    let number = match found.progress {
        Some(_) if !is_number(&found.message) => {
            target::of_message(tx, ctx, found.message.id)?.into_iter().next()
        }
        _ => None,
    };
    let accepted = Arc::new(Accepted { request: found.request, messages: vec![found.message] });
    let mut item = SmsItem::fresh(accepted, 0);
    item.progress = found.progress;
    item.connection = found.connection;
    item.segments = found.parts;
    item.number = number.map(|target| target.value.into());
    Ok(Some(item))
}
