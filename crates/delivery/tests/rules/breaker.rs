//! Destinations that are down.

use waypost_delivery::{BlockedBy, BreakerPolicy, Health, OpenCause, Policy};

use crate::world::{World, policy, queue};

fn breaking() -> Policy {
    let breaker = BreakerPolicy {
        failures_in_row_max: 3,
        open_ms_min: 1_000,
        open_ms_max: 4_000,
        ..Default::default()
    };
    Policy { breaker, ..policy() }
}

async fn opened() -> World {
    let world = World::new(breaking());
    world.accept(&queue(1, 1), 0, 6);
    for _ in 0..3 {
        let ticket = world.next_now().await;
        world.retry(ticket, 100, Health::Failing);
    }
    world
}

#[tokio::test(start_paused = true)]
async fn it_opens_lets_one_probe_out_after_a_pause_and_recovers() {
    let world = opened().await;
    let opened_at = world.now();
    let view = world.dispatcher.snapshot().remove(0);
    let blocked = view.blocked.unwrap();
    assert_eq!((blocked.since, blocked.by), (opened_at, BlockedBy::Breaker(OpenCause::InRow(3))));
    assert_eq!(blocked.next_try_at, Some(opened_at.add_ms(1_000)));
    assert!(world.next_within(990).await.is_none());
    let probe = world.next_within(60).await.unwrap();
    assert!(probe.is_probe());
    assert!(world.next_within(5_000).await.is_none());
    world.done(probe);
    for _ in 0..5 {
        let ticket = world.next_within(1_000).await.unwrap();
        assert!(!ticket.is_probe());
        world.done(ticket);
    }
    assert!(world.store.table().rows.is_empty());
    assert!(world.next_within(100_000).await.is_none());
    assert_eq!(world.dispatcher.snapshot(), []);
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_doubles_the_pause_and_a_lost_one_lets_another_out() {
    let world = opened().await;
    let probe = world.next_within(1_010).await.unwrap();
    world.retry(probe, 100, Health::Failing);
    assert!(world.next_within(1_990).await.is_none());
    let probe = world.next_within(60).await.unwrap();
    assert!(probe.is_probe());
    drop(probe);
    assert!(world.next_now().await.is_probe());
}

#[tokio::test(start_paused = true)]
async fn a_dead_destination_does_not_hold_others_up() {
    let world = opened().await;
    let ids = world.accept(&queue(1, 2), 0, 5);
    for id in ids {
        let ticket = world.next_now().await;
        assert_eq!(ticket.item().id, id);
        world.done(ticket);
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_is_open_few_items_are_kept_in_memory() {
    let world = World::new(breaking());
    world.accept(&queue(1, 1), 0, 3);
    for _ in 0..3 {
        let ticket = world.next_now().await;
        world.retry(ticket, 1_000_000, Health::Failing);
    }
    world.accept(&queue(1, 1), 0, 1_000);
    assert!(world.next_within(900).await.is_none());
    assert_eq!(world.dispatcher.memory_items(), breaking().open_items_max);
}
