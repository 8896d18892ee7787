//! Delivery reports: matched to their message, applied, told to the customer — all in one transaction, and only
//! then answered to the provider.

use waypost_core::id::MessageId;
use waypost_core::outcome::{Event, MessageProgress, PartOutcome, Transition, apply};
use waypost_core::sms::provider_id::{MatchKind, ProbeKeys, match_kind, stored_key};
use waypost_core::sms::receipt::{Receipt, ReceiptState};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, keys};

use super::emit::{self, Emitted};
use super::notification::Subject;
use super::runtime::Shared;
use super::sms_item::is_number;
use crate::records::message::{self, MessageRow, Standing};
use crate::records::receipt_held::{self, Held};
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::target;

/// A report as it came in.
#[derive(Clone, Debug)]
pub struct Report {
    /// The connection it came in on.
    pub connection: i64,
    /// What it says.
    pub receipt: Receipt,
    /// The code the connection's table gives it; `None` while the message is still on its way.
    pub code: Option<u16>,
    /// The number it came from: the message's destination.
    pub source: String,
    /// When it came.
    pub at: Micros,
}

/// What a report led to; handed over after the commit.
#[derive(Debug, Default)]
pub struct Settled {
    emitted: Vec<Emitted>,
    held: bool,
}

impl Settled {
    /// Hands the call-backs to the dispatcher. Call it once the transaction is committed.
    pub fn release(self, shared: &Shared) {
        metrics::counter!("waypost_receipts_total", "result" => if self.held { "held" } else { "matched" })
            .increment(1);
        emit::release(shared, self.emitted);
    }
}

/// The write job of one report.
///
/// # Errors
/// Those of the store; the provider is then asked to send it again.
pub fn record(shared: &Shared, tx: &mut dyn Sql, report: &Report) -> Result<Settled, StoreError> {
    let ctx = Ctx::all("delivery report");
    match find(shared, tx, &ctx, report)? {
        Some((row, part)) => {
            let emitted = apply_to(shared, tx, &ctx, &row, part, report)?;
            Ok(Settled { emitted: emitted.into_iter().collect(), held: false })
        }
        None => hold(shared, tx, &ctx, report),
    }
}

fn hold(shared: &Shared, tx: &mut dyn Sql, ctx: &Ctx, report: &Report) -> Result<Settled, StoreError> {
    let id = &report.receipt.provider_id;
    // An id of blanks matches nothing, but the report is kept for the operator all the same.
    let key = stored_key(report.connection, id).unwrap_or(0);
    // Before the commit, so that no submission can be recorded without seeing it.
    shared.held.add(key);
    receipt_held::hold(tx, ctx, &held_row(report), key)?;
    Ok(Settled { emitted: Vec::new(), held: true })
}

fn held_row(report: &Report) -> Held {
    Held {
        id: 0,
        connection: report.connection,
        provider_id: report.receipt.provider_id.clone(),
        source: report.source.clone(),
        received_at: report.at,
        stat: report.receipt.state.word().to_owned(),
        err: report.receipt.err.clone(),
        code: report.code,
    }
}

/// Finds the message part a report is for: the hint first, then the ledger's keys; each find is confirmed on the
/// stored provider id, and where the id alone is not proof, on the destination.
fn find(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    report: &Report,
) -> Result<Option<(MessageRow, u8)>, StoreError> {
    let probes = ProbeKeys::of(report.connection, &report.receipt.provider_id);
    for (kind, key) in probes.as_slice() {
        if let Some(hint) = shared.recent.find(*key)
            && let Some(found) = confirm(tx, ctx, hint, *kind, report)?
        {
            return Ok(Some(found));
        }
        for id in keys::find(tx, *key)? {
            if let Some(found) = confirm(tx, ctx, MessageId(id), *kind, report)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

fn confirm(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: MessageId,
    kind: MatchKind,
    report: &Report,
) -> Result<Option<(MessageRow, u8)>, StoreError> {
    let Some(row) = message::load_to_change(tx, ctx, id)? else { return Ok(None) };
    if kind.needs_destination() && !went_to(tx, ctx, &row, &report.source)? {
        return Ok(None);
    }
    let part = row.progress.as_ref().and_then(|progress| part_of(progress, &report.receipt.provider_id));
    Ok(part.map(|part| (row, part)))
}

fn part_of(progress: &MessageProgress, receipt_id: &str) -> Option<u8> {
    let best = progress
        .parts()
        .iter()
        .enumerate()
        .filter_map(|(part, slot)| Some((match_kind(slot.provider_ref.as_str(), receipt_id)?, part)))
        .min()?;
    u8::try_from(best.1).ok()
}

/// Whether the message went to this number: the client's own, or the one its id led to.
fn went_to(tx: &mut dyn Sql, ctx: &Ctx, row: &MessageRow, source: &str) -> Result<bool, StoreError> {
    if is_number(&row.message) {
        return Ok(same_number(&row.message.destination, source));
    }
    let targets = target::of_message(tx, ctx, row.message.id)?;
    Ok(targets.iter().any(|target| same_number(&target.value, source)))
}

fn same_number(a: &str, b: &str) -> bool {
    a.trim_start_matches('+') == b.trim_start_matches('+')
}

/// Applies a report to its message: state, story, call-back.
///
/// # Errors
/// Those of the store.
pub fn apply_to(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    row: &MessageRow,
    part: u8,
    report: &Report,
) -> Result<Option<Emitted>, StoreError> {
    let Some(progress) = &row.progress else { return Ok(None) };
    let outcome = match report.code {
        None => PartOutcome::Intermediate,
        Some(waypost_core::outcome::code::DELIVERED) => PartOutcome::Delivered,
        Some(code) => PartOutcome::Failed { code },
    };
    let transition = apply(progress, &Event::Receipt { part, outcome });
    // A report may come in before the answer it follows is recorded; who orders by time must not see it first.
    let at = report.at.max(row.updated_at);
    if transition.changed {
        let standing = Standing { connection: row.connection, parts: row.parts, now: at };
        message::save(tx, ctx, row.message.id, &transition.next, standing)?;
    }
    tell(shared, tx, row, part, report, &transition, at)?;
    let Some(outcome) = transition.notify else { return Ok(None) };
    let subject = Subject { request: &row.request, message: &row.message, parts: row.parts, target: None };
    emit::delivery(shared, tx, &subject, &outcome, at)
}

fn tell(
    shared: &Shared,
    tx: &mut dyn Sql,
    row: &MessageRow,
    part: u8,
    report: &Report,
    transition: &Transition,
    at: Micros,
) -> Result<(), StoreError> {
    let receipt = &report.receipt;
    let detail = format!(
        "part {} id {} stat {} err {}",
        part + 1,
        receipt.provider_id,
        receipt.state.word(),
        receipt.err.as_deref().unwrap_or("-"),
    );
    let applied = transition.changed && !transition.late;
    let kind = if applied { StoryKind::Receipt } else { StoryKind::ReceiptIgnored };
    let entry = Entry { message: row.message.id, kind, code: report.code, detail: &detail };
    Teller::new(&shared.ids, at).tell(tx, &entry)
}

/// What reports on hold led to, once their submission was recorded.
#[derive(Debug, Default)]
pub struct CaughtUp {
    /// Call-backs to release after the commit.
    pub emitted: Vec<Emitted>,
    /// Keys whose reports are matched; the hint forgets them after the commit.
    pub keys: Vec<i64>,
}

impl CaughtUp {
    /// Adds what others led to.
    pub fn add(&mut self, other: Self) {
        self.emitted.extend(other.emitted);
        self.keys.extend(other.keys);
    }
}

/// Whether a report may be waiting for one of these parts: asked of memory, before anything is copied or read.
#[must_use]
pub fn may_wait(shared: &Shared, connection: i64, progress: &MessageProgress) -> bool {
    shared.held.any()
        && progress.parts().iter().any(|part| {
            let probes = ProbeKeys::of(connection, part.provider_ref.as_str());
            probes.as_slice().iter().any(|(_, key)| shared.held.may_hold(*key))
        })
}

/// Applies the reports that were waiting for `row`'s provider ids; called in the transaction that stores the ids.
///
/// # Errors
/// Those of the store.
pub fn catch_up(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    mut row: MessageRow,
    connection: i64,
    now: Micros,
) -> Result<CaughtUp, StoreError> {
    let Some(progress) = row.progress.clone() else { return Ok(CaughtUp::default()) };
    let since = now.sub_ms(shared.settings.unmatched_receipt_ms);
    let mut caught = CaughtUp::default();
    for slot in progress.parts() {
        for (kind, key) in ProbeKeys::of(connection, slot.provider_ref.as_str()).as_slice() {
            if !shared.held.may_hold(*key) {
                continue;
            }
            let mut left = false;
            for held in receipt_held::waiting(tx, ctx, connection, *key, since)? {
                let believed = !kind.needs_destination() || went_to(tx, ctx, &row, &held.source)?;
                let Some(part) = part_of(&progress, &held.provider_id).filter(|_| believed) else {
                    left = true;
                    continue;
                };
                let report = revive(&held, now);
                caught.emitted.extend(apply_to(shared, tx, ctx, &row, part, &report)?);
                receipt_held::matched(tx, ctx, held.id, row.message.id.0, now)?;
                row = message::load_to_change(tx, ctx, row.message.id)?.unwrap_or(row);
            }
            if !left {
                caught.keys.push(*key);
            }
        }
    }
    Ok(caught)
}

fn revive(held: &Held, now: Micros) -> Report {
    let receipt = Receipt {
        provider_id: held.provider_id.clone(),
        state: ReceiptState::from_word(&held.stat),
        err: held.err.clone(),
        done_at: None,
        text: None,
    };
    let at = now.max(held.received_at);
    Report { connection: held.connection, receipt, code: held.code, source: held.source.clone(), at }
}
