//! The call-back worker: posts notifications and inbound messages to the customers' endpoints (spec 4.1).

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::StatusCode;
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
    answer: Result<Response, Unposted>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Unposted {
    /// The URL is not one; nothing was sent.
    #[error("not attempted: {0}")]
    Url(String),
    /// The door out said no, or the exchange failed.
    #[error(transparent)]
    Egress(EgressError),
}

impl Unposted {
    /// Whether the same may succeed later.
    const fn is_transient(&self) -> bool {
        match self {
            Self::Url(_) | Self::Egress(EgressError::InvalidUrl(_) | EgressError::Refused { .. }) => false,
            Self::Egress(
                EgressError::Resolve(_)
                | EgressError::Connect(_)
                | EgressError::Tls(_)
                | EgressError::Timeout { .. }
                | EgressError::Protocol(_)
                | EgressError::BodyTooLarge { .. },
            ) => true,
        }
    }

    /// The status of an answer whose body was too long: it says all the contract asks.
    const fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Egress(EgressError::BodyTooLarge { status, .. }) => Some(*status),
            _ => None,
        }
    }
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
            let posted =
                shared.egress.post(url, headers, item.body.clone(), deadline_ms, ANSWER_BYTES_MAX).await;
            posted.map_err(Unposted::Egress)
        }
        Err(why) => Err(Unposted::Url(why.clone())),
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
    answer: &Result<Response, Unposted>,
    now: Micros,
) -> Next {
    let tries = ticket.item().tries;
    let (status, after) = match answer {
        Ok(response) => (Some(response.status), response.retry_after),
        Err(unposted) => (unposted.status(), None),
    };
    let line = match (status, answer) {
        (Some(status), _) => format!("HTTP {}", status.as_u16()),
        (None, Err(unposted)) => unposted.to_string(),
        (None, Ok(_)) => String::new(),
    };
    let retryable = match (status, answer) {
        (Some(status), _) => match classify_callback(status.as_u16()) {
            CallbackVerdict::Delivered => return Next::Done(line),
            CallbackVerdict::Drop => false,
            CallbackVerdict::Retry => true,
        },
        (None, Err(unposted)) => unposted.is_transient(),
        (None, Ok(_)) => false,
    };
    let retry_after_ms = after.map(|at| u64::try_from(at.since_ms(now)).unwrap_or(0));
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

fn health(answer: &Result<Response, Unposted>) -> Health {
    match answer {
        Ok(response) if !response.status.is_server_error() => Health::Healthy,
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
