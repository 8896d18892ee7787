//! Bounds of memory, and leases.

use std::time::Duration;

use waypost_delivery::{Item, Policy};

use crate::world::{LEASE_MS, World, policy, queue};

#[tokio::test(start_paused = true)]
async fn memory_holds_no_more_than_its_bounds_however_much_comes() {
    let world = World::new(Policy { memory_items_max: 100, per_queue_items_max: 30, ..policy() });
    for dest in 0..50 {
        world.accept(&queue(1, dest), 0, 40);
        assert!(world.dispatcher.memory_items() <= 100);
    }
    let mut sent = 0;
    while let Some(ticket) = world.next_within(10).await {
        assert!(world.dispatcher.memory_items() <= 100);
        world.done(ticket);
        sent += 1;
    }
    assert_eq!((sent, world.store.table().rows.len(), world.dispatcher.memory_items()), (2_000, 0, 0));
}

/// A busy queue whose memory is at its bound goes through the store and memory by turns; nothing waits for a lease.
#[tokio::test(start_paused = true)]
async fn a_stream_at_the_bound_of_memory_never_waits_for_a_lease() {
    for (memory_items_max, burst) in [(1, 1), (3, 2), (9, 4), (40, 5), (300, 7)] {
        let world = World::new(Policy { memory_items_max, ..policy() });
        world.store.table().claim_ms = 3;
        let (mut accepted, mut sent) = (0, 0);
        for round in 0..600 {
            accepted += world.accept(&queue(1, round % 3), 0, burst).len();
            for _ in 0..burst {
                if let Some(ticket) = world.next_within(1).await {
                    world.done(ticket);
                    sent += 1;
                }
            }
        }
        while let Some(ticket) = world.next_within(1_000).await {
            world.done(ticket);
            sent += 1;
        }
        assert_eq!(sent, accepted, "memory of {memory_items_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn queues_that_stand_still_leave_room_for_the_next_one() {
    let world = World::new(Policy { memory_items_max: 1_000, ..policy() });
    for dest in 0..40 {
        world.dispatcher.set_dest_in_flight(dest, 1);
        world.accept(&queue(1, dest), 0, 1_000);
    }
    assert!(world.dispatcher.admit(&queue(2, 99), 5).leased >= 1);
}

#[tokio::test(start_paused = true)]
async fn an_admission_that_is_dropped_gives_its_slots_back() {
    let world = World::new(policy());
    let admission = world.dispatcher.admit(&queue(1, 1), 7);
    assert_eq!((admission.leased, world.dispatcher.memory_items()), (7, 7));
    drop(admission);
    assert_eq!(world.dispatcher.memory_items(), 0);
    let admission = world.dispatcher.admit(&queue(1, 1), 7);
    world.dispatcher.offer(admission, []);
    assert_eq!(world.dispatcher.memory_items(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_admitted_while_older_work_lies_in_the_store() {
    let world = World::new(policy());
    world.dispatcher.backlog(&queue(1, 1), world.now());
    assert_eq!(world.dispatcher.admit(&queue(1, 1), 7).leased, 0);
    assert_eq!(world.dispatcher.admit(&queue(1, 2), 7).leased, 7);
    assert!(world.next_within(10).await.is_none());
    assert_eq!(world.dispatcher.admit(&queue(1, 1), 7).leased, 7);
}

#[tokio::test(start_paused = true)]
async fn work_for_later_does_not_stop_admissions() {
    let world = World::new(policy());
    world.dispatcher.backlog(&queue(1, 1), world.now().add_ms(60_000));
    assert_eq!(world.dispatcher.admit(&queue(1, 1), 7).leased, 7);
}

#[tokio::test(start_paused = true)]
async fn an_item_whose_lease_is_too_short_for_an_attempt_is_not_handed_out() {
    let world = World::new(policy());
    let ids = world.accept(&queue(1, 1), 0, 1);
    let accepted_at = world.now();
    tokio::time::advance(Duration::from_millis(LEASE_MS as u64 - 1_999)).await;
    let ticket = world.next_within(60_000).await.unwrap();
    assert_eq!((ticket.item().id, ticket.item().fence), (ids[0], 2));
    assert!(world.now() >= accepted_at.add_ms(LEASE_MS));
    world.done(ticket);
}

#[tokio::test(start_paused = true)]
async fn items_beyond_the_admission_are_left_to_the_store() {
    let world = World::new(policy());
    let key = queue(1, 1);
    let admission = world.dispatcher.admit(&key, 1);
    let lease_until = admission.lease_until;
    let item =
        |id| Item { id, fence: 1, tries: 0, lane: 0, subject: 0, lease_until, expires_at: None, payload: () };
    world.dispatcher.offer(admission, [item(1), item(2)]);
    assert_eq!(world.dispatcher.memory_items(), 1);
    assert_eq!(world.dispatcher.snapshot()[0].next_stored_at, Some(lease_until));
}
