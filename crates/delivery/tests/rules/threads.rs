//! Many threads at once, in real time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use waypost_delivery::{Finish, Health, Policy};

use crate::world::{World, policy, queue};

const PER_PRODUCER: usize = 2_000;
const PRODUCERS: i64 = 4;

async fn work(world: Arc<World>, over: Arc<AtomicUsize>) {
    while let Some(ticket) = world.dispatcher.next().await {
        let (id, tries) = (ticket.item().id, ticket.item().tries);
        if id % 50 == 0 && tries == 0 {
            let at = world.now().add_ms(5);
            assert!(world.end(ticket, Finish::RetryAt(at, Health::Healthy)));
        } else {
            world.done(ticket);
            over.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_item_gets_through_once_with_many_producers_and_workers() {
    let world = Arc::new(World::new(Policy { memory_items_max: 300, ..policy() }));
    let over = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..8).map(|_| tokio::spawn(work(world.clone(), over.clone()))).collect();
    let produce = |tenant: i64| {
        let world = world.clone();
        tokio::spawn(async move {
            for n in 0..PER_PRODUCER / 5 {
                world.accept(&queue(tenant, n as i64 % 3), 0, 5);
                tokio::task::yield_now().await;
            }
        })
    };
    for producer in (0..PRODUCERS).map(produce).collect::<Vec<_>>() {
        producer.await.unwrap();
    }
    let all = async {
        while over.load(Ordering::SeqCst) < PER_PRODUCER * PRODUCERS as usize {
            tokio::task::yield_now().await;
        }
    };
    // Less than a lease: an item that only its lease's end brought back would be late.
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("stuck");
    assert_eq!(world.dispatcher.drain(1_000).await, 0);
    for worker in workers {
        worker.await.unwrap();
    }
    assert!(world.store.table().rows.is_empty());
}
