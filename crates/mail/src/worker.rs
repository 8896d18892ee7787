//! Hands letters to the carrier and writes down what came of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use waypost_channels::email::{Broken, Carried, Letter};
use waypost_core::time::Micros;
use waypost_delivery::{Finish, Ticket};
use waypost_store::{Actor, Ctx, Sql, StoreError, work};

use crate::attempt::{Verdict, verdict};
use crate::records::{self, State};
use crate::runtime::Shared;

/// Runs until the dispatcher drains: at most `concurrency` letters at once, in this one task.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut under_way = FuturesUnordered::new();
    let mut open = true;
    while open || !under_way.is_empty() {
        let room = open && under_way.len() < shared.settings.concurrency;
        tokio::select! {
            biased;
            Some(done) = under_way.next(), if !under_way.is_empty() => {
                let done: Result<(), _> = done;
                if done.is_err() {
                    // Its ticket is gone with it: the letter goes on when its lease ends.
                    tracing::error!("an attempt to send a letter panicked");
                }
            }
            ticket = shared.letters.next(), if room => match ticket {
                Some(ticket) => under_way.push(AssertUnwindSafe(attempt(Arc::clone(&shared), ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

/// The row that is worked on.
#[derive(Clone, Copy)]
struct Held {
    work: i64,
    fence: i64,
    letter: i64,
    tenant: i64,
    tries: u32,
}

async fn attempt(shared: Arc<Shared>, ticket: Ticket<()>) {
    let item = ticket.item();
    let tenant = ticket.queue().tenant;
    let held = Held { work: item.id, fence: item.fence, letter: item.subject, tenant, tries: item.tries };
    let finish = match deliver(&shared, held).await {
        Ok(finish) => finish,
        Err(error) => {
            tracing::warn!(%error, letter = held.letter, "what became of a letter is not written down; it is sent again");
            Finish::Lost
        }
    };
    ticket.finish(finish);
    shared.attempted();
}

async fn deliver(shared: &Arc<Shared>, held: Held) -> Result<Finish, StoreError> {
    let ctx = Ctx::of(held.tenant, Actor::System("mail"));
    let found = shared
        .store
        .read(move |tx| {
            let row = records::find(tx, &ctx, held.letter)?;
            let waits = row.is_some_and(|row| row.state == State::Waiting);
            if waits { records::sealed(tx, &ctx, held.letter) } else { Ok(None) }
        })
        .await?;
    let Some(sealed) = found else {
        shared.store.write(move |tx| work::complete(tx, held.work, held.fence)).await?;
        return Ok(Finish::Done);
    };
    let carried = match records::open(&shared.key, held.letter, &sealed) {
        Ok(letter) => carry(shared, &letter).await,
        // Only an operator can mend it: it is kept, and told.
        Err(error) => Carried::Refused(Broken { code: None, words: error.to_string() }),
    };
    let verdict = verdict(carried, &shared.settings.schedule, held.tries, (shared.settings.random)());
    settle(shared, held, verdict).await
}

async fn carry(shared: &Shared, letter: &Letter) -> Carried {
    let since = shared.clock.now();
    let carried = shared.carrier.carry(letter).await;
    let took_us = shared.clock.now().0.saturating_sub(since.0);
    let end = match carried {
        Carried::Taken(_) => "taken",
        Carried::Refused(_) => "refused",
        Carried::Later { .. } => "later",
        Carried::Unknown(_) => "unknown",
    };
    metrics::counter!("waypost_mail_attempts_total", "end" => end).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "an attempt takes less than 2^52 microseconds")]
    metrics::histogram!("waypost_mail_attempt_seconds").record(took_us as f64 / 1e6);
    carried
}

async fn settle(shared: &Arc<Shared>, held: Held, verdict: Verdict) -> Result<Finish, StoreError> {
    let now = shared.clock.now();
    let at = verdict.delay_ms.map(|ms| now.add_ms(i64::try_from(ms).unwrap_or(i64::MAX)));
    let (state, health, code) =
        (verdict.state, verdict.health, verdict.why.as_ref().and_then(|why| why.code));
    let kept = shared.store.write(move |tx| write(tx, held, &verdict, (at, now))).await?;
    if !kept {
        return Ok(Finish::Lost);
    }
    let (letter, tries) = (held.letter, held.tries);
    match (state, at) {
        (State::Sent, _) => tracing::debug!(letter, "a letter was taken by the relay"),
        (State::Waiting, _) => tracing::info!(letter, tries, code, "a letter waits for its next attempt"),
        _ => tracing::warn!(letter, tries, code, "a letter is not sent: waypost mail show tells why"),
    }
    Ok(match (state, at) {
        (State::Waiting, Some(at)) => Finish::RetryAt(at, health),
        (State::Sent, _) => Finish::Done,
        (State::GivenUp, _) if health == waypost_delivery::Health::Failing => Finish::GaveUp,
        _ => Finish::Refused,
    })
}

/// False when the row is somebody else's by now: what they write down counts.
fn write(
    tx: &mut dyn Sql,
    held: Held,
    verdict: &Verdict,
    (at, now): (Option<Micros>, Micros),
) -> Result<bool, StoreError> {
    let words = verdict.why.as_ref().map_or("", |why| why.words.as_str());
    let is_ours = match at {
        // The words may be personal: they stand in the letter's row only.
        Some(at) => work::retry(tx, held.work, held.fence, at, "")?,
        None => work::complete(tx, held.work, held.fence)?,
    };
    if is_ours {
        let ctx = Ctx::of(held.tenant, Actor::System("mail"));
        let why = verdict.why.as_ref().map(|why| Broken { code: why.code, words: words.to_owned() });
        records::note(tx, &ctx, held.letter, (verdict.state, why.as_ref()), now)?;
    }
    Ok(is_ours)
}
