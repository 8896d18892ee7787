//! Items a second through admit, offer, next and finish on one thread, with everything in memory.
//!
//! `cargo run --release -p waypost-delivery --example dispatch_rate`

#![expect(clippy::print_stdout, reason = "the figures are its purpose")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use waypost_core::time::{Micros, SystemClock};
use waypost_delivery::{BoxFuture, Dispatcher, Finish, Item, Policy, Source};
use waypost_store::StoreError;
use waypost_store::work::QueueKey;

const ITEMS: i64 = 1_000_000;
const BATCH: i64 = 100;

struct Nothing;

impl Source<u64> for Nothing {
    fn claim(
        &self,
        _: &QueueKey,
        _: Micros,
        _: Micros,
        _: usize,
    ) -> BoxFuture<'static, Result<Vec<Item<u64>>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn next_ready(&self, _: &QueueKey) -> BoxFuture<'static, Result<Option<Micros>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn queues(&self) -> BoxFuture<'static, Result<Vec<QueueKey>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for (queues, dests, limited) in [(1, 1, false), (1_000, 100, false), (1_000, 100, true)] {
        let policy = Policy::new("bench", 10_000, 60_000);
        let dispatcher = Dispatcher::new(policy, Arc::new(Nothing), Arc::new(SystemClock))?;
        if limited {
            (0..dests).for_each(|dest| dispatcher.set_dest_limit(dest, 1_000_000, 1_000));
        }
        let began = Instant::now();
        let mut sent = 0;
        for round in 0..ITEMS / BATCH {
            let at = round % queues;
            let key = QueueKey { kind: 1, dest: at % dests, tenant: at % 10, sender: at, priority: 2 };
            offer(&dispatcher, &key, round * BATCH);
            while let Some(ticket) = dispatcher.try_next() {
                ticket.finish(Finish::Done);
                sent += 1;
            }
        }
        let rate = f64::from(sent) / began.elapsed().as_secs_f64();
        println!(
            "queues={queues} destinations={dests} rate_limited={limited} items={sent} items_per_s={rate:.0}"
        );
    }
    Ok(())
}

fn offer(dispatcher: &Dispatcher<u64>, key: &QueueKey, first: i64) {
    let admission = dispatcher.admit(key, usize::try_from(BATCH).unwrap_or(0));
    let lease_until = admission.lease_until;
    let item =
        |id| Item { id, fence: 1, tries: 0, lane: 0, subject: id, lease_until, expires_at: None, payload: 0 };
    dispatcher.offer(admission, (first..first + BATCH).map(item));
}
