//! What time alone changes: a submitted message whose report never came is closed with 7303 once the window is over.
//! At the same pace the reports on hold are counted for the metrics, and the work of a dead server is looked for.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_core::id::MessageId;
use waypost_core::outcome::{Event, apply};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Engine, Sql, StoreError};

use super::emit::{self, Emitted};
use super::notification::Subject;
use super::runtime::Shared;
use crate::records::message::Standing;
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::{message, receipt_held, sweep};

/// Messages closed in one transaction.
const CHUNK: i64 = 200;

/// Runs until `stop`: every `period`, as many chunks as are due.
pub async fn run(shared: Arc<Shared>, period: Duration, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(period);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {
                while chunk(&shared).await == Some(true) {}
                count_held(&shared).await;
                take_up(&shared).await;
            }
        }
    }
}

/// Looks for work that another server of the same store has left behind: it is anybody's when its leases have ended.
async fn take_up(shared: &Shared) {
    // One server alone owns an embedded store, and knows its work.
    if shared.store.engine() != Engine::Postgres {
        return;
    }
    if let Err(error) = shared.look_for_work().await {
        tracing::warn!(%error, "the work of other servers could not be looked for; it is tried again");
    }
}

async fn count_held(shared: &Shared) {
    let ctx = Ctx::all("held receipts");
    match shared.store.read(move |tx| receipt_held::count_unmatched(tx, &ctx)).await {
        Ok(held) => metrics::gauge!("waypost_receipts_held").set(held as f64),
        Err(error) => tracing::warn!(%error, "the receipts on hold could not be counted"),
    }
}

/// Closes one chunk; `Some(true)` when there may be more.
async fn chunk(shared: &Arc<Shared>) -> Option<bool> {
    let now = shared.clock.now();
    let before = MessageId::floor(now.sub_ms(shared.settings.receipt_window_ms));
    let job_shared = Arc::clone(shared);
    let closed = shared.store.write(move |tx| close_before(&job_shared, tx, before, now)).await;
    match closed {
        Ok((more, emitted)) => {
            emit::release(shared, emitted);
            Some(more)
        }
        Err(error) => {
            tracing::warn!(%error, "the sweep for missing receipts failed; it runs again");
            None
        }
    }
}

/// Closes the submitted messages accepted before `before` that the sweep has not seen yet.
///
/// # Errors
/// Those of the store.
pub fn close_before(
    shared: &Shared,
    tx: &mut dyn Sql,
    before: MessageId,
    now: Micros,
) -> Result<(bool, Vec<Emitted>), StoreError> {
    let ctx = Ctx::all("receipt window");
    let from = sweep::mark(tx, &ctx)?;
    let cutoff = now.sub_ms(shared.settings.receipt_window_ms);
    let ids = sweep::unreported(tx, &ctx, from, before, cutoff, CHUNK)?;
    let mut emitted = Vec::new();
    for id in &ids {
        emitted.extend(close(shared, tx, &ctx, *id, now)?);
    }
    let more = ids.len() as i64 == CHUNK;
    if !more {
        let mark = sweep::oldest_open(tx, &ctx, from, before)?.unwrap_or(before);
        if mark > from {
            sweep::set_mark(tx, &ctx, mark)?;
        }
    }
    Ok((more, emitted))
}

fn close(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: MessageId,
    now: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let Some(row) = message::load_to_change(tx, ctx, id)? else { return Ok(None) };
    let Some(progress) = &row.progress else { return Ok(None) };
    let transition = apply(progress, &Event::ReceiptWindowClosed);
    let Some(outcome) = transition.notify else { return Ok(None) };
    let standing = Standing { connection: row.connection, parts: row.parts, now };
    message::save(tx, ctx, id, &transition.next, standing)?;
    let entry = Entry {
        message: id,
        kind: StoryKind::Expired,
        code: Some(outcome.code),
        detail: "no delivery report within the receipt window",
    };
    Teller::new(&shared.ids, now).tell(tx, &entry)?;
    let subject = Subject { request: &row.request, message: &row.message, parts: row.parts, target: None };
    emit::delivery(shared, tx, &subject, &outcome, now)
}
