//! A fake store and a clock that follows tokio's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;
use waypost_core::time::{Clock, Micros};
use waypost_delivery::{BoxFuture, Dispatcher, Finish, Health, Item, Policy, Source, Ticket};
use waypost_store::StoreError;
use waypost_store::work::QueueKey;

pub const DEADLINE_MS: i64 = 1_000;
pub const LEASE_MS: i64 = 30_000;

/// Wall time that moves with tokio's.
pub struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Micros {
        let us = i64::try_from(self.0.elapsed().as_micros()).unwrap();
        Micros(1_000_000_000_000 + us)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub queue: i64,
    pub lane: i64,
    pub ready_at: Micros,
    pub fence: i64,
    pub tries: u32,
}

/// The work table: `ready_at` is due time and lease in one, a claim raises the fence.
#[derive(Default)]
pub struct Table {
    pub rows: BTreeMap<i64, Stored>,
    pub queues: BTreeMap<i64, QueueKey>,
    pub claims: usize,
    pub fail_next_claims: usize,
    pub claim_ms: u64,
    next_id: i64,
}

impl Table {
    fn claim(&mut self, queue: i64, now: Micros, until: Micros, n: usize) -> Vec<Item<()>> {
        let mut heads = BTreeMap::new();
        let mut ids: Vec<(Micros, i64)> = Vec::new();
        for (&id, row) in self.rows.iter().filter(|(_, row)| row.queue == queue) {
            let is_head = row.lane == 0 || *heads.entry(row.lane).or_insert(id) == id;
            if is_head && row.ready_at <= now {
                ids.push((row.ready_at, id));
            }
        }
        ids.sort_unstable();
        ids.truncate(n);
        ids.into_iter().map(|(_, id)| self.lease(id, until)).collect()
    }

    fn lease(&mut self, id: i64, lease_until: Micros) -> Item<()> {
        let row = self.rows.get_mut(&id).unwrap();
        row.fence += 1;
        row.ready_at = lease_until;
        let (lane, fence, tries) = (row.lane, row.fence, row.tries);
        Item { id, fence, tries, lane, subject: id, lease_until, expires_at: None, payload: () }
    }
}

#[derive(Clone, Default)]
pub struct FakeStore(Arc<Mutex<Table>>);

impl FakeStore {
    pub fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap()
    }
}

impl Source<()> for FakeStore {
    fn claim(
        &self,
        queue: &QueueKey,
        now: Micros,
        lease_until: Micros,
        n: usize,
    ) -> BoxFuture<'static, Result<Vec<Item<()>>, StoreError>> {
        let (this, queue) = (self.clone(), queue.id());
        Box::pin(async move {
            tokio::task::yield_now().await;
            let (claimed, claim_ms) = {
                let mut table = this.table();
                table.claims += 1;
                if table.fail_next_claims > 0 {
                    table.fail_next_claims -= 1;
                    return Err(StoreError::Busy);
                }
                (table.claim(queue, now, lease_until, n), table.claim_ms)
            };
            // The answer takes its time; what comes meanwhile is not in it.
            tokio::time::sleep(std::time::Duration::from_millis(claim_ms)).await;
            Ok(claimed)
        })
    }

    fn next_ready(&self, queue: &QueueKey) -> BoxFuture<'static, Result<Option<Micros>, StoreError>> {
        let (this, queue) = (self.clone(), queue.id());
        Box::pin(async move {
            let table = this.table();
            Ok(table.rows.values().filter(|row| row.queue == queue).map(|row| row.ready_at).min())
        })
    }

    fn queues(&self) -> BoxFuture<'static, Result<Vec<QueueKey>, StoreError>> {
        let this = self.clone();
        Box::pin(async move { Ok(this.table().queues.values().copied().collect()) })
    }
}

/// A dispatcher over a fake store, and the writer's and the worker's side of both.
pub struct World {
    pub store: FakeStore,
    pub clock: Arc<TokioClock>,
    pub dispatcher: Arc<Dispatcher<()>>,
}

pub fn policy() -> Policy {
    Policy::new("test", DEADLINE_MS, LEASE_MS)
}

pub fn queue(tenant: i64, dest: i64) -> QueueKey {
    QueueKey { kind: 1, dest, tenant, sender: 0, priority: 2 }
}

impl World {
    pub fn new(policy: Policy) -> Self {
        let store = FakeStore::default();
        let clock = Arc::new(TokioClock(Instant::now()));
        let dispatcher = Dispatcher::new(policy, Arc::new(store.clone()), clock.clone()).unwrap();
        Self { store, clock, dispatcher }
    }

    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Accepts `n` items as a writer does: born leased as far as admitted, the rest as backlog. Returns their ids.
    pub fn accept(&self, key: &QueueKey, lane: i64, n: usize) -> Vec<i64> {
        let admission = self.dispatcher.admit(key, n);
        let (leased, lease_until) = (admission.leased, admission.lease_until);
        let mut table = self.store.table();
        table.queues.insert(key.id(), *key);
        let mut ids = Vec::new();
        for _ in 0..n {
            table.next_id += 1;
            let id = table.next_id;
            let row = Stored { queue: key.id(), lane, ready_at: self.now(), fence: 0, tries: 0 };
            table.rows.insert(id, row);
            ids.push(id);
        }
        let items: Vec<Item<()>> = ids.iter().take(leased).map(|&id| table.lease(id, lease_until)).collect();
        drop(table);
        self.dispatcher.offer(admission, items);
        if leased < n {
            self.dispatcher.backlog(key, self.now());
        }
        ids
    }

    /// The worker's transaction, then its word. False when the fence was old.
    pub fn end(&self, ticket: Ticket<()>, finish: Finish) -> bool {
        let (id, fence) = (ticket.item().id, ticket.item().fence);
        let mut table = self.store.table();
        let is_ours = table.rows.get(&id).is_some_and(|row| row.fence == fence);
        match finish {
            Finish::Done | Finish::Refused if is_ours => {
                table.rows.remove(&id);
            }
            Finish::RetryAt(at, _) if is_ours => {
                let row = table.rows.get_mut(&id).unwrap();
                (row.ready_at, row.fence, row.tries) = (at, row.fence + 1, row.tries + 1);
            }
            _ => {}
        }
        drop(table);
        ticket.finish(finish);
        is_ours
    }

    pub fn done(&self, ticket: Ticket<()>) {
        assert!(self.end(ticket, Finish::Done));
    }

    pub fn retry(&self, ticket: Ticket<()>, in_ms: i64, health: Health) {
        let at = self.now().add_ms(in_ms);
        assert!(self.end(ticket, Finish::RetryAt(at, health)));
    }

    /// The next item, or `None` when there is none for `ms` of virtual time.
    pub async fn next_within(&self, ms: u64) -> Option<Ticket<()>> {
        let next = tokio::time::timeout(std::time::Duration::from_millis(ms), self.dispatcher.next());
        next.await.unwrap_or_default()
    }

    /// The next item, at once.
    pub async fn next_now(&self) -> Ticket<()> {
        let before = self.now();
        let ticket = self.next_within(60_000).await.unwrap();
        assert_eq!(self.now(), before);
        ticket
    }
}
