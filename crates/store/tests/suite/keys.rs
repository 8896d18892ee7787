//! Keys are found, whatever merges, drops and restarts happen between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waypost_core::id::MessageId;
use waypost_core::time::{ManualClock, Micros};
use waypost_store::testing::{on_both_engines, on_both_places};
use waypost_store::{Sql, Store, keys};

const DAY_MS: i64 = 86_400_000;

async fn add_all(store: &Store, pairs: Vec<(i64, i64)>) {
    let job = move |tx: &mut dyn Sql| pairs.iter().try_for_each(|&(hash, id)| keys::add(tx, hash, id));
    store.write(job).await.unwrap();
}

/// On the writer, which has the tail in memory, and on a reader, which has not: both must agree.
async fn find(store: &Store, hash: i64) -> Vec<i64> {
    let written = store.write(move |tx| keys::find(tx, hash)).await.unwrap();
    let read = store.read(move |tx| keys::find(tx, hash)).await.unwrap();
    assert_eq!(written, read);
    written
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    store.read(move |tx| tx.query(sql, &[])).await.unwrap()[0].int(0).unwrap()
}

#[tokio::test]
async fn a_key_is_found_in_its_own_transaction_and_after_it() {
    on_both_engines(|store| async move {
        let job = |tx: &mut dyn Sql| {
            keys::add(tx, 5, 1)?;
            keys::add(tx, 5, 2)?;
            keys::add(tx, 6, 3)?;
            Ok((keys::find(tx, 5)?, keys::find_latest(tx, 5)?, keys::find(tx, 7)?))
        };
        assert_eq!(store.write(job).await, Ok((vec![2, 1], Some(2), vec![])));
        assert_eq!(find(&store, 5).await, [2, 1]);
        assert_eq!(store.read(|tx| keys::find_latest(tx, 7)).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_key_is_not_found() {
    on_both_engines(|store| async move {
        add_all(&store, vec![(5, 1)]).await;
        let job = |tx: &mut dyn Sql| {
            keys::add(tx, 5, 1)?;
            keys::add(tx, 5, 2)?;
            tx.query("SELECT nonsense", &[]).map(|_| ())
        };
        assert!(store.write(job).await.is_err());
        assert_eq!(find(&store, 5).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn the_writer_merges_a_long_tail_by_and_by() {
    on_both_engines(|store| async move {
        let key = |id: i64| (id.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()), id);
        for chunk in 0..20 {
            add_all(&store, (chunk * 500..(chunk + 1) * 500).map(key).collect()).await;
        }
        // Each further group does one step, whatever it is about.
        for _ in 0..20 {
            store.write(|_| Ok(())).await.unwrap();
        }
        let tail = count(&store, "SELECT count(*) FROM find_tail").await;
        assert!(tail < keys::TAIL_MAX as i64, "{tail} keys in the tail");
        assert!(count(&store, "SELECT CAST(sum(keys) AS BIGINT) FROM find_gen").await >= 1_000);
        for id in (0..10_000).step_by(97) {
            assert_eq!(find(&store, key(id).0).await, [id]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_merge_loses_no_key() {
    on_both_places(|config| async move {
        let store = Store::open(&config).unwrap();
        add_all(&store, (0..10_000).map(|id| (id % 4_999, id)).collect()).await;
        store.write(|_| Ok(())).await.unwrap();
        store.write(|_| Ok(())).await.unwrap();
        store.close().await;
        let store = Store::open(&config).unwrap();
        for _ in 0..15 {
            store.write(|_| Ok(())).await.unwrap();
        }
        for hash in (0..4_999).step_by(53) {
            let ids: Vec<i64> =
                [hash + 9_998, hash + 4_999, hash].into_iter().filter(|&id| id < 10_000).collect();
            assert_eq!(find(&store, hash).await, ids);
        }
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn keys_another_process_adds_are_found_by_the_server() {
    on_both_places(|config| async move {
        let server = Store::open(&config).unwrap();
        add_all(&server, vec![(5, 1)]).await;
        let admin = Store::open(&config.clone().admin()).unwrap();
        add_all(&admin, vec![(5, 2)]).await;
        admin.close().await;
        assert_eq!(find(&server, 5).await, [2, 1]);
        server.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_look_up_returns_the_newest_hundred() {
    on_both_engines(|store| async move {
        add_all(&store, (0..250).map(|id| (5, id)).collect()).await;
        let newest: Vec<i64> = (150..250).rev().collect();
        assert_eq!(find(&store, 5).await, newest);
        store.write(|tx| keys::merge(tx, Micros(1))).await.unwrap();
        assert_eq!(find(&store, 5).await, newest);
    })
    .await;
}

#[tokio::test]
async fn a_generation_closes_after_a_day_and_is_dropped_when_all_its_ids_are_old() {
    on_both_places(|mut config| async move {
        let clock = Arc::new(ManualClock::new(Micros::from_ms(DAY_MS)));
        config.clock = clock.clone();
        let store = Store::open(&config).unwrap();
        add_all(&store, vec![(5, 10)]).await;
        store.write(|tx| keys::merge(tx, Micros::from_ms(DAY_MS))).await.unwrap();
        add_all(&store, vec![(5, 20)]).await;
        store.write(|tx| keys::merge(tx, Micros::from_ms(2 * DAY_MS))).await.unwrap();
        assert_eq!(count(&store, "SELECT count(*) FROM find_gen").await, 2);
        let drop = |cutoff| move |tx: &mut dyn Sql| keys::drop_before(tx, MessageId(cutoff));
        assert_eq!(store.write(drop(10)).await, Ok(false));
        assert_eq!(store.write(drop(11)).await, Ok(true));
        assert_eq!(store.write(drop(100)).await, Ok(false), "the open generation stays");
        assert_eq!(find(&store, 5).await, [20]);
        store.close().await;
    })
    .await;
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<(i64, i64)>),
    AddAndFail(Vec<(i64, i64)>),
    Merge { day: i64 },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pairs = prop::collection::vec((0_i64..6, 0_i64..40), 1..8);
    let step = prop_oneof![
        5 => pairs.clone().prop_map(Step::Add),
        1 => pairs.prop_map(Step::AddAndFail),
        2 => (0_i64..9).prop_map(|day| Step::Merge { day }),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..12)
}

#[test]
fn find_equals_a_naive_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(on_both_places(|config| {
            let steps = steps.clone();
            async move {
                let mut store = Store::open(&config).unwrap();
                let mut model: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
                for step in steps {
                    match step {
                        Step::Add(pairs) => {
                            for &(hash, id) in &pairs {
                                model.entry(hash).or_default().insert(id);
                            }
                            add_all(&store, pairs).await;
                        }
                        Step::AddAndFail(pairs) => {
                            let job = move |tx: &mut dyn Sql| {
                                pairs.iter().try_for_each(|&(hash, id)| keys::add(tx, hash, id))?;
                                tx.query("SELECT nonsense", &[]).map(|_| ())
                            };
                            assert!(store.write(job).await.is_err());
                        }
                        Step::Merge { day } => {
                            let now = Micros::from_ms(day * DAY_MS);
                            store.write(move |tx| keys::merge(tx, now)).await.unwrap();
                        }
                        Step::Reopen => {
                            store.close().await;
                            store = Store::open(&config).unwrap();
                        }
                    }
                    for hash in 0..6 {
                        let expected: Vec<i64> =
                            model.get(&hash).into_iter().flatten().rev().copied().collect();
                        assert_eq!(find(&store, hash).await, expected);
                    }
                }
                store.close().await;
            }
        }));
        Ok(())
    });
    outcome.unwrap();
}
