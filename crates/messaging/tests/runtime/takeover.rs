//! Several servers on one PostgreSQL: what a dead one leaves behind.

use std::time::Duration;

use waypost_core::id::MessageId;
use waypost_messaging::work::kind;
use waypost_store::testing::Place;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Sql, Store};

use crate::support::{NOW, running};

/// Longest wait before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

async fn items(store: &Store) -> i64 {
    let count = |tx: &mut dyn Sql| {
        let rows = tx.query("SELECT count(*) FROM work", &[])?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    };
    store.read(count).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_takes_up_what_another_left_behind() {
    let place = Place::postgres().await;
    let (own, other) = (place.open(), place.open());
    let runtime = running(&own, Duration::from_millis(10)).await;
    // One call-back that was leased and whose lease has ended; what it is about is gone, so that it is done when it is taken.
    let left = |tx: &mut dyn Sql| {
        let queue = QueueKey { kind: kind::CALLBACK, dest: 1, tenant: 1, sender: 0, priority: 2 };
        work::ensure_queue(tx, &queue)?;
        let id = MessageId::floor(NOW).0;
        let payload = "m";
        let item = NewWork {
            id,
            queue: &queue,
            lane: 0,
            ready_at: NOW.sub_ms(1),
            leased: true,
            subject: 7,
            expires_at: None,
            payload,
        };
        work::insert(tx, &item)
    };
    other.write(left).await.unwrap();
    let taken = async {
        while items(&other).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
    runtime.drain(1_000).await;
}
