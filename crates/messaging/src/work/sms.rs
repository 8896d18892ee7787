//! The SMS worker: takes messages fairly from the dispatcher, submits their parts, records what came of it.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use waypost_core::time::Micros;
use waypost_delivery::Ticket;

use super::runtime::Shared;
use super::sms_item::SmsItem;
use super::sms_record;
use super::sms_submit::{self, Attempted};

/// Runs until the dispatcher drains. All submissions in flight live in this one task: no task per message.
pub async fn run(shared: Arc<Shared>) {
    let mut attempts = FuturesUnordered::new();
    let mut open = true;
    while open || !attempts.is_empty() {
        let room = open && attempts.len() < shared.settings.sms_in_flight_max;
        tokio::select! {
            biased;
            Some(attempted) = attempts.next(), if !attempts.is_empty() => sms_record::settle(&shared, attempted),
            ticket = shared.sms.next(), if room => match ticket {
                Some(ticket) => attempts.push(attempt(Arc::clone(&shared), ticket)),
                None => open = false,
            },
        }
    }
}

async fn attempt(shared: Arc<Shared>, ticket: Ticket<SmsItem>) -> (Ticket<SmsItem>, Attempted) {
    let now = shared.clock.now();
    let attempted = if is_expired(&ticket, now) {
        Attempted::Expired
    } else {
        match super::sms_policy::refusal(&shared, &ticket.item().payload) {
            Some(code) => Attempted::Refused(code),
            None => sms_submit::submit(&shared, ticket.item()).await,
        }
    };
    (ticket, attempted)
}

fn is_expired(ticket: &Ticket<SmsItem>, now: Micros) -> bool {
    ticket.item().expires_at.is_some_and(|at| at <= now)
}
