//! Look-ups that wait together are answered together.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use waypost_store::{Ctx, Sql, Store, StoreError};

use super::Resolved;
use super::probe::{Found, Probes};
use crate::records::profile::find;

/// Look-ups one batch answers at most: those of the largest request.
const BATCH_MAX: usize = 1_000;

type Answer = oneshot::Sender<Result<Resolved, StoreError>>;

/// Gathers look-ups while one batch is being read, and reads the next.
#[derive(Clone)]
pub(super) struct Batcher {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    waiting: Mutex<Waiting>,
    queries: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    look_ups: Vec<(Probes, Answer)>,
    /// Whether somebody is reading and will come back for what waits.
    is_read: bool,
}

impl Batcher {
    pub fn new(store: Store) -> Self {
        Self { inner: Arc::new(Inner { store, waiting: Mutex::default(), queries: AtomicU64::new(0) }) }
    }

    pub fn queries(&self) -> u64 {
        self.inner.queries.load(Ordering::Relaxed)
    }

    /// Waits at most for the batch that is under way and for its own.
    pub async fn look(&self, probes: Probes) -> Result<Resolved, StoreError> {
        let (answer, answered) = oneshot::channel();
        let first = {
            let mut waiting = self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.look_ups.push((probes, answer));
            !std::mem::replace(&mut waiting.is_read, true)
        };
        if first {
            // A task of its own: whoever asked may stop asking, and the others still wait.
            tokio::spawn(Arc::clone(&self.inner).read_all());
        }
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Inner {
    async fn read_all(self: Arc<Self>) {
        // Who asks in the same turn comes along.
        tokio::task::yield_now().await;
        while let Some(batch) = self.take() {
            let (probes, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let inner = Arc::clone(&self);
            let read = self.store.read(move |tx| inner.answer(tx, &probes)).await;
            for (place, answer) in answers.into_iter().enumerate() {
                let one = match &read {
                    Ok(resolved) => Ok(resolved.get(place).cloned().unwrap_or_default()),
                    Err(error) => Err(error.clone()),
                };
                // Whoever asked may have gone.
                let _ = answer.send(one);
            }
        }
    }

    /// The next batch; without one, whoever asks next reads.
    fn take(&self) -> Option<Vec<(Probes, Answer)>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.look_ups.is_empty() {
            waiting.is_read = false;
            return None;
        }
        let count = waiting.look_ups.len().min(BATCH_MAX);
        Some(waiting.look_ups.drain(..count).collect())
    }

    /// Three statements at most: the customers, the app profiles, the app profiles of customers found by another way.
    fn answer(&self, tx: &mut dyn Sql, probes: &[Probes]) -> Result<Vec<Resolved>, StoreError> {
        // Every row is compared with the tenant of its look-up; a batch serves several.
        let ctx = Ctx::all("address resolution");
        let mut found = Found::default();
        let wanted = distinct(probes.iter().filter_map(|probes| probes.customer));
        if !wanted.is_empty() {
            self.count();
            found.add_customers(find::customers(tx, &ctx, &wanted)?);
        }
        let wanted = distinct(probes.iter().filter_map(|probes| probes.app_profile));
        if !wanted.is_empty() {
            self.count();
            found.add_app_profiles(find::app_profiles(tx, &ctx, &wanted)?);
        }
        let wanted = distinct(probes.iter().filter_map(|probes| probes.of_customer(&found)));
        if !wanted.is_empty() {
            self.count();
            found.add_app_profiles(find::app_profiles(tx, &ctx, &wanted)?);
        }
        Ok(probes.iter().map(|probes| probes.resolve(&found)).collect())
    }

    fn count(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("waypost_profile_queries_total").increment(1);
    }
}

fn distinct(hashes: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut list: Vec<i64> = hashes.collect::<HashSet<_>>().into_iter().collect();
    list.sort_unstable();
    list
}
