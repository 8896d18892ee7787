//! The SMS worker: takes messages fairly from the dispatcher, submits their parts, records what came of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use waypost_core::msisdn::Msisdn;
use waypost_core::time::Micros;
use waypost_delivery::Ticket;

use super::runtime::Shared;
use super::sms_content::StoredSms;
use super::sms_item::SmsItem;
use super::sms_policy::Refused;
use super::sms_record::UNREACHABLE;
use super::sms_submit::{self, Attempted};
use super::{sandbox, sms_policy, sms_recipient, sms_record};

/// Runs until the dispatcher drains. All submissions in flight live in this one task: no task per message.
pub async fn run(shared: Arc<Shared>) {
    let mut attempts = FuturesUnordered::new();
    let mut open = true;
    while open || !attempts.is_empty() {
        let room = open && attempts.len() < shared.settings.sms_in_flight_max;
        tokio::select! {
            biased;
            Some(done) = attempts.next(), if !attempts.is_empty() => match done {
                Ok((ticket, attempted, number)) => sms_record::settle(&shared, (ticket, attempted), number),
                // Its ticket is gone with it: the message is tried again when its lease ends.
                Err(_) => tracing::error!("an attempt at an SMS panicked"),
            },
            ticket = shared.sms.next(), if room => match ticket {
                Some(ticket) => attempts.push(AssertUnwindSafe(attempt(Arc::clone(&shared), ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

/// An attempt, and the number its id led to when the client named none.
type Done = (Ticket<SmsItem>, Attempted, Option<Msisdn>);

async fn attempt(shared: Arc<Shared>, ticket: Ticket<SmsItem>) -> Done {
    let mut number = None;
    let attempted = attempted(&shared, &ticket, &mut number).await;
    (ticket, attempted, number)
}

async fn attempted(
    shared: &Arc<Shared>,
    ticket: &Ticket<SmsItem>,
    resolved: &mut Option<Msisdn>,
) -> Attempted {
    if is_expired(ticket, shared.clock.now()) {
        return Attempted::Expired;
    }
    let item = ticket.item();
    let Some(stored) = StoredSms::read(&item.payload.request().content) else {
        return Attempted::refused(waypost_core::outcome::code::FAILED_AT_PLATFORM);
    };
    let dest = ticket.queue().dest;
    if let Some(code) = stored.refused {
        return Attempted::refused(code);
    }
    let stored = stored.linked(&shared.links, item.payload.message().id);
    let recipient = match sms_recipient::find(shared, dest, &item.payload).await {
        Ok(recipient) => recipient,
        Err(ended) => return ended,
    };
    *resolved = recipient.is_resolved.then_some(recipient.number);
    match sms_policy::refusal(shared, dest, &item.payload, &stored, &recipient).await {
        Ok(Some(Refused { code, why })) => Attempted::Refused { code, why },
        Ok(None) => match sandbox::forced(dest, shared.gateway.group(dest).as_deref(), &item.payload) {
            Some(event) => Attempted::Forced(event),
            None => sms_submit::submit(shared, dest, item, &stored, &recipient.number).await,
        },
        // Not knowing whether the customer wants to be left alone is no reason to send.
        Err(error) => Attempted::Unchecked { code: UNREACHABLE, why: error.to_string() },
    }
}

fn is_expired(ticket: &Ticket<SmsItem>, now: Micros) -> bool {
    ticket.item().expires_at.is_some_and(|at| at <= now)
}
