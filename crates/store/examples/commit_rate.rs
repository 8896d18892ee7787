//! How many accepts a second the store takes, durably: for each a request, a message, two keys and a work row, from 16
//! and 64 writers that each wait for their commit, on SQLite and on PostgreSQL with fsync on.
//!
//! `cargo run --release -p waypost-store --features testing --example commit_rate [seconds] [rows loaded before]`

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use waypost_core::id::IdGenerator;
use waypost_core::key::{KeyKind, key};
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_store::testing::PrivatePostgres;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Param, Sql, Store, StoreConfig, StoreError, keys};

const QUEUE: QueueKey = QueueKey { kind: 1, dest: 1, tenant: 1, sender: 1, priority: 2 };
const CONTENT: &str =
    r#"{"text":"Your order 123456 has left our warehouse and will arrive tomorrow between 9 and 12."}"#;
const WRITERS: [usize; 2] = [16, 64];
/// Accepts of one job while loading.
const LOAD_BATCH: u16 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let loaded: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let server = PrivatePostgres::start(true);
    let places = [
        ("SQLite", StoreConfig::sqlite(folder.path().join("waypost.db"))),
        ("PostgreSQL", StoreConfig::postgres(server.url("postgres"))),
    ];
    for (name, config) in places {
        runtime.block_on(measure(name, &config, Duration::from_secs(seconds), loaded))?;
    }
    Ok(())
}

async fn measure(name: &str, config: &StoreConfig, run: Duration, loaded: u64) -> Result<(), Box<dyn Error>> {
    let store = Store::open(config)?;
    let ids = Arc::new(IdGenerator::new(1)?);
    let started = Instant::now();
    for _ in 0..loaded / u64::from(LOAD_BATCH) {
        accept(&store, &ids, LOAD_BATCH).await?;
    }
    if loaded > 0 {
        println!(
            "{name}: {loaded} rows loaded in batches, {:.0}/s",
            loaded as f64 / started.elapsed().as_secs_f64()
        );
    }
    for writers in WRITERS {
        let stop = Arc::new(AtomicBool::new(false));
        let started = Instant::now();
        let tasks: Vec<_> = (0..writers)
            .map(|_| tokio::spawn(write_until(store.clone(), Arc::clone(&ids), Arc::clone(&stop))))
            .collect();
        tokio::time::sleep(run).await;
        stop.store(true, Ordering::Relaxed);
        let mut waits_us = Vec::new();
        for task in tasks {
            waits_us.extend(task.await??);
        }
        let rate = waits_us.len() as f64 / started.elapsed().as_secs_f64();
        waits_us.sort_unstable();
        let at = |share: usize| {
            waits_us.get(waits_us.len() * share / 1_000).copied().unwrap_or(0) as f64 / 1_000.0
        };
        println!(
            "{name}, {writers} writers: {rate:.0} accepts/s, p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms",
            at(500),
            at(990),
            at(999)
        );
    }
    store.close().await;
    Ok(())
}

/// Accepts one after the other; returns how long each waited, in microseconds.
async fn write_until(
    store: Store,
    ids: Arc<IdGenerator>,
    stop: Arc<AtomicBool>,
) -> Result<Vec<u64>, StoreError> {
    let mut waits_us = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        accept(&store, &ids, 1).await?;
        waits_us.push(started.elapsed().as_micros() as u64);
    }
    Ok(waits_us)
}

async fn accept(store: &Store, ids: &IdGenerator, count: u16) -> Result<(), StoreError> {
    let now = SystemClock.now();
    let first = ids.next_range(now, count * 2);
    let job = move |tx: &mut dyn Sql| {
        work::ensure_queue(tx, &QUEUE)?;
        (0..count).try_for_each(|n| insert(tx, now, first.nth(n * 2).0))
    };
    store.write(job).await
}

/// As the messaging family writes one accepted SMS.
fn insert(tx: &mut dyn Sql, now: Micros, id: i64) -> Result<(), StoreError> {
    // Spread as random client references are.
    let correlation = format!("ref-{:016x}", id.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()));
    let destination = format!("+4915{:09}", id.wrapping_mul(7_919).rem_euclid(1_000_000_000));
    tx.put(
        "INSERT INTO request (id, tenant, service, transid, api_key, channel, content, notify_url, callback_data, \
         expires_at, priority, route, units, messages) VALUES (?1, 1, 1, ?2, 1, 'sms', ?3, NULL, NULL, NULL, 2, NULL, 1, 1)",
        &[id.into(), Param::Blob(&u128::from(id.unsigned_abs()).to_be_bytes()), CONTENT.into()],
    )?;
    tx.put(
        "INSERT INTO message (id, request, tenant, service, unit, dest_type, destination, correlation, state, code, \
         progress, connection, parts, updated_at) \
         VALUES (?1, ?1, 1, 1, -1, 'msisdn', ?2, ?3, 0, 0, NULL, NULL, 0, ?4)",
        &[id.into(), (&destination).into(), (&correlation).into(), now.into()],
    )?;
    keys::add(tx, key(KeyKind::Destination, 1, &destination), id)?;
    keys::add(tx, key(KeyKind::CorrelationId, 1, &correlation), id)?;
    let lease = now.add_ms(60_000);
    let payload = "{}";
    work::insert(
        tx,
        &NewWork {
            id: id + 1,
            queue: &QUEUE,
            lane: 0,
            ready_at: lease,
            leased: true,
            subject: id,
            expires_at: None,
            payload,
        },
    )
}
