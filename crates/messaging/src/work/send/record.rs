//! Records what came of an attempt: state, addresses, story, provider ids, work row and call-backs in one transaction.

use std::sync::Arc;

use waypost_channels::connector::{Address, Handed};
use waypost_core::channel::Channel;
use waypost_core::outcome::{
    Event, MessageProgress, Origin, Outcome, PartProgress, PartState, ProviderRef, apply,
};
use waypost_core::sms::provider_id::stored_key;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_delivery::{Finish, Health, Ticket};
use waypost_store::{Ctx, Sql, StoreError, keys, work};

use super::attempt::{Attempted, Tried};
use super::dead;
use super::item::{SendItem, is_open};
use crate::records::call;
use crate::records::message::{self, Standing};
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::target;
use crate::work::browser_receipts;
use crate::work::emit::{self, Emitted};
use crate::work::notification::Subject;
use crate::work::policy::{self, Charge};
use crate::work::receipts::{self, CaughtUp};
use crate::work::runtime::Shared;

/// What an attempt means for the message and its work row.
#[derive(Clone, Debug)]
struct Verdict {
    progress: MessageProgress,
    app: Option<i64>,
    targets: Vec<Address>,
    /// What the client is told, each with the address it is about.
    told: Vec<(Option<u8>, Outcome)>,
    kind: StoryKind,
    detail: String,
    code: Option<u16>,
    retry_at: Option<Micros>,
    health: Health,
    /// The parts whose address the provider calls dead.
    dead: Vec<u8>,
    /// A call was placed: its steps wait for this to be written.
    calling: bool,
    /// There was no room: it goes back as it was, untold and uncounted.
    full: bool,
}

/// Writes the outcome of an attempt and lets go of its ticket once it is committed.
pub fn settle(shared: &Arc<Shared>, ticket: Ticket<SendItem>, attempted: Attempted) {
    let now = shared.clock.now();
    let (id, fence, tries) = (ticket.item().id, ticket.item().fence, ticket.item().tries);
    let item = ticket.item().payload.clone();
    let (message, calling) = (item.message().id, is_calling(&attempted));
    // Drawn once: the job may run again.
    let entropy = shared.entropy();
    let (job_shared, after_shared) = (Arc::clone(shared), Arc::clone(shared));
    shared.store.write_outcome(
        move |tx| {
            let Some(before) = standing(tx, &item)? else { return Ok(None) };
            let verdict = judge(&job_shared, tries, &item, before, attempted.clone(), entropy, now);
            let emitted = record(&job_shared, tx, (id, fence), &item, &verdict, now)?;
            Ok(emitted.map(|emitted| (emitted, verdict.finish())))
        },
        move |written| match written {
            Ok(Some((caught, finish))) => {
                caught.keys.iter().for_each(|key| after_shared.held.remove(*key));
                // In this order, so that a drain that waits for the ticket also sees the call-back.
                emit::release(&after_shared, caught.emitted);
                if calling {
                    after_shared.calls.known(message);
                }
                ticket.finish(finish);
            }
            // Somebody else has it now.
            Ok(None) => {
                if calling {
                    after_shared.calls.lost(message);
                }
                ticket.finish(Finish::Lost);
            }
            Err(error) => {
                if calling {
                    after_shared.calls.lost(message);
                }
                crate::work::sms_record::unrecorded(&after_shared, id, fence, &error);
                ticket.finish(Finish::Lost);
            }
        },
    );
}

fn is_calling(attempted: &Attempted) -> bool {
    let calls = |(_, handed): &(u8, Handed)| matches!(handed, Handed::Calling { .. });
    matches!(attempted, Attempted::Tried(tried) if tried.results.iter().any(calls))
}

/// Where the message stands; receipts of some addresses may have come since the last attempt. `None` when it is gone.
fn standing(tx: &mut dyn Sql, item: &SendItem) -> Result<Option<Option<MessageProgress>>, StoreError> {
    if item.progress.is_none() {
        // Before its first attempt nobody else changes it.
        return Ok(Some(None));
    }
    let row = message::load_to_change(tx, &Ctx::all("attempt"), item.message().id)?;
    Ok(row.map(|row| row.progress))
}

fn judge(
    shared: &Shared,
    tries: u32,
    item: &SendItem,
    before: Option<MessageProgress>,
    attempted: Attempted,
    entropy: u64,
    now: Micros,
) -> Verdict {
    let channel = Channel::parse(&item.request().channel).unwrap_or(Channel::Rt);
    let targets = match &attempted {
        Attempted::Tried(tried) => tried.targets.len(),
        _ => item.targets.len(),
    };
    let count = u8::try_from(targets).unwrap_or(u8::MAX);
    let mut verdict = Verdict {
        progress: before
            .filter(|before| !item.targets.is_empty() || before.parts().len() == usize::from(count))
            .unwrap_or_else(|| MessageProgress::queued(channel, count)),
        app: None,
        targets: Vec::new(),
        told: Vec::new(),
        kind: StoryKind::Submitted,
        detail: String::new(),
        code: None,
        retry_at: None,
        health: Health::Healthy,
        dead: Vec::new(),
        calling: false,
        full: false,
    };
    match attempted {
        Attempted::Expired => verdict.expire(channel, tries),
        Attempted::Refused { code, why } => verdict.end(&Event::PolicyRefused { code }, &why),
        Attempted::Forced(event) => verdict.end(&event, "forced by the sandbox's rule"),
        Attempted::Unchecked { code, why } => {
            verdict.detail = why;
            verdict.put_off(shared, tries, (code, None), entropy, now);
        }
        Attempted::Tried(tried) => verdict.tried(shared, tries, tried, entropy, now),
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

    fn apply(&mut self, part: Option<u8>, event: &Event) {
        let transition = apply(&self.progress, event);
        self.progress = transition.next;
        if let Some(outcome) = transition.notify {
            self.code = Some(outcome.code);
            self.told.push((part, outcome));
        }
    }

    fn end(&mut self, event: &Event, detail: &str) {
        self.kind = StoryKind::Refused;
        detail.clone_into(&mut self.detail);
        self.apply(None, event);
    }

    /// The messengers have a code of their own for what was tried and then expired.
    fn expire(&mut self, channel: Channel, tries: u32) {
        self.kind = StoryKind::Expired;
        let tried = tries > 0;
        let detail = if tried { "between attempts" } else { "before the first attempt" };
        detail.clone_into(&mut self.detail);
        let ott = matches!(channel, Channel::Fb | Channel::Twitter | Channel::Wechat);
        let event =
            if tried && ott { Event::PolicyRefused { code: OTT_EXPIRED } } else { Event::ExpiredInQueue };
        self.apply(None, &event);
    }

    fn tried(&mut self, shared: &Shared, tries: u32, tried: Tried, entropy: u64, now: Micros) {
        self.app = tried.app;
        self.targets = tried.targets;
        let mut retry: Option<(u16, Option<Micros>)> = None;
        for (part, handed) in tried.results {
            note(&mut self.detail, part, &self.targets, &handed);
            match handed {
                Handed::Taken { provider_ref, receipt_follows } => {
                    self.taken(part, &provider_ref, receipt_follows);
                    tried.echoes.iter().for_each(|echo| self.apply(Some(part), &echo.event(part)));
                }
                Handed::Calling { provider_ref } => {
                    self.calling = true;
                    let provider_ref = ProviderRef::new(&provider_ref).unwrap_or_default();
                    self.apply(Some(part), &Event::Placed { part, provider_ref });
                }
                Handed::Full { again_ms } => {
                    self.full = true;
                    self.retry_at = Some(now.add_ms(i64::try_from(again_ms).unwrap_or(i64::MAX)));
                }
                Handed::Refused { code, address_is_dead, .. } => {
                    self.kind = StoryKind::SubmitRefused;
                    self.dead.extend(address_is_dead.then_some(part));
                    self.apply(Some(part), &Event::SubmitFailed { part, code, origin: Origin::Operator });
                }
                Handed::Later { code, retry_after, failing, .. } => {
                    let at = retry.and_then(|(_, at)| at).max(retry_after);
                    retry = Some((code, at));
                    self.health = if failing { Health::Failing } else { self.health };
                }
            }
        }
        if let Some(again) = retry.filter(|_| is_open(&self.progress)) {
            self.put_off(shared, tries, again, entropy, now);
        }
    }

    fn taken(&mut self, part: u8, provider_ref: &str, receipt_follows: bool) {
        let provider_ref = ProviderRef::new(provider_ref).unwrap_or_default();
        if receipt_follows {
            return self.apply(Some(part), &Event::Submitted { part, provider_ref });
        }
        // Taken is all that will ever be heard: told once, as delivered.
        let mut told = std::mem::take(&mut self.told);
        self.apply(Some(part), &Event::Submitted { part, provider_ref });
        std::mem::swap(&mut self.told, &mut told);
        let delivered = waypost_core::outcome::PartOutcome::Delivered;
        self.apply(Some(part), &Event::Receipt { part, outcome: delivered });
    }

    /// Another attempt by the schedule, not before the provider wants it; after the last one what is open fails with the
    /// newest reason.
    fn put_off(
        &mut self,
        shared: &Shared,
        tries: u32,
        (code, not_before): (u16, Option<Micros>),
        entropy: u64,
        now: Micros,
    ) {
        match shared.settings.send_schedule.next_delay_ms(tries + 1, entropy) {
            Some(delay_ms) => {
                let at = now.add_ms(i64::try_from(delay_ms).unwrap_or(i64::MAX));
                let latest =
                    now.add_ms(i64::try_from(shared.settings.retry_after_max_ms).unwrap_or(i64::MAX));
                let at = not_before.map_or(at, |wanted| at.max(wanted.min(latest)));
                self.kind = StoryKind::SubmitRetry;
                self.code = Some(code);
                self.detail = format!("{}; next at {}", self.detail, rfc3339_utc(at));
                self.retry_at = Some(at);
            }
            None => {
                self.kind = StoryKind::SubmitRefused;
                self.detail = format!("{}; attempt {} was the last", self.detail, tries + 1);
                for part in 0..u8::try_from(self.progress.parts().len()).unwrap_or(u8::MAX) {
                    self.apply(Some(part), &Event::SubmitFailed { part, code, origin: Origin::Platform });
                }
            }
        }
    }
}

/// An OTT message passed its expiry before it was delivered (spec 9.1).
const OTT_EXPIRED: u16 = 7301;

/// One word for each address; never the address itself.
fn note(detail: &mut String, part: u8, targets: &[Address], handed: &Handed) {
    use std::fmt::Write as _;
    if !detail.is_empty() {
        detail.push_str("; ");
    }
    let kind = targets.get(usize::from(part)).map_or("address", |target| target.kind.id_key());
    // Writing to a String cannot fail.
    let _ = match handed {
        Handed::Taken { provider_ref, .. } => write!(detail, "{kind} {}: taken as {provider_ref}", part + 1),
        Handed::Calling { provider_ref } => write!(detail, "{kind} {}: call {provider_ref}", part + 1),
        Handed::Full { .. } => write!(detail, "{kind} {}: no room", part + 1),
        Handed::Refused { code, detail: why, .. } => write!(detail, "{kind} {}: {code} {why}", part + 1),
        Handed::Later { code, detail: why, .. } => write!(detail, "{kind} {}: later, {code} {why}", part + 1),
    };
}

/// The write job of one attempt: `None` when the work row is no longer ours, and then nothing is written.
fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    (id, fence): (i64, i64),
    item: &SendItem,
    verdict: &Verdict,
    now: Micros,
) -> Result<Option<CaughtUp>, StoreError> {
    let held = match verdict.retry_at {
        Some(at) if verdict.full => work::release(tx, id, fence, at)?,
        Some(at) => work::retry(tx, id, fence, at, &verdict.detail)?,
        None => work::complete(tx, id, fence)?,
    };
    if !held {
        return Ok(None);
    }
    let ctx = Ctx::all("attempt");
    let message = item.message().id;
    let parts = u16::try_from(verdict.progress.parts().len()).unwrap_or(u16::MAX);
    message::save(tx, &ctx, message, &verdict.progress, Standing { connection: verdict.app, parts, now })?;
    if item.targets.is_empty() {
        target::insert(tx, &ctx, message, verdict.app, &verdict.targets)?;
    }
    if let Some(app) = verdict.app {
        let addresses = known_targets(item, verdict);
        let buried = verdict.dead.iter().filter_map(|part| addresses.get(usize::from(*part)));
        dead::forget(tx, item.request().tenant, app, buried, now)?;
    }
    if is_unsent(verdict)
        && let Some(charge) = Charge::perhaps(shared, item.request().tenant, message)
    {
        policy::refund(shared, tx, charge, now)?;
    }
    if verdict.full {
        return Ok(Some(CaughtUp::default()));
    }
    if verdict.calling {
        call::begin(tx, &ctx, message, shared.node(now))?;
    }
    let entry = Entry { message, kind: verdict.kind, code: verdict.code, detail: &verdict.detail };
    Teller::new(&shared.ids, now).tell(tx, &entry)?;
    index_provider_ids(shared, tx, item, verdict)?;
    let emitted = tell(shared, tx, item, verdict, now)?;
    catch_up(shared, tx, &ctx, item, verdict, emitted, now).map(Some)
}

/// A receipt may have overtaken the answer to the hand-over it is for.
fn catch_up(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    item: &SendItem,
    verdict: &Verdict,
    emitted: Vec<Emitted>,
    now: Micros,
) -> Result<CaughtUp, StoreError> {
    let mut caught = CaughtUp { emitted, keys: Vec::new() };
    let Some(app) = verdict.app else { return Ok(caught) };
    // What was told of the hand-over comes first.
    let at = now.add_ms(i64::try_from(verdict.told.len()).unwrap_or(0));
    let message = item.message().id;
    if receipts::may_wait(shared, app, &verdict.progress)
        && let Some(row) = message::load_to_change(tx, ctx, message)?
    {
        caught.add(receipts::catch_up(shared, tx, ctx, row, app, at)?);
    }
    caught.add(browser_receipts::catch_up(shared, tx, (item.request(), item.message().unit), app, at)?);
    Ok(caught)
}

/// Whether it ends on our side with nothing of it handed over: what it cost is given back.
fn is_unsent(verdict: &Verdict) -> bool {
    let untouched = |part: &PartProgress| matches!(part.state, PartState::Pending | PartState::Failed);
    let ours = !matches!(verdict.kind, StoryKind::SubmitRefused) || verdict.health == Health::Failing;
    verdict.retry_at.is_none()
        && ours
        && verdict.progress.state().is_failure()
        && verdict.progress.parts().iter().all(untouched)
}

fn index_provider_ids(
    shared: &Shared,
    tx: &mut dyn Sql,
    item: &SendItem,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let Some(app) = verdict.app else { return Ok(()) };
    let message = item.message().id;
    let known = |part: usize| {
        item.progress
            .as_ref()
            .and_then(|before| before.parts().get(part))
            .map(|slot| slot.provider_ref.as_str())
    };
    for (part, slot) in verdict.progress.parts().iter().enumerate() {
        let id = slot.provider_ref.as_str();
        let Some(key) = stored_key(app, id).filter(|_| known(part) != Some(id)) else { continue };
        keys::add(tx, key, message.0)?;
        shared.recent.remember(key, message);
    }
    Ok(())
}

/// The addresses of the message: found by this attempt, or by an earlier one.
fn known_targets<'a>(item: &'a SendItem, verdict: &'a Verdict) -> &'a [Address] {
    if verdict.targets.is_empty() { &item.targets } else { &verdict.targets }
}

fn tell(
    shared: &Shared,
    tx: &mut dyn Sql,
    item: &SendItem,
    verdict: &Verdict,
    now: Micros,
) -> Result<Vec<Emitted>, StoreError> {
    let targets = known_targets(item, verdict);
    let mut emitted = Vec::new();
    for (step, (part, outcome)) in (0_i64..).zip(&verdict.told) {
        // Receivers order by time: what happened after another thing is later.
        let at = now.add_ms(step);
        let target = part.and_then(|part| Some((part, targets.get(usize::from(part))?)));
        let parts = u16::try_from(targets.len()).unwrap_or(u16::MAX);
        let subject = Subject { request: item.request(), message: item.message(), parts, target };
        emitted.extend(emit::delivery(shared, tx, &subject, outcome, at)?);
    }
    Ok(emitted)
}
