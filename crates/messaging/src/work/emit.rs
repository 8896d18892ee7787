//! Puts a call-back on its way: the work row inside the transaction, the item to the dispatcher after it.

use waypost_core::outcome::Outcome;
use waypost_core::time::Micros;
use waypost_delivery::{Admission, Item};
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Sql, StoreError};

use super::callback_item::{self, CallbackItem, Payload};
use super::kind;
use super::notification::Subject;
use super::rules::{self, Due};
use super::runtime::Shared;

/// What is written in a transaction that is not committed yet: a call-back, and the work of the rules that were woken.
#[derive(Debug)]
pub struct Emitted {
    callback: Option<Callback>,
    dues: Vec<Due>,
}

impl Emitted {
    /// Of rules alone; `None` when none was woken.
    #[must_use]
    pub fn of_rules(dues: Vec<Due>) -> Option<Self> {
        (!dues.is_empty()).then_some(Self { callback: None, dues })
    }
}

#[derive(Debug)]
struct Callback {
    queue: QueueKey,
    ready_at: Micros,
    /// The place in memory and the item, when there was room.
    leased: Option<(Admission, Item<CallbackItem>)>,
}

/// Writes the work row of a delivery notification, and that of the rules the outcome wakes; `None` when the service wants
/// none and no rule waits.
///
/// # Errors
/// Those of the store.
pub fn delivery(
    shared: &Shared,
    tx: &mut dyn Sql,
    subject: &Subject<'_>,
    outcome: &Outcome,
    at: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let dues = rules::facts::receipt(shared, tx, subject, outcome, at)?;
    let directory = shared.directory.current();
    let Some(service) = directory.service(subject.request.service) else {
        return Ok(Emitted::of_rules(dues));
    };
    let zone = directory.zone(subject.request.tenant);
    let Some(item) = callback_item::delivery(service, subject, outcome, at, zone) else {
        return Ok(Emitted::of_rules(dues));
    };
    let part = subject.target.map(|(part, _)| part);
    let payload = Payload::Delivery { outcome: *outcome, at, parts: subject.parts, part };
    let tenant = subject.request.tenant;
    let told = write(shared, tx, tenant, subject.message.id.0, payload, item, at)?;
    Ok(Some(Emitted { dues, ..told }))
}

/// Writes the work row of one call-back.
///
/// # Errors
/// Those of the store.
pub fn write(
    shared: &Shared,
    tx: &mut dyn Sql,
    tenant: i64,
    subject: i64,
    payload: Payload,
    item: CallbackItem,
    at: Micros,
) -> Result<Emitted, StoreError> {
    let queue = kind::callback_queue(tenant, &item);
    let id = shared.ids.next_range(at, 1).0;
    let admission = shared.callbacks.admit(&queue, 1);
    let leased = admission.leased > 0;
    let ready_at = if leased { admission.lease_until } else { at };
    let text = payload.to_text();
    shared.queues.ensure(tx, &queue)?;
    work::insert(
        tx,
        &NewWork { id, queue: &queue, lane: 0, ready_at, leased, subject, expires_at: None, payload: &text },
    )?;
    let item = Item {
        id,
        fence: 1,
        tries: 0,
        lane: 0,
        subject,
        lease_until: ready_at,
        expires_at: None,
        payload: item,
    };
    let callback = Callback { queue, ready_at, leased: leased.then_some((admission, item)) };
    Ok(Emitted { callback: Some(callback), dues: Vec::new() })
}

/// Hands what was committed to the dispatchers.
pub fn release(shared: &Shared, emitted: impl IntoIterator<Item = Emitted>) {
    for Emitted { callback, dues } in emitted {
        shared.rules.release(dues);
        let Some(Callback { queue, ready_at, leased }) = callback else { continue };
        shared.queues.committed(&queue);
        match leased {
            Some((admission, item)) => shared.callbacks.offer(admission, [item]),
            None => shared.callbacks.backlog(&queue, ready_at),
        }
    }
}
