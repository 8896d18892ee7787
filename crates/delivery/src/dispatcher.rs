//! The dispatcher: what workers and writers see.

use std::sync::Arc;
use std::time::Duration;

use waypost_core::time::{Clock, Micros};
use waypost_store::StoreError;
use waypost_store::work::QueueKey;

use crate::admission::{Admission, Slots};
use crate::item::{Item, Source};
use crate::policy::{Policy, PolicyError};
use crate::shared::{Shared, Step};
use crate::state::QueueView;
use crate::ticket::Ticket;

/// Hands work to workers: fairly, within rates and caps, in order where there is a lane, and around
/// destinations that are down.
///
/// One for each kind of work. Everything in memory is also a row in the store under a lease, so nothing is lost
/// with the process. Needs a tokio runtime with timers where [`Dispatcher::next`] is awaited; everything else
/// may be called from any thread.
pub struct Dispatcher<P: Send + 'static> {
    shared: Arc<Shared<P>>,
}

impl<P: Send + 'static> Dispatcher<P> {
    /// An empty dispatcher; call [`Dispatcher::recover`] for what the store has.
    ///
    /// # Errors
    /// A policy that cannot be worked by, first of all a lease not longer than the deadline.
    pub fn new(
        policy: Policy,
        source: Arc<dyn Source<P>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, PolicyError> {
        policy.check()?;
        Ok(Arc::new(Self { shared: Shared::new(policy, source, clock) }))
    }

    /// Learns which queues have work in the store. Harmless to repeat: where several nodes share a store, doing
    /// so from time to time finds what a node left behind.
    ///
    /// # Errors
    /// The store's.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let queues = self.shared.source().queues().await?;
        self.shared.change(|state, now| queues.iter().for_each(|queue| state.backlog(queue, now, now)));
        Ok(())
    }

    /// How many of `n` new items may be committed as leased to this process. Memory is reserved for them until
    /// they are offered or the admission is dropped. 0 while the queue has older work in the store.
    ///
    /// A lane belongs to one queue. Its items may be born leased only where one node works on that queue.
    pub fn admit(&self, queue: &QueueKey, n: usize) -> Admission {
        let (leased, now) = self.shared.change(|state, now| (state.admit(queue, n, now), now));
        let slots = (leased > 0).then(|| Arc::clone(&self.shared) as Arc<dyn Slots>);
        Admission::new(leased, self.shared.lease_until(now), queue.id(), slots)
    }

    /// The admission's items, after their commit and in its order. Items beyond what was admitted are left to
    /// the store until their leases end; slots not used are given back.
    pub fn offer(&self, mut admission: Admission, items: impl IntoIterator<Item = Item<P>>) {
        let slots = admission.take();
        if slots == 0 {
            return;
        }
        let mut items = items.into_iter();
        let taken: Vec<Item<P>> = items.by_ref().take(slots).collect();
        let left = items.map(|item| item.lease_until).min();
        self.shared.change(|state, now| {
            state.offer(admission.queue(), slots, taken, false, now);
            if let Some(at) = left {
                state.stored_later(admission.queue(), at, now);
            }
        });
    }

    /// Rows of the queue were committed that are not leased: visible from `ready_at`.
    pub fn backlog(&self, queue: &QueueKey, ready_at: Micros) {
        self.shared.change(|state, now| state.backlog(queue, ready_at, now));
    }

    /// The next item, by the fair choice; waits for one. `None` once draining. Safe to drop at any time.
    pub async fn next(&self) -> Option<Ticket<P>> {
        loop {
            match self.shared.step(true, true) {
                Step::Take(picked) => return Some(Ticket::new(Arc::clone(&self.shared), picked)),
                Step::Wait(until) => self.shared.wait(until).await,
                Step::Over => return None,
            }
        }
    }

    /// The next item when there is one in memory now. Starts claims only inside a tokio runtime.
    pub fn try_next(&self) -> Option<Ticket<P>> {
        let may_claim = tokio::runtime::Handle::try_current().is_ok();
        match self.shared.step(may_claim, false) {
            Step::Take(picked) => Some(Ticket::new(Arc::clone(&self.shared), picked)),
            Step::Wait(_) | Step::Over => None,
        }
    }

    /// Items a second to a destination; a rate of 0 removes the limit.
    pub fn set_dest_limit(&self, dest: i64, rate_per_s: u32, burst: u32) {
        self.shared.change(|state, now| state.set_dest_limit(dest, rate_per_s, burst, now));
    }

    /// Items a second of a sender; a rate of 0 removes the limit.
    pub fn set_sender_limit(&self, sender: i64, rate_per_s: u32, burst: u32) {
        self.shared.change(|state, now| state.set_sender_limit(sender, rate_per_s, burst, now));
    }

    /// Items in flight to a destination; 0 goes back to the policy's.
    pub fn set_dest_in_flight(&self, dest: i64, max: usize) {
        self.shared.change(|state, now| state.set_dest_in_flight(dest, max, now));
    }

    /// The tenant's share against others, 1 to 1,000; everyone's is 1 until set.
    pub fn set_tenant_weight(&self, tenant: i64, weight: u32) {
        self.shared.change(|state, _| state.set_tenant_weight(tenant, weight));
    }

    /// All queues with anything in them, for operators.
    pub fn snapshot(&self) -> Vec<QueueView> {
        self.shared.change(|state, now| state.snapshot(now))
    }

    /// Memory slots taken: items waiting, in flight, and promised.
    pub fn memory_items(&self) -> usize {
        self.shared.change(|state, _| state.held())
    }

    /// Stops handing out and waits for the tickets that are out, at most `deadline_ms`. Returns how many are
    /// still out. What waits in memory stays leased in the store; give it back with what [`Self::leased`] says, or it
    /// is given out again only when the leases end.
    pub async fn drain(&self, deadline_ms: u64) -> usize {
        let drained = tokio::time::timeout(Duration::from_millis(deadline_ms), self.shared.drain()).await;
        match drained {
            Ok(()) => 0,
            Err(_) => self.shared.change(|state, _| state.in_flight()),
        }
    }

    /// Row and fence of every item that waits in memory: what is to be released in the store after [`Self::drain`].
    pub fn leased(&self) -> Vec<(i64, i64)> {
        self.shared.change(|state, _| state.leased())
    }
}
