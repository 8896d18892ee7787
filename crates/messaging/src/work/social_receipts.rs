//! Reports of the social providers: which messages were delivered, and up to when everything was read. Matched by the
//! provider's ids like delivery reports of SMS, or by user and moment; applied, told to the customer, all in one
//! transaction, and only then answered to the provider.

use waypost_core::channel::Channel;
use waypost_core::id::MessageId;
use waypost_core::outcome::{Event, MessageState, PartOutcome, PartState, apply, code};
use waypost_core::sms::provider_id::stored_key;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId, keys};

use super::emit::{self, Emitted};
use super::notification::Subject;
use super::runtime::Shared;
use crate::records::message::{self, MessageRow, Standing};
use crate::records::receipt_held::{self, Held};
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::target;

/// Messages that one report by user and moment moves at most, the newest.
const MOVED_MAX: i64 = 200;
/// How much later than the provider we may have noted that it took a message.
const NOTED_LATE_MS: i64 = 5_000;

/// What is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// These were delivered.
    Delivered(Vec<String>),
    /// These were read.
    Read(Vec<String>),
    /// A button or link of these was used.
    Clicked(Vec<String>),
    /// Everything sent to the user up to a moment was delivered.
    DeliveredUntil(String, Micros),
    /// Everything sent to the user up to a moment was read.
    ReadUntil(String, Micros),
}

/// A report as it came in.
#[derive(Clone, Debug)]
pub struct Report {
    /// The row of the asset it came to; messages hold it as their connection.
    pub app: i64,
    /// The asset's tenant.
    pub tenant: i64,
    /// The asset's channel.
    pub channel: Channel,
    /// What it says.
    pub heard: Heard,
    /// When it came.
    pub at: Micros,
}

/// The write job of one report; call-backs to release after the commit. A report that comes twice changes nothing.
///
/// # Errors
/// Those of the store; the provider is then asked to send it again.
pub fn record(shared: &Shared, tx: &mut dyn Sql, report: &Report) -> Result<Vec<Emitted>, StoreError> {
    let mut emitted = Vec::new();
    match &report.heard {
        Heard::Delivered(ids) => {
            for id in ids {
                emitted.extend(delivered(shared, tx, report, id)?);
            }
        }
        Heard::Read(ids) => {
            for id in ids {
                emitted.extend(used(shared, tx, report, id, (&Event::Read, code::READ, "read"))?);
            }
        }
        Heard::Clicked(ids) => {
            for id in ids {
                emitted.extend(used(shared, tx, report, id, (&Event::Clicked, code::CLICKED, "clicked"))?);
            }
        }
        Heard::DeliveredUntil(user, until) => {
            for row in sent_until(tx, report, user, *until)? {
                let open = row.progress.as_ref().map(|progress| progress.parts()).unwrap_or_default();
                let part = open.iter().position(|part| part.state == PartState::Submitted);
                let Some(part) = part.and_then(|part| u8::try_from(part).ok()) else { continue };
                let event = Event::Receipt { part, outcome: PartOutcome::Delivered };
                emitted.extend(advance(
                    shared,
                    tx,
                    &row,
                    &event,
                    code::DELIVERED,
                    "delivered, by moment",
                    report.at,
                )?);
            }
        }
        Heard::ReadUntil(user, until) => {
            for row in sent_until(tx, report, user, *until)? {
                emitted.extend(advance(shared, tx, &row, &Event::Read, code::READ, "read", report.at)?);
            }
        }
    }
    metrics::counter!("waypost_social_receipts_total", "channel" => report.channel.wire_name()).increment(1);
    Ok(emitted)
}

fn ctx(report: &Report) -> Ctx {
    Ctx::system(TenantId(report.tenant), "social receipt")
}

fn delivered(
    shared: &Shared,
    tx: &mut dyn Sql,
    report: &Report,
    id: &str,
) -> Result<Option<Emitted>, StoreError> {
    let Some(key) = stored_key(report.app, id) else { return Ok(None) };
    let Some((row, part)) = find(shared, tx, report, key, id)? else {
        hold(shared, tx, report, key, id)?;
        return Ok(None);
    };
    let event = Event::Receipt { part, outcome: PartOutcome::Delivered };
    let detail = format!("part {} id {id} delivered", part + 1);
    advance(shared, tx, &row, &event, code::DELIVERED, &detail, report.at)
}

/// A message was read or clicked; one that is not known yet is not either.
fn used(
    shared: &Shared,
    tx: &mut dyn Sql,
    report: &Report,
    id: &str,
    (event, code, word): (&Event, u16, &str),
) -> Result<Option<Emitted>, StoreError> {
    let Some(key) = stored_key(report.app, id) else { return Ok(None) };
    let Some((row, _)) = find(shared, tx, report, key, id)? else { return Ok(None) };
    advance(shared, tx, &row, event, code, word, report.at)
}

/// The message and part with the provider's id: the hint first, then the ledger's keys. A key is a hash: the row itself
/// decides, and it must be the asset's own.
fn find(
    shared: &Shared,
    tx: &mut dyn Sql,
    report: &Report,
    key: i64,
    id: &str,
) -> Result<Option<(MessageRow, u8)>, StoreError> {
    if let Some(hint) = shared.recent.find(key)
        && let Some(found) = confirm(tx, report, hint, id)?
    {
        return Ok(Some(found));
    }
    for message in keys::find(tx, key)? {
        if let Some(found) = confirm(tx, report, MessageId(message), id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn confirm(
    tx: &mut dyn Sql,
    report: &Report,
    message: MessageId,
    id: &str,
) -> Result<Option<(MessageRow, u8)>, StoreError> {
    let row = message::load_to_change(tx, &ctx(report), message)?.filter(|row| is_of(row, report));
    let Some(row) = row else { return Ok(None) };
    let parts = row.progress.as_ref().map(|progress| progress.parts()).unwrap_or_default();
    let part = parts.iter().position(|part| part.provider_ref.as_str() == id);
    Ok(part.and_then(|part| u8::try_from(part).ok()).map(|part| (row, part)))
}

/// Whether the message went through the asset: ids of connections and of assets are numbers of two tables.
fn is_of(row: &MessageRow, report: &Report) -> bool {
    row.connection == Some(report.app) && Channel::parse(&row.request.channel) == Some(report.channel)
}

/// A report may overtake the answer to the hand-over it is for: it is kept, and found when the id appears.
fn hold(shared: &Shared, tx: &mut dyn Sql, report: &Report, key: i64, id: &str) -> Result<(), StoreError> {
    let held = Held::delivered(report.app, id.to_owned(), report.at);
    // Before the commit, so that no hand-over can be recorded without seeing it.
    shared.held.add(key);
    receipt_held::hold(tx, &ctx(report), &held, key)
}

/// The messages that went to `user` through the asset by then and are not at their end, newest first.
fn sent_until(
    tx: &mut dyn Sql,
    report: &Report,
    user: &str,
    until: Micros,
) -> Result<Vec<MessageRow>, StoreError> {
    let before = MessageId::floor(until.add_ms(1));
    let mut rows = Vec::new();
    for message in target::to_psid(tx, &ctx(report), report.app, user, before, MOVED_MAX)? {
        let Some(row) = message::load_to_change(tx, &ctx(report), message)? else { continue };
        let was_sent = match row.state {
            // It may have been accepted before and handed over after that moment.
            MessageState::Submitted => row.updated_at <= until.add_ms(NOTED_LATE_MS),
            MessageState::Delivered => true,
            _ => false,
        };
        if was_sent && is_of(&row, report) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Applies an event to a message: state, story, call-back.
pub(crate) fn advance(
    shared: &Shared,
    tx: &mut dyn Sql,
    row: &MessageRow,
    event: &Event,
    code: u16,
    detail: &str,
    at: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let Some(progress) = &row.progress else { return Ok(None) };
    let transition = apply(progress, event);
    if !transition.changed && !row.state.is_failure() {
        // Told twice: the story has it.
        return Ok(None);
    }
    // A report may come in before the answer it follows is recorded; who orders by time must not see it first.
    let at = at.max(row.updated_at.add_ms(1));
    if transition.changed {
        let standing = Standing { connection: row.connection, parts: row.parts, now: at };
        message::save(tx, &Ctx::all("social receipt"), row.message.id, &transition.next, standing)?;
    }
    let applied = transition.changed && !transition.late;
    let kind = if applied { StoryKind::Receipt } else { StoryKind::ReceiptIgnored };
    let entry = Entry { message: row.message.id, kind, code: Some(code), detail };
    Teller::new(&shared.ids, at).tell(tx, &entry)?;
    let Some(outcome) = transition.notify else { return Ok(None) };
    let subject = Subject { request: &row.request, message: &row.message, parts: row.parts, target: None };
    emit::delivery(shared, tx, &subject, &outcome, at)
}
