//! The dispatcher over the real store.

use std::sync::Arc;

use waypost_core::id::MessageId;
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_delivery::{Dispatcher, Finish, Health, Item, Policy, StoreSource};
use waypost_store::work::{self, NewWork, QueueKey, WorkRow};
use waypost_store::{Sql, Store, StoreConfig, StoreError};

const KEY: QueueKey = QueueKey { kind: 4, dest: 1, tenant: 1, sender: 0, priority: 2 };

/// Rows whose payload is "gone" have no subject any more.
fn load(_: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<String>>, StoreError> {
    Ok(rows.iter().map(|row| (row.payload != "gone").then(|| row.payload.clone())).collect())
}

struct Real {
    store: Store,
    dispatcher: Arc<Dispatcher<String>>,
    _folder: tempfile::TempDir,
}

impl Real {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig::sqlite(folder.path().join("waypost.db"))).unwrap();
        let source = Arc::new(StoreSource::new(store.clone(), 4, load));
        let policy = Policy::new("test", 1_000, 30_000);
        let dispatcher = Dispatcher::new(policy, source, Arc::new(SystemClock)).unwrap();
        Self { store, dispatcher, _folder: folder }
    }

    async fn insert(&self, n: i64, payload: &'static str, lease_until: Option<Micros>) -> i64 {
        let id = MessageId::floor(SystemClock.now()).0 + n;
        let ready_at = lease_until.unwrap_or_else(|| SystemClock.now());
        let job = self.store.write(move |tx| {
            work::ensure_queue(tx, &KEY)?;
            let leased = lease_until.is_some();
            let row =
                NewWork { id, queue: &KEY, lane: 0, ready_at, leased, subject: 9, expires_at: None, payload };
            work::insert(tx, &row)
        });
        job.await.unwrap();
        id
    }

    async fn left(&self) -> Option<Micros> {
        self.store.read(|tx| work::next_ready(tx, KEY.id())).await.unwrap()
    }
}

#[tokio::test]
async fn stored_work_is_recovered_done_and_retried_under_its_fence() {
    let real = Real::new();
    let (one, _, two) = (
        real.insert(1, "one", None).await,
        real.insert(2, "gone", None).await,
        real.insert(3, "two", None).await,
    );
    real.dispatcher.recover().await.unwrap();
    let first = real.dispatcher.next().await.unwrap();
    let second = real.dispatcher.next().await.unwrap();
    let seen = [&first, &second].map(|t| (t.item().id, t.item().fence, t.item().payload.clone()));
    assert_eq!(seen, [(one, 1, "one".to_owned()), (two, 1, "two".to_owned())]);
    let now = SystemClock.now();
    let committed =
        real.store.write(move |tx| Ok((work::complete(tx, one, 1)?, work::retry(tx, two, 1, now, "again")?)));
    assert_eq!(committed.await.unwrap(), (true, true));
    first.finish(Finish::Done);
    second.finish(Finish::RetryAt(now, Health::Healthy));
    let again = real.dispatcher.next().await.unwrap();
    assert_eq!((again.item().id, again.item().fence, again.item().tries), (two, 3, 1));
    assert!(real.store.write(move |tx| work::complete(tx, two, 3)).await.unwrap());
    again.finish(Finish::Done);
    assert_eq!(real.left().await, None);
}

#[tokio::test]
async fn a_born_leased_row_is_handed_out_under_the_fence_it_was_born_with() {
    let real = Real::new();
    let admission = real.dispatcher.admit(&KEY, 1);
    let lease_until = admission.lease_until;
    let id = real.insert(1, "born", Some(lease_until)).await;
    let payload = "born".to_owned();
    let item = Item { id, fence: 1, tries: 0, lane: 0, subject: 9, lease_until, expires_at: None, payload };
    real.dispatcher.offer(admission, [item.clone()]);
    let ticket = real.dispatcher.next().await.unwrap();
    assert_eq!(ticket.item(), &item);
    assert!(real.store.write(move |tx| work::complete(tx, id, 1)).await.unwrap());
    ticket.finish(Finish::Done);
    assert_eq!((real.left().await, real.dispatcher.memory_items()), (None, 0));
}
