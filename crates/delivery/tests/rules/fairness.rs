//! Shares of tenants, priorities and queues.

use waypost_store::work::QueueKey;

use crate::world::{World, policy, queue};

#[tokio::test(start_paused = true)]
async fn a_tenant_with_ten_items_does_not_wait_behind_ten_thousand_of_another() {
    let world = World::new(policy());
    for dest in 0..20 {
        world.accept(&queue(1, dest), 0, 500);
    }
    let small: Vec<i64> = world.accept(&queue(2, 100), 0, 10);
    let mut turns = Vec::new();
    for turn in 0..60 {
        let ticket = world.next_now().await;
        if ticket.queue().tenant == 2 {
            turns.push((turn, ticket.item().id));
        }
        world.done(ticket);
    }
    assert_eq!(turns.iter().map(|&(_, id)| id).collect::<Vec<_>>(), small);
    assert!(turns.iter().all(|&(turn, _)| turn < 21), "{turns:?}");
}

#[tokio::test(start_paused = true)]
async fn tenants_share_a_destination_that_is_at_its_cap() {
    let world = World::new(policy());
    world.dispatcher.set_dest_in_flight(9, 1);
    for sender in 0..30 {
        world.accept(&QueueKey { sender, ..queue(1, 9) }, 0, 20);
    }
    world.accept(&queue(2, 9), 0, 20);
    let mut counts = [0; 3];
    for _ in 0..40 {
        let ticket = world.next_now().await;
        assert!(world.dispatcher.try_next().is_none());
        counts[ticket.queue().tenant as usize] += 1;
        world.done(ticket);
    }
    // The first tenant's first item had its turn before the second came.
    assert!(counts == [0, 20, 20] || counts == [0, 21, 19], "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tenants_weight_is_its_share() {
    let world = World::new(policy());
    world.dispatcher.set_tenant_weight(2, 3);
    world.accept(&queue(1, 1), 0, 100);
    world.accept(&queue(2, 2), 0, 100);
    let mut counts = [0; 3];
    for _ in 0..80 {
        let ticket = world.next_now().await;
        counts[ticket.queue().tenant as usize] += 1;
        world.done(ticket);
    }
    assert_eq!(counts, [0, 20, 60]);
}

#[tokio::test(start_paused = true)]
async fn high_priority_goes_first_and_low_priority_is_not_starved() {
    let world = World::new(policy());
    for priority in 1..=3 {
        world.accept(&QueueKey { priority, ..queue(1, 1) }, 0, 200);
    }
    let mut counts = [0; 4];
    for turn in 0..130 {
        let ticket = world.next_now().await;
        assert!(turn > 0 || ticket.queue().priority == 3 || ticket.queue().priority == 1);
        counts[usize::from(ticket.queue().priority)] += 1;
        world.done(ticket);
    }
    assert!((9..=11).contains(&counts[1]) && (39..=41).contains(&counts[2]), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_first_in_first_out_through_memory_and_store() {
    let world = World::new(waypost_delivery::Policy { per_queue_items_max: 10, ..policy() });
    let mut accepted = Vec::new();
    let mut got = Vec::new();
    for _ in 0..20 {
        accepted.extend(world.accept(&queue(1, 1), 0, 7));
        for _ in 0..3 {
            let ticket = world.next_now().await;
            got.push(ticket.item().id);
            world.done(ticket);
        }
    }
    while let Some(ticket) = world.next_within(10).await {
        got.push(ticket.item().id);
        world.done(ticket);
    }
    assert_eq!(got, accepted);
}
