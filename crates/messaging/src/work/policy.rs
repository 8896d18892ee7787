//! The one question every channel asks before a message leaves: do the tenant's policies let it (spec 1, 9.1)?
//!
//! What is set up is asked of the directory in memory. A tenant without any policy costs one look into a map: no query,
//! no allocation. The store is asked for two things only: whether a number that may be on a do-not-disturb list is, and
//! the balance of a tenant whose messages are charged.

use std::sync::Arc;

use waypost_core::channel::Channel;
use waypost_core::id::{IdGenerator, MessageId};
use waypost_core::msisdn::Msisdn;
use waypost_core::policy::Money;
use waypost_core::time::Micros;
use waypost_store::directory::credit::{self, Charged};
use waypost_store::directory::{self, App, TenantPolicies};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::addresses::Standing;
use super::runtime::Shared;
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::{MessageRecord, RequestRecord};
use crate::rules::policy::{self, Facts, Note, PolicyCode, Recipient};

/// One message about to leave.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Its request.
    pub request: &'a RequestRecord,
    /// Itself.
    pub message: &'a MessageRecord,
    /// The channel it leaves on.
    pub channel: Channel,
    /// The app it goes through; none on sms and voice.
    pub app: Option<&'a App>,
    /// What it says.
    pub text: Option<&'a str>,
    /// Parts of an SMS; 1 on other channels. Only the price asks: see [`is_charged`].
    pub segments: u16,
    /// The resolved number on sms and voice.
    pub number: Option<&'a Msisdn>,
    /// The profile behind the destination, when there is one.
    pub standing: Option<Standing>,
    /// Now.
    pub now: Micros,
}

/// What the policies say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The code with which the message ends; `None` when it may leave.
    pub refused: Option<u16>,
    /// What the policies decided, for whoever records the attempt to tell. A charge has told of itself already, in the
    /// transaction that made it.
    pub notes: Vec<Note>,
    /// What was deducted, now or by an earlier attempt; to be given back with [`refund`] when the message ends before
    /// anything of it was handed over.
    pub charge: Option<Charge>,
}

impl Decision {
    fn refused(note: Note) -> Self {
        Self { refused: note.code, notes: vec![note], charge: None }
    }

    /// The notes as one line of the story.
    #[must_use]
    pub fn line(&self) -> String {
        self.notes.iter().map(Note::line).collect::<Vec<_>>().join("; ")
    }
}

/// A message that was, or may have been, charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whose balance.
    pub tenant: i64,
    /// The message.
    pub message: MessageId,
}

impl Charge {
    /// What an attempt that knows nothing of an earlier one gives back: `None` for tenants that never had a balance.
    #[must_use]
    pub fn perhaps(shared: &Shared, tenant: i64, message: MessageId) -> Option<Self> {
        let current = shared.directory.current();
        let has_account = current.policies().of_tenant(tenant).is_some_and(|policies| policies.has_account);
        has_account.then_some(Self { tenant, message })
    }
}

/// Whether the messages of a tenant are charged: only then [`Question::segments`] has to be counted.
#[must_use]
pub fn is_charged(shared: &Shared, tenant: i64) -> bool {
    shared.directory.current().policies().of_tenant(tenant).is_some_and(|policies| policies.charged)
}

/// Decides. When it lets a charged message pass, its price is deducted durably before this returns, once however often
/// it is asked.
///
/// # Errors
/// Those of the store: the message must not leave then, and may be tried later.
pub async fn decide(shared: &Shared, question: Question<'_>) -> Result<Decision, StoreError> {
    let current = shared.directory.current();
    let tenant = current.policies().of_tenant(question.request.tenant);
    let facts = facts(&question);
    if let Some(note) = policy::refusal(&facts, tenant, current.policies().platform_spam()) {
        return Ok(Decision::refused(note));
    }
    if is_on_a_list(shared, &question).await? {
        return Ok(Decision::refused(Note::refusal(PolicyCode::DoNotDisturb, "the number is on a list")));
    }
    match tenant.filter(|tenant| tenant.charged) {
        Some(tenant) => pay(shared, &question, &facts, tenant).await,
        None => Ok(Decision::default()),
    }
}

fn facts<'a>(question: &Question<'a>) -> Facts<'a> {
    let recipient = |standing: Standing| Recipient { active: standing.active, verified: standing.verified };
    Facts {
        service: question.request.service,
        channel: question.channel,
        app: question.app,
        text: question.text,
        number: question.number,
        destination: &question.message.destination,
        recipient: question.standing.map(recipient),
        now: question.now,
    }
}

async fn is_on_a_list(shared: &Shared, question: &Question<'_>) -> Result<bool, StoreError> {
    let tenant = question.request.tenant;
    let by_number = matches!(question.channel, Channel::Sms | Channel::Voice);
    let Some(number) = question.number.filter(|number| by_number && shared.dnd.may_have(tenant, number))
    else {
        return Ok(false);
    };
    let (ctx, number) = (Ctx::system(TenantId(tenant), "do-not-disturb check"), *number);
    shared.store.read(move |tx| directory::dnd::contains(tx, &ctx, number.as_str())).await
}

async fn pay(
    shared: &Shared,
    question: &Question<'_>,
    facts: &Facts<'_>,
    tenant: &TenantPolicies,
) -> Result<Decision, StoreError> {
    let price = match policy::price(facts, tenant, question.segments) {
        Ok(price) => price,
        Err(note) => return Ok(Decision::refused(note)),
    };
    let charge = Charge { tenant: question.request.tenant, message: question.message.id };
    let (ids, now) = (Arc::clone(&shared.ids), question.now);
    match shared.store.write(move |tx| deduct(&ids, tx, charge, price, now)).await? {
        Charged::Now | Charged::Before => {
            Ok(Decision { refused: None, notes: Vec::new(), charge: Some(charge) })
        }
        Charged::TooLow => {
            let detail = format!("the balance is below the price of {price}");
            Ok(Decision::refused(Note::refusal(PolicyCode::NoCredits, detail)))
        }
    }
}

fn deduct(
    ids: &IdGenerator,
    tx: &mut dyn Sql,
    charge: Charge,
    price: Money,
    now: Micros,
) -> Result<Charged, StoreError> {
    let ctx = Ctx::system(TenantId(charge.tenant), "charge");
    let charged = credit::charge(tx, &ctx, charge.message, price, now)?;
    if charged == Charged::Now {
        let detail = format!("credits: charged {price}");
        let entry = Entry { message: charge.message, kind: StoryKind::Policy, code: None, detail: &detail };
        Teller::new(ids, now).tell(tx, &entry)?;
    }
    Ok(charged)
}

/// Gives back what was deducted for a message that ends on our side before anything of it was handed over; part of the
/// transaction that ends it. Giving back again, or what was never deducted, changes nothing.
///
/// # Errors
/// Those of the store.
pub fn refund(shared: &Shared, tx: &mut dyn Sql, charge: Charge, now: Micros) -> Result<(), StoreError> {
    let ctx = Ctx::system(TenantId(charge.tenant), "refund");
    let Some(amount) = credit::refund(tx, &ctx, charge.message, now)? else { return Ok(()) };
    let detail = format!("credits: {amount} given back");
    let entry = Entry { message: charge.message, kind: StoryKind::Policy, code: None, detail: &detail };
    Teller::new(&shared.ids, now).tell(tx, &entry)
}
