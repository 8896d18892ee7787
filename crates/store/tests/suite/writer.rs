//! Group commit: order, isolation of failures, bounds, ends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use waypost_store::testing::{on_both_engines, on_both_places};
use waypost_store::{Row, Sql, Store, StoreError};

fn set(name: &str) -> impl FnMut(&mut dyn Sql) -> Result<(), StoreError> + Send + use<> {
    let name = name.to_owned();
    move |tx| tx.put("INSERT INTO setting (name, value) VALUES (?1, '')", &[(&name).into()])
}

async fn names(store: &Store) -> Vec<String> {
    let rows = store.read(|tx| tx.query("SELECT name FROM setting ORDER BY name", &[])).await.unwrap();
    rows.iter().map(|row: &Row| row.text(0).unwrap().to_owned()).collect()
}

/// Holds the writer inside a job until the returned sender is dropped, so that a test can queue what follows.
fn hold(store: &Store) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let (started, start) = mpsc::channel();
    let held = Mutex::new(held);
    store.write_then(
        move |_| {
            let _ = started.send(());
            let _ = held.lock().unwrap().recv();
            Ok(())
        },
        |_| {},
    );
    start.recv().unwrap();
    release
}

#[tokio::test]
async fn a_write_that_has_resolved_is_seen_by_a_read() {
    on_both_engines(|store| async move {
        store.write(set("a")).await.unwrap();
        assert_eq!(names(&store).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn jobs_run_and_answer_in_the_order_of_the_calls() {
    on_both_engines(|store| async move {
        let seen = Arc::new(Mutex::new(Vec::new()));
        for n in 0..500 {
            let seen = Arc::clone(&seen);
            store.write_then(move |_| Ok(n), move |outcome| seen.lock().unwrap().push(outcome.unwrap()));
        }
        store.write(|_| Ok(())).await.unwrap();
        assert_eq!(*seen.lock().unwrap(), (0..500).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_failing_job_takes_nobody_with_it() {
    on_both_engines(|store| async move {
        store.write(set("b")).await.unwrap();
        let release = hold(&store);
        let jobs = [store.write(set("a")), store.write(set("b")), store.write(set("c"))];
        drop(release);
        let mut outcomes = Vec::new();
        for job in jobs {
            outcomes.push(job.await);
        }
        assert!(
            matches!(outcomes.as_slice(), [Ok(()), Err(StoreError::Constraint { .. }), Ok(())]),
            "{outcomes:?}"
        );
        assert_eq!(names(&store).await, ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_failing_job_wrote_before_it_failed_is_rolled_back() {
    on_both_engines(|store| async move {
        let job = |tx: &mut dyn Sql| {
            set("a")(tx)?;
            set("a")(tx)
        };
        assert!(matches!(store.write(job).await, Err(StoreError::Constraint { .. })));
        assert_eq!(names(&store).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_panicking_job_is_answered_and_the_writer_lives_on() {
    on_both_engines(|store| async move {
        let release = hold(&store);
        let before = store.write(set("a"));
        let panics = store.write(|tx| {
            set("b")(tx)?;
            if tx.query("SELECT name FROM setting", &[])?.is_empty() { Ok(()) } else { panic!("of the test") }
        });
        drop(release);
        assert_eq!(before.await, Ok(()));
        assert_eq!(panics.await, Err(StoreError::Panicked("of the test".to_owned())));
        store.write(set("c")).await.unwrap();
        assert_eq!(names(&store).await, ["a", "c"]);
    })
    .await;
}

#[tokio::test]
async fn a_panicking_read_is_answered_and_the_reader_lives_on() {
    on_both_engines(|store| async move {
        for _ in 0..4 {
            let outcome: Result<(), _> = store.read(|_| panic!("of the test")).await;
            assert_eq!(outcome, Err(StoreError::Panicked("of the test".to_owned())));
        }
        assert_eq!(names(&store).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn over_the_bound_of_the_queue_a_job_is_refused_as_busy() {
    on_both_places(|mut config| async move {
        config.write_queue_max = 2;
        let store = Store::open(&config).unwrap();
        let release = hold(&store);
        let jobs = [store.write(set("a")), store.write(set("b")), store.write(set("c"))];
        drop(release);
        let mut outcomes = Vec::new();
        for job in jobs {
            outcomes.push(job.await);
        }
        assert_eq!(outcomes, [Ok(()), Ok(()), Err(StoreError::Busy)]);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_servers_own_writes_find_room_where_new_work_finds_none() {
    on_both_places(|mut config| async move {
        config.write_queue_max = 1;
        let store = Store::open(&config).unwrap();
        let release = hold(&store);
        let (first, refused) = (store.write(set("a")), store.write(set("b")));
        let own = [store.write_own(set("c")), store.write_own(set("d"))];
        drop(release);
        assert_eq!((first.await, refused.await), (Ok(()), Err(StoreError::Busy)));
        for job in own {
            assert_eq!(job.await, Ok(()));
        }
        assert_eq!(names(&store).await, ["a", "c", "d"]);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    on_both_places(|config| async move {
        let store = Store::open(&config).unwrap();
        let release = hold(&store);
        let queued: Vec<_> = (0..50).map(|n| store.write(set(&format!("{n:02}")))).collect();
        let late = store.clone();
        let closing = tokio::spawn(store.close());
        drop(release);
        closing.await.unwrap();
        for job in queued {
            assert_eq!(job.await, Ok(()));
        }
        assert_eq!(late.write(set("late")).await, Err(StoreError::Closed));
        assert_eq!(late.read(|_| Ok(())).await, Err(StoreError::Closed));
        let store = Store::open(&config).unwrap();
        assert_eq!(names(&store).await.len(), 50);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_job_answered_once_is_answered_only_once() {
    on_both_engines(|store| async move {
        let answers = Arc::new(AtomicU32::new(0));
        for name in ["a", "a", "b"] {
            let answers = Arc::clone(&answers);
            store.write_then(set(name), move |_| {
                answers.fetch_add(1, Ordering::SeqCst);
            });
        }
        store.write(|_| Ok(())).await.unwrap();
        assert_eq!(answers.load(Ordering::SeqCst), 3);
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_what_follows_a_job_does_not_end_the_writer() {
    on_both_engines(|store| async move {
        store.write_then(set("a"), |_| panic!("of the test"));
        store.write(set("b")).await.unwrap();
        assert_eq!(names(&store).await, ["a", "b"]);
    })
    .await;
}
