//! Takes an accepted request over: ledger and work in one group commit, then straight to the dispatcher.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::oneshot;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_delivery::{Dispatcher, Item};
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::kind;
use super::rules::RuleClaim;
use super::runtime::Shared;
use super::send::SendItem;
use super::sms_item::SmsItem;
use crate::api::{BoxFuture, OnceAnswer};
use crate::records::idempotency::{self, Known};
use crate::records::{Accepted, accept};

/// How the messages of a request leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Over SMPP.
    Sms {
        /// The sender id: it has an order and a rate of its own.
        sender: Option<String>,
    },
    /// Through a connector.
    Send {
        /// Its channel.
        channel: Channel,
        /// The app asset's row.
        app: Option<i64>,
    },
}

/// What is taken in the transaction of a request, before anything of it is written.
#[derive(Clone, Debug)]
pub enum Claim {
    /// Nothing.
    None,
    /// An idempotency key.
    Once(OnceAnswer),
    /// The work of the rule that sends it.
    Rule(RuleClaim),
}

impl Claim {
    /// What is known when it was taken before; nothing is written then. A rule's work that is lost counts as another
    /// request's.
    fn take(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        accepted: &Accepted,
        now: Micros,
    ) -> Result<Option<Known>, StoreError> {
        match self {
            Self::None => Ok(None),
            Self::Once(OnceAnswer { once, answer }) => idempotency::claim(tx, ctx, once, answer, now),
            Self::Rule(claim) => {
                let taken = claim.take(tx, Some(accepted.request.id), "", now)?;
                Ok((!taken).then_some(Known::Other))
            }
        }
    }
}

/// Writes `accepted` and its work. Resolves after the durable commit; what was committed is delivered even when
/// the caller no longer waits.
///
/// # Errors
/// Those of the store; nothing is written then.
pub fn accept(
    shared: &Arc<Shared>,
    accepted: Arc<Accepted>,
    way: &Way,
) -> BoxFuture<'static, Result<(), StoreError>> {
    let kept = accept_claimed(shared, accepted, way, Claim::None);
    Box::pin(async move { kept.await.map(|_| ()) })
}

/// The same under an idempotency key, which is taken in the same transaction. What is known of a key that was taken
/// before; nothing is written then.
///
/// # Errors
/// Those of the store; nothing is written then.
pub fn accept_once(
    shared: &Arc<Shared>,
    accepted: Arc<Accepted>,
    way: &Way,
    once: OnceAnswer,
) -> BoxFuture<'static, Result<Option<Known>, StoreError>> {
    accept_claimed(shared, accepted, way, Claim::Once(once))
}

/// The same when `claim` is taken in the same transaction. What is known of one that was taken before; nothing is written
/// then.
///
/// # Errors
/// Those of the store; nothing is written then.
pub fn accept_claimed(
    shared: &Arc<Shared>,
    accepted: Arc<Accepted>,
    way: &Way,
    claim: Claim,
) -> BoxFuture<'static, Result<Option<Known>, StoreError>> {
    let request = &accepted.request;
    match way {
        Way::Sms { sender } => {
            let sandbox =
                shared.directory.current().tenant(request.tenant).is_some_and(|tenant| tenant.sandbox);
            let group = shared.gateway.group_of(request.tenant, sandbox);
            let queue = kind::sms_queue(group, request.tenant, sender.as_deref(), request.priority);
            Box::pin(enqueue(shared, (accepted, claim), queue, |shared| &shared.sms, SmsItem::fresh))
        }
        Way::Send { channel, app } => {
            let queue = kind::send_queue(*channel, *app, request.tenant, request.priority);
            Box::pin(enqueue(shared, (accepted, claim), queue, |shared| &shared.sends, SendItem::fresh))
        }
    }
}

fn enqueue<P: Send + 'static>(
    shared: &Arc<Shared>,
    (accepted, claim): (Arc<Accepted>, Claim),
    queue: QueueKey,
    dispatcher: fn(&Shared) -> &Arc<Dispatcher<P>>,
    fresh: fn(Arc<Accepted>, usize) -> P,
) -> impl Future<Output = Result<Option<Known>, StoreError>> + Send + use<P> {
    let now = accepted.request.accepted_at();
    let admission = dispatcher(shared).admit(&queue, accepted.messages.len());
    let (leased, lease_until) = (admission.leased, admission.lease_until);
    let (done, wait) = oneshot::channel();
    let (job_shared, after_shared) = (Arc::clone(shared), Arc::clone(shared));
    let (job_queue, job_accepted) = (queue, Arc::clone(&accepted));
    shared.store.write_then(
        move |tx| {
            let ctx = Ctx::key(TenantId(job_accepted.request.tenant), job_accepted.request.api_key);
            if let Some(known) = claim.take(tx, &ctx, &job_accepted, now)? {
                return Ok(Some(known));
            }
            accept::insert(tx, &ctx, &job_accepted)?;
            job_shared.queues.ensure(tx, &job_queue)?;
            insert_work(tx, &job_accepted, &job_queue, leased, lease_until, now).map(|()| None)
        },
        move |written| {
            if let Ok(None) = &written {
                after_shared.queues.committed(&queue);
                let items = (0..leased).map(|index| item(&accepted, index, lease_until, fresh));
                dispatcher(&after_shared).offer(admission, items);
                if leased < accepted.messages.len() {
                    dispatcher(&after_shared).backlog(&queue, now);
                }
            }
            // The client may have gone; what is committed is delivered all the same.
            let _ = done.send(written);
        },
    );
    async move { wait.await.unwrap_or(Err(StoreError::Closed)) }
}

fn insert_work(
    tx: &mut dyn Sql,
    accepted: &Accepted,
    queue: &QueueKey,
    leased: usize,
    lease_until: Micros,
    now: Micros,
) -> Result<(), StoreError> {
    for (index, message) in accepted.messages.iter().enumerate() {
        let leased = index < leased;
        let new = NewWork {
            id: message.id.0,
            queue,
            lane: 0,
            ready_at: if leased { lease_until } else { now },
            leased,
            subject: message.id.0,
            expires_at: accepted.request.expires_at,
            payload: "",
        };
        work::insert(tx, &new)?;
    }
    Ok(())
}

fn item<P>(
    accepted: &Arc<Accepted>,
    index: usize,
    lease_until: Micros,
    fresh: fn(Arc<Accepted>, usize) -> P,
) -> Item<P> {
    let (id, expires_at) = (accepted.messages[index].id.0, accepted.request.expires_at);
    let payload = fresh(Arc::clone(accepted), index);
    Item { id, fence: 1, tries: 0, lane: 0, subject: id, lease_until, expires_at, payload }
}
