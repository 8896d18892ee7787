//! The worker of every channel but SMS: takes messages fairly from the dispatcher, finds their addresses, hands them to
//! the channel's connector, records what came of it.

mod accounts;
mod attempt;
mod connectors;
mod dead;
mod item;
mod record;
mod sandbox;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use waypost_delivery::Ticket;

use super::runtime::Shared;

pub use accounts::Accounts;
pub use connectors::Connectors;
pub use item::{SendItem, load};

/// Runs until the dispatcher drains. All attempts in flight live in this one task: no task per message.
pub async fn run(shared: Arc<Shared>) {
    let mut attempts = FuturesUnordered::new();
    let mut open = true;
    while open || !attempts.is_empty() {
        let room = open && attempts.len() < shared.settings.send_in_flight_max;
        tokio::select! {
            biased;
            Some(done) = attempts.next(), if !attempts.is_empty() => match done {
                Ok((ticket, attempted)) => record::settle(&shared, ticket, attempted),
                // Its ticket is gone with it: the message is tried again when its lease ends.
                Err(_) => tracing::error!("an attempt at a message panicked"),
            },
            ticket = shared.sends.next(), if room => match ticket {
                Some(ticket) => attempts.push(AssertUnwindSafe(attempt(Arc::clone(&shared), ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

async fn attempt(shared: Arc<Shared>, ticket: Ticket<SendItem>) -> (Ticket<SendItem>, attempt::Attempted) {
    let attempted = attempt::run(&shared, ticket.item()).await;
    (ticket, attempted)
}
