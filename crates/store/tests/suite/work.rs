//! Leases and fences.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waypost_core::id::MessageId;
use waypost_core::time::Micros;
use waypost_store::testing::{Place, on_both_engines};
use waypost_store::work::{self, NewWork, QueueKey, WorkRow};
use waypost_store::{Sql, Store, StoreError};

const QUEUE: QueueKey = QueueKey { kind: 1, dest: 2, tenant: 3, sender: 4, priority: 5 };
const T0: Micros = Micros::from_secs(1_700_000_000);

fn item(id: i64, lane: i64) -> NewWork<'static> {
    NewWork {
        id,
        queue: &QUEUE,
        lane,
        ready_at: T0,
        leased: false,
        subject: 9,
        expires_at: None,
        payload: "{}",
    }
}

async fn insert(store: &Store, items: Vec<NewWork<'static>>) {
    let job = move |tx: &mut dyn Sql| {
        work::ensure_queue(tx, &QUEUE)?;
        items.iter().try_for_each(|item| work::insert(tx, item))
    };
    store.write(job).await.unwrap();
}

async fn claim(store: &Store, now: Micros, n: usize) -> Vec<WorkRow> {
    store.write(move |tx| work::claim(tx, QUEUE.id(), now, now.add_ms(1_000), n)).await.unwrap()
}

async fn claim_ids(store: &Store, now: Micros, n: usize) -> Vec<i64> {
    claim(store, now, n).await.iter().map(|row| row.id).collect()
}

#[test]
fn the_id_of_a_queue_is_stable_and_depends_on_every_part() {
    assert_eq!(QUEUE.id(), -1_442_727_602_341_613_334);
    let others = [
        QueueKey { kind: 2, ..QUEUE },
        QueueKey { dest: 3, ..QUEUE },
        QueueKey { tenant: 4, ..QUEUE },
        QueueKey { sender: 3, ..QUEUE },
        QueueKey { priority: 4, ..QUEUE },
        QueueKey { dest: 3, tenant: 2, ..QUEUE },
    ];
    let ids: std::collections::BTreeSet<i64> = others.iter().map(QueueKey::id).chain([QUEUE.id()]).collect();
    assert_eq!(ids.len(), others.len() + 1);
}

#[tokio::test]
async fn a_claim_takes_the_oldest_items_under_a_lease() {
    on_both_engines(|store| async move {
        insert(&store, vec![item(3, 0), item(1, 0), item(2, 0)]).await;
        let expected = |id| WorkRow {
            id,
            queue: QUEUE.id(),
            lane: 0,
            ready_at: T0.add_ms(1_000),
            fence: 1,
            tries: 0,
            subject: 9,
            expires_at: None,
            payload: "{}".to_owned(),
            last_error: None,
            created_at: MessageId(id).time(),
        };
        assert_eq!(claim(&store, T0.sub_ms(1), 2).await, []);
        assert_eq!(claim(&store, T0, 2).await, [expected(1), expected(2)]);
        assert_eq!(claim(&store, T0, 2).await, [expected(3)]);
        assert_eq!(claim(&store, T0.add_ms(999), 2).await, []);
    })
    .await;
}

#[tokio::test]
async fn an_expired_lease_is_claimed_again_and_the_old_fence_is_refused() {
    on_both_engines(|store| async move {
        insert(&store, vec![item(1, 0)]).await;
        let first = claim(&store, T0, 1).await.remove(0);
        let second = claim(&store, T0.add_ms(1_000), 1).await.remove(0);
        assert_eq!((first.fence, second.fence), (1, 2));
        let with = |fence| {
            move |tx: &mut dyn Sql| {
                Ok([
                    work::retry(tx, 1, fence, T0, "late")?,
                    work::release(tx, 1, fence, T0)?,
                    work::complete(tx, 1, fence)?,
                ])
            }
        };
        assert_eq!(store.write(with(1)).await, Ok([false; 3]));
        assert_eq!(store.write(move |tx| work::complete(tx, 1, 2)).await, Ok(true));
        assert_eq!(store.write(move |tx| work::complete(tx, 1, 2)).await, Ok(false));
    })
    .await;
}

#[tokio::test]
async fn a_retry_counts_and_keeps_the_reason_and_a_release_does_not() {
    on_both_engines(|store| async move {
        insert(&store, vec![item(1, 0)]).await;
        claim(&store, T0, 1).await;
        let long = "é".repeat(400);
        let job = move |tx: &mut dyn Sql| {
            Ok((work::retry(tx, 1, 1, T0.add_ms(5), &long)?, work::retry(tx, 1, 1, T0, "twice")?))
        };
        assert_eq!(store.write(job).await, Ok((true, false)));
        assert_eq!(claim(&store, T0, 1).await, []);
        let row = claim(&store, T0.add_ms(5), 1).await.remove(0);
        assert_eq!((row.tries, row.last_error, row.fence), (1, Some("é".repeat(250)), 3));
        assert_eq!(store.write(|tx| work::release(tx, 1, 3, T0)).await, Ok(true));
        let row = claim(&store, T0, 1).await.remove(0);
        assert_eq!((row.tries, row.fence), (1, 5));
    })
    .await;
}

#[tokio::test]
async fn of_a_lane_only_the_head_is_claimed() {
    on_both_engines(|store| async move {
        insert(&store, vec![item(1, 7), item(2, 7), item(3, 8), item(4, 0)]).await;
        assert_eq!(claim_ids(&store, T0, 10).await, [1, 3, 4]);
        assert_eq!(claim_ids(&store, T0, 10).await, [0; 0]);
        store.write(|tx| work::complete(tx, 1, 1)).await.unwrap();
        assert_eq!(claim_ids(&store, T0, 10).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn an_item_born_leased_is_invisible_until_the_lease_ends() {
    on_both_engines(|store| async move {
        insert(&store, vec![NewWork { leased: true, ready_at: T0.add_ms(10), ..item(1, 0) }]).await;
        assert_eq!(claim(&store, T0, 1).await, []);
        assert_eq!(store.read(|tx| work::next_ready(tx, QUEUE.id())).await, Ok(Some(T0.add_ms(10))));
        assert_eq!(store.write(|tx| work::complete(tx, 1, 1)).await, Ok(true));
        assert_eq!(store.read(|tx| work::next_ready(tx, QUEUE.id())).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn at_a_start_leases_of_a_kind_are_void_but_retries_keep_their_time() {
    on_both_engines(|store| async move {
        let leased = NewWork { leased: true, ready_at: T0.add_ms(60_000), ..item(1, 0) };
        let waiting = NewWork { ready_at: T0.add_ms(60_000), ..item(2, 0) };
        insert(&store, vec![leased, waiting, item(3, 0)]).await;
        assert_eq!(store.write(|tx| work::void_leases(tx, 99, T0)).await, Ok(0));
        assert_eq!(store.write(|tx| work::void_leases(tx, QUEUE.kind, T0)).await, Ok(1));
        let rows: Vec<_> = claim(&store, T0, 1).await.iter().map(|row| (row.id, row.fence)).collect();
        assert_eq!(rows, [(1, 3)], "ahead of what was never claimed");
        assert_eq!(claim_ids(&store, T0, 5).await, [3]);
        assert_eq!(store.write(|tx| work::complete(tx, 1, 1)).await, Ok(false));
    })
    .await;
}

#[tokio::test]
async fn queues_with_items_are_listed() {
    on_both_engines(|store| async move {
        const OTHER: QueueKey = QueueKey { kind: 2, ..QUEUE };
        const EMPTY: QueueKey = QueueKey { dest: 77, ..QUEUE };
        insert(&store, vec![item(1, 0), NewWork { queue: &OTHER, ..item(2, 0) }]).await;
        let ensure =
            |tx: &mut dyn Sql| [OTHER, EMPTY, EMPTY].iter().try_for_each(|key| work::ensure_queue(tx, key));
        store.write(ensure).await.unwrap();
        assert_eq!(store.read(|tx| work::queues(tx, 1)).await, Ok(vec![QUEUE]));
        assert_eq!(store.read(|tx| work::queues(tx, 2)).await, Ok(vec![OTHER]));
    })
    .await;
}

#[tokio::test]
async fn a_queue_of_a_rolled_back_job_is_stored_by_the_next() {
    on_both_engines(|store| async move {
        let fails = |tx: &mut dyn Sql| {
            work::ensure_queue(tx, &QUEUE)?;
            tx.query("SELECT nonsense", &[]).map(|_| ())
        };
        assert!(matches!(store.write(fails).await, Err(StoreError::Corrupt(_))));
        insert(&store, vec![item(1, 0)]).await;
        assert_eq!(store.read(|tx| work::queues(tx, 1)).await, Ok(vec![QUEUE]));
    })
    .await;
}

#[tokio::test]
async fn two_nodes_never_claim_the_same_item() {
    let place = Place::postgres().await;
    let (one, two) = (place.open(), place.open());
    insert(&one, (1..=200).map(|id| item(id, 0)).collect()).await;
    let all = |store: Store| async move {
        let mut ids = Vec::new();
        loop {
            let claimed = claim_ids(&store, T0, 7).await;
            if claimed.is_empty() {
                return ids;
            }
            ids.extend(claimed);
        }
    };
    let (of_one, of_two) = tokio::join!(tokio::spawn(all(one.clone())), tokio::spawn(all(two.clone())));
    let mut ids = [of_one.unwrap(), of_two.unwrap()].concat();
    ids.sort_unstable();
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
    one.close().await;
    two.close().await;
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Claim { worker: usize },
    Complete { worker: usize },
    Retry { worker: usize },
    Pass { ms: i64 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let worker = || 0_usize..2;
    let act = prop_oneof![
        3 => worker().prop_map(|worker| Act::Claim { worker }),
        2 => worker().prop_map(|worker| Act::Complete { worker }),
        1 => worker().prop_map(|worker| Act::Retry { worker }),
        2 => prop_oneof![Just(500_i64), Just(1_000)].prop_map(|ms| Act::Pass { ms }),
    ];
    prop::collection::vec(act, 1..40)
}

#[test]
fn whatever_two_workers_do_an_item_is_completed_once_and_only_under_the_newest_lease() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&acts(), |acts| {
        runtime.block_on(on_both_engines(|store| interleave(store, acts.clone())));
        Ok(())
    });
    outcome.unwrap();
}

async fn interleave(store: Store, acts: Vec<Act>) {
    insert(&store, (1..=4).map(|id| item(id, 0)).collect()).await;
    let mut now = T0;
    let mut held: [Vec<WorkRow>; 2] = [vec![], vec![]];
    // The newest fence given out for each item that is not completed.
    let mut newest: BTreeMap<i64, i64> = (1..=4).map(|id| (id, 0)).collect();
    for act in acts {
        match act {
            Act::Pass { ms } => now = now.add_ms(ms),
            Act::Claim { worker } => {
                for row in claim(&store, now, 2).await {
                    assert!(row.fence > newest[&row.id], "fences rise");
                    newest.insert(row.id, row.fence);
                    held[worker].push(row);
                }
            }
            Act::Complete { worker } => {
                let Some(row) = held[worker].pop() else { continue };
                let done = store.write(move |tx| work::complete(tx, row.id, row.fence)).await.unwrap();
                assert_eq!(done, newest.get(&row.id) == Some(&row.fence));
                if done {
                    newest.remove(&row.id);
                }
            }
            Act::Retry { worker } => {
                let Some(row) = held[worker].pop() else { continue };
                let done = store.write(move |tx| work::retry(tx, row.id, row.fence, now, "")).await.unwrap();
                assert_eq!(done, newest.get(&row.id) == Some(&row.fence));
                if done {
                    newest.insert(row.id, row.fence + 1);
                }
            }
        }
    }
}
