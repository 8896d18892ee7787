//! The call-back worker: posts notifications and inbound messages to the customers' endpoints (spec 4.1).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use waypost_core::id::MessageId;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_delivery::{Finish, Ticket};
use waypost_store::{Sql, StoreError, work};

use super::callback_item::CallbackItem;
use super::callback_verdict::{Answer, Next, Patience, next};
use super::runtime::Shared;
use super::signing;
use crate::records::story::{Entry, StoryKind, Teller};

/// Of an endpoint's answer only the status matters; this much of the body is read to keep the connection usable.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Runs until the dispatcher drains: at most `concurrency` posts at once, each in this one task.
pub async fn run(shared: Arc<Shared>) {
    let mut posts = FuturesUnordered::new();
    let mut open = true;
    while open || !posts.is_empty() {
        let room = open && posts.len() < shared.settings.callback_concurrency;
        tokio::select! {
            biased;
            Some(done) = posts.next(), if !posts.is_empty() => match done {
                Ok((ticket, answer)) => settle(&shared, ticket, &answer),
                // Its ticket is gone with it: the call-back is tried again when its lease ends.
                Err(_) => tracing::error!("a call-back panicked"),
            },
            ticket = shared.callbacks.next(), if room => match ticket {
                Some(ticket) => posts.push(AssertUnwindSafe(post(Arc::clone(&shared), ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

async fn post(shared: Arc<Shared>, ticket: Ticket<CallbackItem>) -> (Ticket<CallbackItem>, Answer) {
    let item = &ticket.item().payload;
    let answer = match &item.url {
        Ok(url) => {
            let headers = signing::headers(&shared, item, ticket.item().id, shared.clock.now());
            let deadline_ms = shared.settings.callback_timeout_ms;
            shared.egress.post(url, headers, item.body.clone(), deadline_ms, ANSWER_BYTES_MAX).await.into()
        }
        Err(why) => Answer::Unusable(why.clone()),
    };
    (ticket, answer)
}

fn settle(shared: &Arc<Shared>, ticket: Ticket<CallbackItem>, answer: &Answer) {
    let now = shared.clock.now();
    let settings = &shared.settings;
    let patience =
        Patience { schedule: &settings.callback_schedule, retry_after_max_ms: settings.retry_after_max_ms };
    let next = next(answer, ticket.item().tries, patience, shared.entropy(), now);
    metrics::counter!("waypost_callback_attempts_total", "result" => next.word()).increment(1);
    let finish = next.finish(answer);
    let (id, fence, message) = (ticket.item().id, ticket.item().fence, ticket.item().payload.message);
    let job_shared = Arc::clone(shared);
    shared.store.write_outcome(
        move |tx| record(&job_shared, tx, id, fence, message, &next, now),
        move |written| match written {
            Ok(true) => ticket.finish(finish),
            // Another holder has it now, or the store failed: the row becomes visible again by itself.
            Ok(false) | Err(_) => ticket.finish(Finish::Lost),
        },
    );
}

fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    id: i64,
    fence: i64,
    message: Option<MessageId>,
    next: &Next,
    now: Micros,
) -> Result<bool, StoreError> {
    let held = match next {
        Next::Done(_) | Next::Drop(_) => work::complete(tx, id, fence)?,
        Next::Retry(at, line) => work::retry(tx, id, fence, *at, line)?,
    };
    let Some(message) = message.filter(|_| held) else { return Ok(held) };
    let with_time;
    let (kind, detail) = match next {
        Next::Done(line) => (StoryKind::CallbackDone, line),
        Next::Drop(line) => (StoryKind::CallbackDropped, line),
        Next::Retry(at, line) => {
            with_time = format!("{line}; next at {}", rfc3339_utc(*at));
            (StoryKind::CallbackRetry, &with_time)
        }
    };
    Teller::new(&shared.ids, now).tell(tx, &Entry { message, kind, code: None, detail })?;
    Ok(held)
}
