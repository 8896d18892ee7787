//! What a service worker says of a push it showed (`trackDeliveryRequest`, spec 8.2). It knows the transaction id, not which
//! of the addresses it is: the receipt is applied where only one browser can be meant, and kept while a push of the
//! request is still on its way into the ledger.

use waypost_channels::connector::AddressKind;
use waypost_core::channel::Channel;
use waypost_core::id::TransactionRef;
use waypost_core::outcome::{Event, PartOutcome, code};
use waypost_core::sms::provider_id::stored_key;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::emit::Emitted;
use super::receipts::CaughtUp;
use super::runtime::Shared;
use super::social_receipts::advance;
use crate::records::message::{self, MessageRow};
use crate::records::receipt_held::{self, Held};
use crate::records::{RequestRecord, target};

/// What came of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// The app sent no push to a browser under this transaction id.
    Unknown,
    /// It is the message's: 7500.
    Applied,
    /// A push of the request is not recorded yet: the receipt waits for it.
    Held,
    /// The id is that of several browsers, and the receipt does not say which: nothing is told of any.
    Ambiguous,
}

/// A receipt as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The tenant of the app.
    pub ctx: &'a Ctx,
    /// The row of the app; pushes hold it as their connection.
    pub app: i64,
    /// What the service worker knows.
    pub tid: TransactionRef,
    /// When it came.
    pub at: Micros,
}

/// Who may be meant.
enum Meant {
    Nobody,
    One(Box<MessageRow>, u8),
    Several,
    Unrecorded,
}

/// The write job of one receipt; the call-back to release after the commit. One that comes twice changes nothing.
///
/// # Errors
/// Those of the store; nothing is applied then.
pub fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    shown: &Shown<'_>,
) -> Result<(Tracked, Option<Emitted>), StoreError> {
    match meant(tx, shown)? {
        Meant::Nobody => Ok((Tracked::Unknown, None)),
        Meant::Several => Ok((Tracked::Ambiguous, None)),
        Meant::One(row, part) => Ok((Tracked::Applied, deliver(shared, tx, &row, part, shown.at)?)),
        Meant::Unrecorded => {
            hold(shared, tx, shown)?;
            Ok((Tracked::Held, None))
        }
    }
}

/// Applies the receipts that were waiting for a push; called in the transaction that records it.
///
/// # Errors
/// Those of the store.
pub fn catch_up(
    shared: &Shared,
    tx: &mut dyn Sql,
    (request, unit): (&RequestRecord, u16),
    app: i64,
    at: Micros,
) -> Result<CaughtUp, StoreError> {
    let mut caught = CaughtUp::default();
    if !shared.held.any() || Channel::parse(&request.channel) != Some(Channel::Push) {
        return Ok(caught);
    }
    let ctx = Ctx::system(TenantId(request.tenant), "browser receipt");
    // The service worker may know its destination, or the request alone.
    for unit in [None, Some(unit)] {
        let tid = TransactionRef { transid: request.transid, unit };
        caught.add(catch_up_one(shared, tx, &Shown { ctx: &ctx, app, tid, at })?);
    }
    Ok(caught)
}

fn catch_up_one(shared: &Shared, tx: &mut dyn Sql, shown: &Shown<'_>) -> Result<CaughtUp, StoreError> {
    let mut caught = CaughtUp::default();
    let tid = shown.tid.to_string();
    let Some(key) = stored_key(shown.app, &tid).filter(|key| shared.held.may_hold(*key)) else {
        return Ok(caught);
    };
    // Otherwise it goes on waiting: others of the request may still be recorded.
    let Meant::One(row, part) = meant(tx, shown)? else { return Ok(caught) };
    let mut is_left = false;
    for held in receipt_held::waiting(tx, shown.ctx, shown.app, key, since(shared, shown))? {
        // A key is a hash.
        if held.provider_id != tid {
            is_left = true;
            continue;
        }
        caught.emitted.extend(deliver(shared, tx, &row, part, shown.at.max(held.received_at))?);
        receipt_held::matched(tx, shown.ctx, held.id, row.message.id.0, shown.at)?;
    }
    caught.keys.extend((!is_left).then_some(key));
    Ok(caught)
}

fn since(shared: &Shared, shown: &Shown<'_>) -> Micros {
    shown.at.sub_ms(shared.settings.unmatched_receipt_ms)
}

fn meant(tx: &mut dyn Sql, shown: &Shown<'_>) -> Result<Meant, StoreError> {
    let mut meant = Meant::Nobody;
    let mut is_unrecorded = false;
    for row in message::of_request(tx, shown.ctx, shown.tid.transid)? {
        let is_asked = Channel::parse(&row.request.channel) == Some(Channel::Push)
            && shown.tid.unit.is_none_or(|unit| unit == row.message.unit);
        if !is_asked {
            continue;
        }
        // Which app it goes through, and to which addresses, is written with its first attempt. What has an outcome and no app
        // will never have one.
        is_unrecorded |= row.connection.is_none() && row.code.is_none();
        if row.connection != Some(shown.app) {
            continue;
        }
        for (part, address) in (0_u8..).zip(target::of_message(tx, shown.ctx, row.message.id)?) {
            if !is_browser(address.kind) {
                continue;
            }
            let Meant::Nobody = meant else { return Ok(Meant::Several) };
            meant = Meant::One(Box::new(row.clone()), part);
        }
    }
    Ok(if is_unrecorded { Meant::Unrecorded } else { meant })
}

fn deliver(
    shared: &Shared,
    tx: &mut dyn Sql,
    row: &MessageRow,
    part: u8,
    at: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let Some(row) = message::load_to_change(tx, &Ctx::all("browser receipt"), row.message.id)? else {
        return Ok(None);
    };
    let event = Event::Receipt { part, outcome: PartOutcome::Delivered };
    advance(shared, tx, &row, &event, code::DELIVERED, "shown by the browser", at)
}

/// Keeps a receipt once, however often the service worker asks.
fn hold(shared: &Shared, tx: &mut dyn Sql, shown: &Shown<'_>) -> Result<(), StoreError> {
    let tid = shown.tid.to_string();
    let Some(key) = stored_key(shown.app, &tid) else { return Ok(()) };
    let waiting = receipt_held::waiting(tx, shown.ctx, shown.app, key, since(shared, shown))?;
    if waiting.iter().any(|held| held.provider_id == tid) {
        return Ok(());
    }
    // Before the commit, so that no hand-over can be recorded without seeing it.
    shared.held.add(key);
    receipt_held::hold(tx, shown.ctx, &Held::delivered(shown.app, tid, shown.at), key)
}

const fn is_browser(kind: AddressKind) -> bool {
    matches!(kind, AddressKind::ChromePush | AddressKind::FirefoxPush | AddressKind::SafariPush)
}
