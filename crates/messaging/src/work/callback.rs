//! The call-back worker: posts notifications and inbound messages to the customers' endpoints (spec 4.1).

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use waypost_core::retry::{CallbackVerdict, classify_callback, delay_with_retry_after_ms};
use waypost_core::time::Micros;
use waypost_delivery::{Finish, Health, Ticket};
use waypost_egress::{EgressError, Response};
use waypost_store::{Sql, StoreError, work};

use super::callback_item::CallbackItem;
use super::runtime::Shared;
use super::signing;
use crate::records::story::{Entry, StoryKind, Teller};

/// What became of one attempt.
struct Attempt {
    ticket: Ticket<CallbackItem>,
    answer: Result<Response, EgressError>,
}

/// Runs until the dispatcher drains: at most `concurrency` posts at once, each in this one task.
pub async fn run(shared: Arc<Shared>) {
    let mut posts = FuturesUnordered::new();
    let mut open = true;
    while open || !posts.is_empty() {
        let room = open && posts.len() < shared.settings.callback_concurrency;
        tokio::select! {
            biased;
            Some(attempt) = posts.next(), if !posts.is_empty() => settle(&shared, attempt),
            ticket = shared.callbacks.next(), if room => match ticket {
                Some(ticket) => posts.push(post(Arc::clone(&shared), ticket)),
                None => open = false,
            },
        }
    }
}

async fn post(shared: Arc<Shared>, ticket: Ticket<CallbackItem>) -> Attempt {
    let item = &ticket.item().payload;
    let now = shared.clock.now();
    let answer = match &item.url {
        Ok(url) => {
            let headers = signing::headers(&shared, item, ticket.item().id, now);
            let deadline_ms = shared.settings.callback_timeout_ms;
            shared.egress.post(url, headers, item.body.clone(), deadline_ms, ANSWER_BYTES_MAX).await
        }
        Err(why) => Err(EgressError::InvalidUrl(why.clone())),
    };
    Attempt { ticket, answer }
}

/// Of an endpoint's answer only the status matters; this much of the body is read to keep the connection usable.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// What to do with the work row after an attempt.
#[derive(Clone, Debug)]
enum Next {
    Done(String),
    Retry(Micros, String),
    Drop(String),
}

fn settle(shared: &Arc<Shared>, attempt: Attempt) {
    let Attempt { ticket, answer } = attempt;
    let now = shared.clock.now();
    let next = decide(shared, &ticket, &answer, now);
    metrics::counter!("waypost_callback_attempts_total", "result" => result_word(&next)).increment(1);
    let finish = match &next {
        Next::Done(_) => Finish::Done,
        Next::Retry(at, _) => Finish::RetryAt(*at, health(&answer)),
        Next::Drop(_) => match health(&answer) {
            Health::Healthy => Finish::Refused,
            Health::Failing => Finish::GaveUp,
        },
    };
    let (id, fence) = (ticket.item().id, ticket.item().fence);
    let message = ticket.item().payload.message;
    let job_shared = Arc::clone(shared);
    shared.store.write_then(
        move |tx| record(&job_shared, tx, id, fence, message, &next, now),
        move |written| match written {
            Ok(true) => ticket.finish(finish),
            // Another holder has it now, or the store failed: the row becomes visible again by itself.
            Ok(false) | Err(_) => ticket.finish(Finish::Lost),
        },
    );
}

fn decide(
    shared: &Shared,
    ticket: &Ticket<CallbackItem>,
    answer: &Result<Response, EgressError>,
    now: Micros,
) -> Next {
    let tries = ticket.item().tries;
    let (line, retryable, retry_after_ms) = match answer {
        Ok(response) => match classify_callback(response.status) {
            CallbackVerdict::Delivered => return Next::Done(format!("HTTP {}", response.status)),
            CallbackVerdict::Drop => return Next::Drop(format!("HTTP {}", response.status)),
            CallbackVerdict::Retry => (format!("HTTP {}", response.status), true, response.retry_after_ms),
        },
        Err(error) => (error.to_string(), error.is_transient(), None),
    };
    if !retryable {
        return Next::Drop(line);
    }
    match shared.settings.callback_schedule.next_delay_ms(tries + 1, shared.entropy()) {
        Some(delay_ms) => {
            let max_ms = shared.settings.retry_after_max_ms;
            let delay_ms = delay_with_retry_after_ms(delay_ms, retry_after_ms, max_ms);
            Next::Retry(now.add_ms(i64::try_from(delay_ms).unwrap_or(i64::MAX)), line)
        }
        None => Next::Drop(format!("{line}; attempt {} was the last", tries + 1)),
    }
}

fn health(answer: &Result<Response, EgressError>) -> Health {
    match answer {
        Ok(response) if response.status < 500 => Health::Healthy,
        Ok(_) => Health::Failing,
        Err(error) if error.is_transient() => Health::Failing,
        Err(_) => Health::Healthy,
    }
}

const fn result_word(next: &Next) -> &'static str {
    match next {
        Next::Done(_) => "delivered",
        Next::Retry(..) => "retry",
        Next::Drop(_) => "dropped",
    }
}

fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    id: i64,
    fence: i64,
    message: Option<waypost_core::id::MessageId>,
    next: &Next,
    now: Micros,
) -> Result<bool, StoreError> {
    let held = match next {
        Next::Done(_) | Next::Drop(_) => work::complete(tx, id, fence)?,
        Next::Retry(at, line) => work::retry(tx, id, fence, *at, line)?,
    };
    let Some(message) = message.filter(|_| held) else { return Ok(held) };
    let (kind, detail) = match next {
        Next::Done(line) => (StoryKind::CallbackDone, line.clone()),
        Next::Drop(line) => (StoryKind::CallbackDropped, line.clone()),
        Next::Retry(at, line) => {
            (StoryKind::CallbackRetry, format!("{line}; next at {}", waypost_core::time::rfc3339_utc(*at)))
        }
    };
    Teller::new(&shared.ids, now).tell(tx, &Entry { message, kind, code: None, detail: &detail })?;
    Ok(held)
}
