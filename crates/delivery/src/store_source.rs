//! The store as a source of items.

use std::sync::Arc;

use metrics::counter;
use waypost_core::time::Micros;
use waypost_store::work::{self, QueueKey, WorkRow};
use waypost_store::{Sql, Store, StoreError};

use crate::item::{BoxFuture, Item, Source};

/// Claims work rows of one kind and loads what their workers need, in one transaction.
pub struct StoreSource<F> {
    store: Store,
    kind: i64,
    load: Arc<F>,
}

impl<F> StoreSource<F> {
    /// `load` gives one payload for each row, in their order; it may run more than once for a claim. `None` says that
    /// what the row is about is gone: the row is removed with the claim.
    pub fn new(store: Store, kind: i64, load: F) -> Self {
        Self { store, kind, load: Arc::new(load) }
    }
}

impl<P, F> Source<P> for StoreSource<F>
where
    P: Send + 'static,
    F: Fn(&mut dyn Sql, &[WorkRow]) -> Result<Vec<Option<P>>, StoreError> + Send + Sync + 'static,
{
    fn claim(
        &self,
        queue: &QueueKey,
        now: Micros,
        lease_until: Micros,
        n: usize,
    ) -> BoxFuture<'static, Result<Vec<Item<P>>, StoreError>> {
        let (load, queue) = (Arc::clone(&self.load), queue.id());
        Box::pin(self.store.write_own(move |tx| {
            let rows = work::claim(tx, queue, now, lease_until, n)?;
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            let mut items = Vec::with_capacity(rows.len());
            for row in rows {
                match load(tx, std::slice::from_ref(&row)).map(|mut one| one.pop().flatten()) {
                    Ok(Some(payload)) => items.push(item(&row, payload)),
                    Ok(None) => remove(tx, &row)?,
                    Err(StoreError::Corrupt(what)) => set_aside(tx, &row, &what, now)?,
                    Err(error) => return Err(error),
                }
            }
            Ok(items)
        }))
    }

    fn next_ready(&self, queue: &QueueKey) -> BoxFuture<'static, Result<Option<Micros>, StoreError>> {
        let (store, queue) = (self.store.clone(), queue.id());
        Box::pin(async move { store.read(move |tx| work::next_ready(tx, queue)).await })
    }

    fn queues(&self) -> BoxFuture<'static, Result<Vec<QueueKey>, StoreError>> {
        let (store, kind) = (self.store.clone(), self.kind);
        Box::pin(async move { store.read(move |tx| work::queues(tx, kind)).await })
    }
}

fn item<P>(row: &WorkRow, payload: P) -> Item<P> {
    Item {
        id: row.id,
        fence: row.fence,
        tries: row.tries,
        lane: row.lane,
        subject: row.subject,
        lease_until: row.ready_at,
        expires_at: row.expires_at,
        payload,
    }
}

/// How long a row that cannot be read is left alone.
const SET_ASIDE_MS: i64 = 3_600_000;

/// One unreadable row must not hold up the queue behind it.
fn set_aside(tx: &mut dyn Sql, row: &WorkRow, what: &str, now: Micros) -> Result<(), StoreError> {
    counter!("waypost_delivery_unreadable_total").increment(1);
    tracing::error!(work_id = row.id, what, "work that cannot be read is set aside");
    work::release(tx, row.id, row.fence, now.add_ms(SET_ASIDE_MS)).map(|_| ())
}

fn remove(tx: &mut dyn Sql, row: &WorkRow) -> Result<(), StoreError> {
    counter!("waypost_delivery_subjects_gone_total").increment(1);
    tracing::warn!(work_id = row.id, subject = row.subject, "removed work whose subject is gone");
    work::complete(tx, row.id, row.fence).map(|_| ())
}
