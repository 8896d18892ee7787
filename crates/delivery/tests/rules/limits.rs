//! Rates and caps.

use waypost_delivery::{BlockedBy, Policy};
use waypost_store::work::QueueKey;

use crate::world::{World, policy, queue};

/// Sends for `ms` and returns how many.
async fn send_for(world: &World, ms: i64) -> usize {
    let end = world.now().add_ms(ms);
    let mut sent = 0;
    while world.now() < end {
        let left_ms = end.since_ms(world.now()).max(1) as u64;
        let Some(ticket) = world.next_within(left_ms).await else { break };
        world.done(ticket);
        sent += 1;
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn a_destinations_rate_is_exact_over_a_minute_of_many_queues() {
    for (rate, burst) in [(7, 1), (50, 10), (333, 1)] {
        let world = World::new(policy());
        world.dispatcher.set_dest_limit(1, rate, burst);
        for sender in 0..5 {
            world.accept(&QueueKey { sender, ..queue(1, 1) }, 0, 15 * rate as usize);
        }
        let sent = send_for(&world, 60_000).await;
        let exact = 60 * rate as usize + burst as usize;
        assert!((exact - 1..=exact + 2).contains(&sent), "{rate}/s: {sent} of {exact}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_senders_rate_is_exact_and_does_not_hold_up_other_senders() {
    let world = World::new(policy());
    let limited = QueueKey { sender: 5, ..queue(1, 1) };
    world.dispatcher.set_sender_limit(5, 10, 1);
    world.accept(&limited, 0, 2_000);
    world.accept(&QueueKey { dest: 2, ..limited }, 0, 2_000);
    let free = QueueKey { sender: 6, ..limited };
    world.accept(&free, 0, 50);
    for turn in 0..51 {
        let ticket = world.next_now().await;
        assert!(ticket.queue().sender == 6 || turn < 2);
        world.done(ticket);
    }
    let view = world.dispatcher.snapshot();
    assert!(view.iter().all(|v| v.blocked.is_some_and(|b| b.by == BlockedBy::SenderRate)), "{view:?}");
    let sent = send_for(&world, 60_000).await;
    assert!((599..=601).contains(&sent), "{sent}");
    world.dispatcher.set_sender_limit(5, 0, 0);
    for _ in 0..100 {
        let ticket = world.next_now().await;
        world.done(ticket);
    }
}

#[tokio::test(start_paused = true)]
async fn a_senders_token_is_not_wasted_on_a_destination_that_is_shut() {
    let world = World::new(policy());
    world.dispatcher.set_sender_limit(5, 1, 1);
    world.dispatcher.set_dest_in_flight(1, 1);
    let shut = QueueKey { sender: 5, ..queue(1, 1) };
    world.accept(&shut, 0, 5);
    let _held = world.next_now().await;
    world.accept(&QueueKey { dest: 2, ..shut }, 0, 5);
    for _ in 0..5 {
        let ticket = world.next_within(1_010).await.unwrap();
        assert_eq!(ticket.queue().dest, 2);
        world.done(ticket);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_cap_is_in_flight_to_a_destination() {
    let world = World::new(Policy { dest_in_flight_max: 3, ..policy() });
    world.accept(&queue(1, 1), 0, 10);
    let mut out = Vec::new();
    for _ in 0..3 {
        out.push(world.next_now().await);
    }
    assert!(world.next_within(5_000).await.is_none());
    let view = world.dispatcher.snapshot().remove(0);
    assert_eq!((view.in_flight, view.waiting, view.blocked.unwrap().by), (3, 7, BlockedBy::DestInFlight));
    world.dispatcher.set_dest_in_flight(1, 4);
    out.push(world.next_now().await);
    world.done(out.remove(0));
    out.push(world.next_now().await);
    assert!(world.dispatcher.try_next().is_none());
}
