//! Records what came of an attempt: state, story, provider ids, work row and call-back in one transaction.

use std::sync::Arc;

use waypost_channels::connector::{Address, AddressKind};
use waypost_core::channel::Channel;
use waypost_core::id::MessageId;
use waypost_core::msisdn::Msisdn;
use waypost_core::outcome::{Event, MessageProgress, Origin, Outcome, PartState, ProviderRef, apply, code};
use waypost_core::sms::provider_id::stored_key;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_delivery::{Finish, Health, Ticket};
use waypost_store::{Ctx, Sql, StoreError, keys, work};

use super::emit;
use super::notification::Subject;
use super::policy::{self, Charge};
use super::receipts::{self, CaughtUp};
use super::runtime::Shared;
use super::sms_item::SmsItem;
use super::sms_submit::{Attempted, PartResult, Tried};
use crate::records::message::{self, MessageRow, Standing};
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::target;

/// What the attempt means for the message and its work row.
///
/// A first attempt is judged before the transaction, from memory alone: nothing but its holder can have changed the
/// message. Later ones are judged inside it, since delivery reports of parts that were taken may have come meanwhile.
#[derive(Clone, Debug)]
pub struct Verdict {
    progress: MessageProgress,
    connection: Option<i64>,
    segments: u16,
    notify: Option<Outcome>,
    kind: StoryKind,
    detail: String,
    code: Option<u16>,
    retry_at: Option<Micros>,
    health: Health,
    /// It ends on our side, and no provider has any of it: what it cost is given back.
    unsent: bool,
}

/// Writes the outcome of an attempt and lets go of its ticket once it is committed. `number` is what the client's id led
/// to, when it named no number.
pub fn settle(
    shared: &Arc<Shared>,
    (ticket, attempted): (Ticket<SmsItem>, Attempted),
    number: Option<Msisdn>,
) {
    let now = shared.clock.now();
    let (id, fence, tries) = (ticket.item().id, ticket.item().fence, ticket.item().tries);
    let item = ticket.item().payload.clone();
    let found = number.filter(|_| item.number.is_none());
    // Drawn once: the job may run again.
    let entropy = shared.entropy();
    let first = item.progress.is_none().then(|| judge(shared, tries, &item, attempted.clone(), entropy, now));
    let (job_shared, after_shared) = (Arc::clone(shared), Arc::clone(shared));
    shared.store.write_outcome(
        move |tx| {
            let recorded = if let Some(verdict) = &first {
                record(&job_shared, tx, id, fence, &item, verdict, now)?
                    .map(|caught| (caught, verdict.finish()))
            } else {
                let Some(fresh) = refreshed(tx, &item)? else { return Ok(None) };
                let verdict = judge(&job_shared, tries, &fresh, attempted.clone(), entropy, now);
                record(&job_shared, tx, id, fence, &fresh, &verdict, now)?
                    .map(|caught| (caught, verdict.finish()))
            };
            if let Some(number) = found.filter(|_| recorded.is_some()) {
                keep_number(tx, &item, &number)?;
            }
            Ok(recorded)
        },
        move |written| match written {
            Ok(Some((caught, finish))) => {
                caught.keys.iter().for_each(|key| after_shared.held.remove(*key));
                // In this order, so that a drain that waits for the ticket also sees the call-back.
                emit::release(&after_shared, caught.emitted);
                ticket.finish(finish);
            }
            // Somebody else has it now.
            Ok(None) => ticket.finish(Finish::Lost),
            Err(error) => {
                unrecorded(&after_shared, id, fence, &error);
                ticket.finish(Finish::Lost);
            }
        },
    );
}

/// Reports name the number, and a later attempt goes to the same one.
fn keep_number(tx: &mut dyn Sql, item: &SmsItem, number: &Msisdn) -> Result<(), StoreError> {
    let address = Address { kind: AddressKind::Msisdn, value: number.as_str().to_owned(), device: None };
    target::insert(tx, &Ctx::all("SMS attempt"), item.message().id, None, &[address])
}

/// How long an item whose outcome the store refuses is left alone: what fails by itself fails again at once.
const SET_ASIDE_MS: i64 = 3_600_000;

/// An outcome that could not be written. When the store is away the row becomes visible again with its lease; when it
/// refuses this one outcome the try is counted and put off, or the same text would go out with every lease.
pub fn unrecorded(shared: &Shared, id: i64, fence: i64, error: &StoreError) {
    tracing::error!(%error, work_id = id, "the outcome of an attempt could not be recorded");
    metrics::counter!("waypost_outcomes_unrecorded_total").increment(1);
    if error.is_of_one_job() {
        let at = shared.clock.now().add_ms(SET_ASIDE_MS);
        shared.store.write_outcome(
            move |tx| work::retry(tx, id, fence, at, "the outcome could not be recorded"),
            |_| (),
        );
    }
}

/// A message that was tried before, as the delivery reports have left it; `None` when it is gone.
fn refreshed(tx: &mut dyn Sql, item: &SmsItem) -> Result<Option<SmsItem>, StoreError> {
    let row = message::load_to_change(tx, &Ctx::all("SMS attempt"), item.message().id)?;
    Ok(row.map(|row| item.refreshed(row.progress)))
}

fn judge(
    shared: &Shared,
    tries: u32,
    item: &SmsItem,
    attempted: Attempted,
    entropy: u64,
    now: Micros,
) -> Verdict {
    let progress = item.progress.clone().unwrap_or_else(|| MessageProgress::queued(Channel::Sms, 1));
    match attempted {
        Attempted::Expired => {
            let detail = if tries == 0 { "before the first attempt" } else { "between attempts" };
            decided(item, &progress, &Event::ExpiredInQueue, StoryKind::Expired, detail.to_owned())
        }
        Attempted::Refused { code, why } => {
            let event = Event::PolicyRefused { code };
            decided(item, &progress, &event, StoryKind::Refused, why)
        }
        Attempted::Forced(event) => {
            decided(item, &progress, &event, StoryKind::Refused, "forced by the sandbox's rule".to_owned())
        }
        Attempted::Unchecked { code, why } => {
            let later = PartResult::Later { code, failing: false };
            let (connection, segments) = (item.connection, item.segments);
            let parts = vec![(0, later)];
            let tried = Tried { before: progress, connection, segments, offered: false, parts, detail: why };
            tried_verdict(shared, tries, tried, entropy, now)
        }
        Attempted::Tried(mut tried) => {
            if progress.parts().len() == tried.before.parts().len() {
                tried.before = progress;
            }
            tried_verdict(shared, tries, tried, entropy, now)
        }
    }
}

fn decided(
    item: &SmsItem,
    progress: &MessageProgress,
    event: &Event,
    kind: StoryKind,
    detail: String,
) -> Verdict {
    let transition = apply(progress, event);
    let code = transition.next.code();
    let undone = matches!(event, Event::ExpiredInQueue | Event::PolicyRefused { .. });
    Verdict {
        progress: transition.next,
        connection: item.connection,
        segments: item.segments,
        notify: transition.notify,
        kind,
        detail,
        code,
        retry_at: None,
        health: Health::Healthy,
        unsent: undone && item.connection.is_none(),
    }
}

fn tried_verdict(shared: &Shared, tries: u32, tried: Tried, entropy: u64, now: Micros) -> Verdict {
    let mut verdict = Verdict {
        progress: tried.before,
        connection: tried.connection,
        segments: tried.segments,
        notify: None,
        kind: StoryKind::Submitted,
        detail: tried.detail,
        code: None,
        retry_at: None,
        health: Health::Healthy,
        unsent: false,
    };
    let mut retry: Option<u16> = None;
    for (part, result) in tried.parts {
        match result {
            PartResult::Taken(id) => {
                let provider_ref = ProviderRef::new(&id).unwrap_or_default();
                verdict.apply(&Event::Submitted { part, provider_ref });
            }
            PartResult::Refused(code) => {
                verdict.kind = StoryKind::SubmitRefused;
                verdict.apply(&Event::SubmitFailed { part, code, origin: Origin::Operator });
            }
            PartResult::Later { code, failing } => {
                retry = Some(code);
                verdict.health = if failing { Health::Failing } else { verdict.health };
            }
        }
    }
    if let Some(code) = retry.filter(|_| !verdict.progress.state().is_final()) {
        verdict.put_off(shared, tries, code, entropy, now);
    }
    verdict
}

impl Verdict {
    /// What the dispatcher is told once it is committed.
    const fn finish(&self) -> Finish {
        match (self.retry_at, self.health) {
            (Some(at), health) => Finish::RetryAt(at, health),
            (None, Health::Healthy) => Finish::Done,
            (None, Health::Failing) => Finish::GaveUp,
        }
    }

    fn apply(&mut self, event: &Event) {
        let transition = apply(&self.progress, event);
        self.progress = transition.next;
        self.notify = transition.notify.or(self.notify);
        self.code = self.notify.map(|outcome| outcome.code).or(self.code);
    }

    /// Another attempt by the schedule; after the last one the message fails with the newest reason.
    fn put_off(&mut self, shared: &Shared, tries: u32, code: u16, entropy: u64, now: Micros) {
        match shared.settings.sms_schedule.next_delay_ms(tries + 1, entropy) {
            Some(delay_ms) => {
                let at = now.add_ms(i64::try_from(delay_ms).unwrap_or(i64::MAX));
                self.kind = StoryKind::SubmitRetry;
                self.code = Some(code);
                self.detail = format!("{}; next at {}", self.detail, rfc3339_utc(at));
                self.retry_at = Some(at);
            }
            None => {
                self.kind = StoryKind::SubmitRefused;
                self.unsent = self.connection.is_none();
                self.detail = format!("{}; attempt {} was the last", self.detail, tries + 1);
                let pending = self.progress.parts().iter().position(|part| part.state == PartState::Pending);
                let part = pending.and_then(|part| u8::try_from(part).ok()).unwrap_or(0);
                self.apply(&Event::SubmitFailed { part, code, origin: Origin::Platform });
            }
        }
    }
}

/// The write job of one attempt: `None` when the work row is no longer ours, and then nothing is written.
fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    id: i64,
    fence: i64,
    item: &SmsItem,
    verdict: &Verdict,
    now: Micros,
) -> Result<Option<CaughtUp>, StoreError> {
    let held = match verdict.retry_at {
        Some(at) => work::retry(tx, id, fence, at, &verdict.detail)?,
        None => work::complete(tx, id, fence)?,
    };
    if !held {
        return Ok(None);
    }
    let ctx = Ctx::all("SMS attempt");
    let message = item.message().id;
    let standing = Standing { connection: verdict.connection, parts: verdict.segments, now };
    message::save(tx, &ctx, message, &verdict.progress, standing)?;
    let entry = Entry { message, kind: verdict.kind, code: verdict.code, detail: &verdict.detail };
    Teller::new(&shared.ids, now).tell(tx, &entry)?;
    if verdict.unsent
        && let Some(charge) = Charge::perhaps(shared, item.request().tenant, message)
    {
        policy::refund(shared, tx, charge, now)?;
    }
    index_provider_ids(shared, tx, item, verdict, message)?;
    let mut caught = CaughtUp::default();
    if let Some(outcome) = verdict.notify {
        let subject = Subject {
            request: item.request(),
            message: item.message(),
            parts: verdict.segments,
            target: None,
        };
        caught.emitted.extend(emit::delivery(shared, tx, &subject, &outcome, now)?);
    }
    // Only when some report waits is the row needed as a whole.
    let may_wait = |connection: &i64| receipts::may_wait(shared, *connection, &verdict.progress);
    if let Some(connection) = verdict.connection.filter(may_wait) {
        let late = receipts::catch_up(shared, tx, &ctx, row(item, verdict, now), connection, now)?;
        caught.emitted.extend(late.emitted);
        caught.keys = late.keys;
    }
    Ok(Some(caught))
}

fn index_provider_ids(
    shared: &Shared,
    tx: &mut dyn Sql,
    item: &SmsItem,
    verdict: &Verdict,
    message: MessageId,
) -> Result<(), StoreError> {
    let Some(connection) = verdict.connection else { return Ok(()) };
    let known = |part: usize| {
        item.progress
            .as_ref()
            .and_then(|before| before.parts().get(part))
            .map(|slot| slot.provider_ref.as_str())
    };
    for (part, slot) in verdict.progress.parts().iter().enumerate() {
        let id = slot.provider_ref.as_str();
        let Some(key) = stored_key(connection, id).filter(|_| known(part) != Some(id)) else { continue };
        keys::add(tx, key, message.0)?;
        shared.recent.remember(key, message);
    }
    Ok(())
}

fn row(item: &SmsItem, verdict: &Verdict, now: Micros) -> MessageRow {
    MessageRow {
        request: item.request().clone(),
        message: item.message().clone(),
        state: verdict.progress.state(),
        code: verdict.progress.code(),
        progress: Some(verdict.progress.clone()),
        connection: verdict.connection,
        parts: verdict.segments,
        updated_at: now,
    }
}

/// The outcome code of an attempt that never reached a provider.
pub const UNREACHABLE: u16 = code::FAILED_AT_PLATFORM;
