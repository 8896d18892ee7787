//! Takes an accepted request over: ledger and work in one group commit, then straight to the dispatcher.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::oneshot;
use waypost_core::time::Micros;
use waypost_delivery::Item;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::kind;
use super::runtime::Shared;
use super::sms_item::SmsItem;
use crate::records::{Accepted, accept};

/// Writes `accepted` and its work. Resolves after the durable commit; what was committed is delivered even when
/// the caller no longer waits.
///
/// # Errors
/// Those of the store; nothing is written then.
pub fn accept(
    shared: &Arc<Shared>,
    accepted: Arc<Accepted>,
    sender: Option<&str>,
) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
    let request = &accepted.request;
    let now = request.accepted_at();
    let sandbox = shared.directory.current().tenant(request.tenant).is_some_and(|tenant| tenant.sandbox);
    let group = shared.gateway.group_of(request.tenant, sandbox);
    let queue = kind::sms_queue(group, request.tenant, sender, request.priority);
    let admission = shared.sms.admit(&queue, accepted.messages.len());
    let (leased, lease_until) = (admission.leased, admission.lease_until);
    let (done, wait) = oneshot::channel();
    let (job_shared, after_shared) = (Arc::clone(shared), Arc::clone(shared));
    let (job_queue, job_accepted) = (queue, Arc::clone(&accepted));
    shared.store.write_then(
        move |tx| {
            let ctx = Ctx::key(TenantId(job_accepted.request.tenant), job_accepted.request.api_key);
            accept::insert(tx, &ctx, &job_accepted)?;
            job_shared.queues.ensure(tx, &job_queue)?;
            insert_work(tx, &job_accepted, &job_queue, leased, lease_until, now)
        },
        move |written| {
            if written.is_ok() {
                after_shared.queues.committed(&queue);
                let expires_at = accepted.request.expires_at;
                let items = (0..leased).map(|index| item(&accepted, index, lease_until, expires_at));
                after_shared.sms.offer(admission, items);
                if leased < accepted.messages.len() {
                    after_shared.sms.backlog(&queue, now);
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

fn item(
    accepted: &Arc<Accepted>,
    index: usize,
    lease_until: Micros,
    expires_at: Option<Micros>,
) -> Item<SmsItem> {
    let id = accepted.messages[index].id.0;
    let payload = SmsItem::fresh(Arc::clone(accepted), index);
    Item { id, fence: 1, tries: 0, lane: 0, subject: id, lease_until, expires_at, payload }
}
