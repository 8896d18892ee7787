//! Pruning by age, in small transactions that the writer's other jobs slip between.
//!
//! Ids are time-ordered, so what is old stands at the left edge of each table: no index on a time is needed. A request
//! or an inbound message that open work is about is never pruned.

mod happenings;
mod inbox;
mod ledger;
mod profiles;

use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use crate::sql::Sql;
use crate::{Ctx, Store, StoreError, keys};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Rows of a small table one transaction deletes at most.
const CHUNK_ROWS: i64 = 1_000;
/// Transactions of one pass over one table at most; the next pass goes on.
const CHUNKS_MAX: u32 = 100_000;

/// How long things are kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Requests, their messages, stories and keys; happenings; clicks on links.
    pub requests_days: u32,
    /// Inbound messages.
    pub inbound_days: u32,
    /// Delivery reports on hold, matched or not.
    pub receipts_days: u32,
    /// Parts of inbound messages that never became whole.
    pub inbound_parts_days: u32,
    /// What went over the wire between content partners and us.
    pub content_days: u32,
    /// The audit.
    pub audit_days: u32,
    /// Devices of apps after their last sign of life.
    pub devices_days: u32,
    /// What was said in threads of apps, and conversations nobody uses.
    pub inbox_days: u32,
    /// Results of queued profile batches.
    pub profile_requests_days: u32,
    /// Answers under idempotency keys.
    pub idempotency_days: u32,
    /// Letters that are over.
    pub mail_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            requests_days: 90,
            inbound_days: 90,
            receipts_days: 14,
            inbound_parts_days: 2,
            content_days: 30,
            audit_days: 730,
            devices_days: 40,
            inbox_days: 90,
            profile_requests_days: 7,
            idempotency_days: 1,
            mail_days: 30,
        }
    }
}

/// What a pass removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Requests with all that belongs to them.
    pub requests: u64,
    /// Inbound messages.
    pub inbound: u64,
    /// Held delivery reports.
    pub receipts: u64,
    /// Parts of inbound messages.
    pub inbound_parts: u64,
    /// Exchanges with content partners, and remembered message ids.
    pub content: u64,
    /// Lines of the audit.
    pub audit: u64,
    /// Devices of apps.
    pub devices: u64,
    /// Profile batches.
    pub profile_requests: u64,
    /// Answers under idempotency keys.
    pub idempotency: u64,
    /// In-app messages whose device did not come in time, and those it has long taken.
    pub parcels: u64,
    /// Events and other happenings, with what rules made of them.
    pub happenings: u64,
    /// Messages of inboxes, users' sides of threads, threads.
    pub inbox: u64,
    /// Who followed a link when.
    pub clicks: u64,
    /// Letters that were sent, refused, given up or withheld.
    pub letters: u64,
}

const fn cutoff(now: Micros, days: u32) -> Micros {
    now.sub_ms(days as i64 * DAY_MS)
}

/// One pass over everything; run it once an hour or so.
///
/// # Errors
/// Those of the store; what was pruned before stays pruned.
pub async fn prune(
    store: &Store,
    _ctx: &Ctx,
    retention: Retention,
    now: Micros,
) -> Result<Pruned, StoreError> {
    let requests_before = MessageId::floor(cutoff(now, retention.requests_days));
    let inbound_before = MessageId::floor(cutoff(now, retention.inbound_days));
    let batches_before = MessageId::floor(cutoff(now, retention.profile_requests_days));
    let pruned = Pruned {
        requests: ledger::requests(store, requests_before, now).await?,
        inbound: ledger::inbound(store, inbound_before, now).await?
            + oldest_rows(store, SOCIAL_INBOUND, cutoff(now, retention.inbound_days)).await?,
        receipts: oldest_rows(store, RECEIPTS, cutoff(now, retention.receipts_days)).await?,
        inbound_parts: oldest_rows(store, PARTS, cutoff(now, retention.inbound_parts_days)).await?,
        content: oldest_ids(store, retention.content_days, now).await?,
        audit: oldest_rows(store, AUDIT, cutoff(now, retention.audit_days)).await?,
        // A sign of life is kept by its day: a device must not go before its last hour has passed.
        devices: profiles::devices(store, cutoff(now, retention.devices_days.saturating_add(1))).await?,
        profile_requests: profiles::batches(store, batches_before).await?,
        happenings: happenings::old(store, requests_before).await?,
        idempotency: profiles::answers(store, cutoff(now, retention.idempotency_days)).await?,
        parcels: oldest_rows(store, PARCELS, now).await?,
        inbox: inbox::old(store, cutoff(now, retention.inbox_days)).await?,
        clicks: oldest_rows(store, CLICKS, Micros(requests_before.0)).await?,
        letters: letters(store, cutoff(now, retention.mail_days)).await?,
    };
    for _ in 0..CHUNKS_MAX {
        if !store.write(move |tx| keys::drop_before(tx, requests_before)).await? {
            break;
        }
    }
    metrics::counter!("waypost_store_pruned_requests_total").increment(pruned.requests);
    Ok(pruned)
}

/// The condition stands outside of the LIMIT: a chunk looks at the oldest rows only, not for old rows in the table.
const RECEIPTS: &str = "WITH oldest AS (SELECT id, received_at FROM receipt_held ORDER BY id LIMIT ?2) \
     DELETE FROM receipt_held WHERE id IN (SELECT id FROM oldest WHERE received_at < ?1)";
/// Their call-backs are given up within minutes: no open work is about the old.
const SOCIAL_INBOUND: &str = "WITH oldest AS (SELECT id, received_at FROM social_inbound ORDER BY id LIMIT ?2) \
     DELETE FROM social_inbound WHERE id IN (SELECT id FROM oldest WHERE received_at < ?1)";
const AUDIT: &str = "WITH oldest AS (SELECT id, at FROM audit ORDER BY id LIMIT ?2) \
     DELETE FROM audit WHERE id IN (SELECT id FROM oldest WHERE at < ?1)";
const PARCELS: &str = "DELETE FROM rt_parcel WHERE id IN \
     (SELECT id FROM rt_parcel WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";
/// Keyed by time-ordered ids. They stay as long as the messages they are about.
const CLICKS: &str =
    "DELETE FROM link_click WHERE id IN (SELECT id FROM link_click WHERE id < ?1 ORDER BY id LIMIT ?2)";
/// Parts are few: those of messages on their way, and strays.
const PARTS: &str = "DELETE FROM inbound_part WHERE (connection, source, destination, reference, total, n) IN \
     (SELECT connection, source, destination, reference, total, n FROM inbound_part WHERE received_at < ?1 LIMIT ?2)";

/// Both tables are keyed by time-ordered ids. A resolved alert goes with them.
async fn oldest_ids(store: &Store, days: u32, now: Micros) -> Result<u64, StoreError> {
    const LOG: &str =
        "DELETE FROM content_log WHERE id IN (SELECT id FROM content_log WHERE id < ?1 ORDER BY id LIMIT ?2)";
    const SEEN: &str = "DELETE FROM content_seen WHERE id IN (SELECT id FROM content_seen WHERE id < ?1 ORDER BY id LIMIT ?2)";
    const ALERTS: &str = "DELETE FROM content_alert WHERE id IN \
         (SELECT id FROM content_alert WHERE id < ?1 AND state = 2 ORDER BY id LIMIT ?2)";
    let before = Micros(MessageId::floor(cutoff(now, days)).0);
    let mut removed = 0;
    for sql in [LOG, SEEN, ALERTS] {
        removed += oldest_rows(store, sql, before).await?;
    }
    Ok(removed)
}

/// Ids are time-ordered. One that waits has open work, and stays.
async fn letters(store: &Store, before: Micros) -> Result<u64, StoreError> {
    const LETTERS: &str = "DELETE FROM mail WHERE id IN \
         (SELECT id FROM mail WHERE id < ?1 AND state <> 0 ORDER BY id LIMIT ?2)";
    oldest_rows(store, LETTERS, Micros(MessageId::floor(before).0)).await
}

async fn oldest_rows(store: &Store, sql: &'static str, before: Micros) -> Result<u64, StoreError> {
    let mut removed = 0;
    for _ in 0..CHUNKS_MAX {
        let job = move |tx: &mut dyn Sql| tx.exec(sql, &[before.into(), CHUNK_ROWS.into()]);
        let chunk = store.write(job).await?;
        removed += chunk;
        if chunk < CHUNK_ROWS as u64 {
            break;
        }
    }
    Ok(removed)
}
