//! Who is woken, and when.

use std::sync::Arc;
use std::time::Duration;

use waypost_delivery::{Dispatcher, Finish, Health, Policy, PolicyError};

use crate::world::{FakeStore, LEASE_MS, World, policy, queue};

#[tokio::test(start_paused = true)]
async fn an_accepted_item_is_handed_out_at_once_without_a_query() {
    let world = World::new(policy());
    let waiting = tokio::spawn({
        let dispatcher = world.dispatcher.clone();
        async move { dispatcher.next().await }
    });
    tokio::task::yield_now().await;
    let before = world.now();
    let ids = world.accept(&queue(1, 1), 0, 1);
    let ticket = waiting.await.unwrap().unwrap();
    assert_eq!((ticket.item().id, ticket.item().fence, world.now()), (ids[0], 1, before));
    world.done(ticket);
    assert_eq!((world.store.table().claims, world.dispatcher.memory_items()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn every_waiting_worker_gets_one_of_many_items() {
    let world = World::new(policy());
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let dispatcher = world.dispatcher.clone();
            tokio::spawn(async move { dispatcher.next().await })
        })
        .collect();
    tokio::task::yield_now().await;
    let ids = world.accept(&queue(1, 1), 0, 16);
    let mut got = Vec::new();
    for worker in workers {
        let ticket = worker.await.unwrap().unwrap();
        got.push(ticket.item().id);
        world.done(ticket);
    }
    got.sort_unstable();
    assert_eq!(got, ids);
}

#[tokio::test(start_paused = true)]
async fn backlog_of_an_earlier_run_is_found_by_recover_in_order() {
    let world = World::new(policy());
    let ids = world.accept(&queue(1, 1), 0, 3);
    let fresh = World { dispatcher: second(&world), ..World::new(policy()) };
    tokio::time::advance(Duration::from_millis(LEASE_MS as u64)).await;
    fresh.dispatcher.recover().await.unwrap();
    for id in ids {
        let ticket = fresh.next_now().await;
        assert_eq!((ticket.item().id, ticket.item().fence), (id, 2));
        world.done(ticket);
    }
    assert!(fresh.next_within(100_000).await.is_none());
}

/// A claim takes longer than the pause between two arrivals, so there is always something newer than the last claim.
#[tokio::test(start_paused = true)]
async fn a_steady_stream_gets_past_the_store_again_after_a_backlog_and_in_order() {
    let world = Arc::new(World::new(policy()));
    world.store.table().claim_ms = 5;
    let key = queue(1, 1);
    let mut accepted = world.accept(&key, 0, 1);
    drop(world.next_now().await);
    let producer = tokio::spawn({
        let world = world.clone();
        async move {
            let mut ids = Vec::new();
            for _ in 0..60_000 {
                ids.extend(world.accept(&key, 0, 1));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            ids
        }
    });
    let mut got = Vec::new();
    while let Some(ticket) = world.next_within(100).await {
        got.push(ticket.item().id);
        world.done(ticket);
    }
    let lost = accepted.remove(0);
    accepted.extend(producer.await.unwrap());
    got.retain(|&id| id != lost);
    assert_eq!(got, accepted);
    let claims = world.store.table().claims;
    assert!((1..20).contains(&claims), "{claims} claims");
}

fn second(world: &World) -> Arc<Dispatcher<()>> {
    Dispatcher::new(policy(), Arc::new(world.store.clone()), world.clock.clone()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_retry_comes_back_when_it_is_due_and_not_before() {
    let world = World::new(policy());
    world.accept(&queue(1, 1), 0, 1);
    let ticket = world.next_now().await;
    let due = world.now().add_ms(5_000);
    world.retry(ticket, 5_000, Health::Healthy);
    assert_eq!(world.dispatcher.memory_items(), 0);
    let ticket = world.next_within(60_000).await.unwrap();
    assert_eq!((ticket.item().tries, ticket.item().fence), (1, 3));
    let late_ms = world.now().since_ms(due);
    assert!((0..=25).contains(&late_ms), "{late_ms} ms late");
    world.done(ticket);
}

#[tokio::test(start_paused = true)]
async fn a_lost_ticket_comes_back_after_its_lease_under_a_new_fence() {
    let world = World::new(policy());
    let ids = world.accept(&queue(1, 1), 0, 1);
    let ticket = world.next_now().await;
    let lease_until = ticket.item().lease_until;
    drop(ticket);
    let ticket = world.next_within(120_000).await.unwrap();
    assert_eq!((ticket.item().id, ticket.item().fence), (ids[0], 2));
    assert!(world.now() >= lease_until && world.now() <= lease_until.add_ms(25));
    world.done(ticket);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_waiting_hands_its_timer_to_another() {
    let world = World::new(policy());
    world.accept(&queue(1, 1), 0, 1);
    let ticket = world.next_now().await;
    world.retry(ticket, 1_000, Health::Healthy);
    let spawn = || {
        tokio::spawn({
            let dispatcher = world.dispatcher.clone();
            async move { dispatcher.next().await }
        })
    };
    let first = spawn();
    tokio::task::yield_now().await;
    let second = spawn();
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    world.done(second.await.unwrap().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_failed_claim_is_tried_again_after_a_pause() {
    let world = World::new(policy());
    world.store.table().fail_next_claims = 3;
    let first = world.accept(&queue(1, 1), 0, 1);
    drop(world.next_now().await);
    let before = world.now();
    let ticket = world.next_within(120_000).await.unwrap();
    let pauses_ms = world.now().since_ms(before) - LEASE_MS;
    assert_eq!(ticket.item().id, first[0]);
    assert!((1_500..=1_600).contains(&pauses_ms), "{pauses_ms}");
    world.done(ticket);
}

#[tokio::test(start_paused = true)]
async fn draining_hands_nothing_out_and_waits_for_what_is_out() {
    let world = World::new(policy());
    world.accept(&queue(1, 1), 0, 3);
    let (one, two) = (world.next_now().await, world.next_now().await);
    assert_eq!(world.dispatcher.drain(1_000).await, 2);
    assert!(world.dispatcher.next().await.is_none());
    assert!(world.dispatcher.try_next().is_none());
    assert_eq!(world.dispatcher.admit(&queue(1, 1), 1).leased, 0);
    world.done(one);
    let drain = tokio::spawn({
        let dispatcher = world.dispatcher.clone();
        async move { dispatcher.drain(60_000).await }
    });
    tokio::task::yield_now().await;
    assert!(world.end(two, Finish::Refused));
    assert_eq!(drain.await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn workers_that_wait_learn_of_the_drain() {
    let world = World::new(policy());
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let dispatcher = world.dispatcher.clone();
            tokio::spawn(async move { dispatcher.next().await.is_none() })
        })
        .collect();
    tokio::task::yield_now().await;
    assert_eq!(world.dispatcher.drain(1).await, 0);
    for worker in workers {
        assert!(worker.await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_not_longer_than_the_deadline_is_refused() {
    let world = World::new(policy());
    let policy = Policy { lease_ms: 2_000, lease_margin_ms: 1_000, ..policy() };
    let refused = Dispatcher::<()>::new(policy, Arc::new(FakeStore::default()), world.clock.clone());
    let expected = PolicyError::LeaseTooShort { lease_ms: 2_000, deadline_ms: 1_000, lease_margin_ms: 1_000 };
    assert_eq!(refused.err(), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn what_waits_at_a_drain_is_named_with_its_fence_and_what_is_out_is_not() {
    let world = World::new(policy());
    let plain = world.accept(&queue(1, 1), 0, 3);
    let in_lane = world.accept(&queue(1, 2), 7, 2);
    let out = world.next_now().await;
    assert_eq!(world.dispatcher.drain(1).await, 1);
    let waiting = plain.into_iter().chain(in_lane).filter(|id| *id != out.item().id);
    let expected: Vec<(i64, i64)> = waiting.map(|id| (id, world.store.table().rows[&id].fence)).collect();
    let mut leased = world.dispatcher.leased();
    leased.sort_unstable();
    assert_eq!(leased, expected);
    world.done(out);
}
