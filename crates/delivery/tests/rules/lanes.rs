//! Order where there is a lane.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use waypost_delivery::{BlockedLane, Finish, Health, LaneCause};

use crate::world::{LEASE_MS, World, policy, queue};

#[tokio::test(start_paused = true)]
async fn one_item_of_a_lane_is_in_flight_and_other_lanes_go_on() {
    let world = World::new(policy());
    let key = queue(1, 1);
    let one = world.accept(&key, 1, 2);
    let two = world.accept(&key, 2, 1);
    let first = world.next_now().await;
    let other = world.next_now().await;
    assert_eq!((first.item().id, other.item().id), (one[0], two[0]));
    assert!(world.next_within(100).await.is_none());
    world.done(first);
    assert_eq!(world.next_now().await.item().id, one[1]);
    world.done(other);
}

#[tokio::test(start_paused = true)]
async fn a_retry_blocks_its_lane_visibly_until_it_gets_through() {
    let world = World::new(policy());
    let ids = world.accept(&queue(1, 1), 7, 3);
    let since = world.now();
    let ticket = world.next_now().await;
    world.retry(ticket, 2_000, Health::Healthy);
    let expected = BlockedLane {
        lane: 7,
        since,
        by: ids[0],
        next_try_at: since.add_ms(2_000),
        because: LaneCause::Retry,
    };
    assert_eq!(world.dispatcher.snapshot()[0].lanes, [expected]);
    assert!(world.next_within(1_990).await.is_none());
    for id in ids {
        let ticket = world.next_within(50).await.unwrap();
        assert_eq!(ticket.item().id, id);
        world.done(ticket);
    }
    assert!(world.next_within(100_000).await.is_none());
    assert_eq!(world.dispatcher.snapshot(), []);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_lane_whose_leases_ran_out_keeps_its_order() {
    let world = World::new(policy());
    let key = queue(1, 1);
    let mut ids = world.accept(&key, 7, 5);
    let ticket = world.next_now().await;
    world.retry(ticket, 10, Health::Healthy);
    tokio::time::advance(Duration::from_millis(LEASE_MS as u64 - 500)).await;
    ids.extend(world.accept(&key, 7, 2));
    let mut got = Vec::new();
    while let Some(ticket) = world.next_within(LEASE_MS as u64 * 2).await {
        got.push(ticket.item().id);
        world.done(ticket);
    }
    assert_eq!(got, ids);
}

#[tokio::test(start_paused = true)]
async fn a_head_removed_by_an_operator_frees_the_lane() {
    let world = World::new(policy());
    let ids = world.accept(&queue(1, 1), 7, 1);
    let ticket = world.next_now().await;
    world.retry(ticket, 1_000, Health::Healthy);
    world.store.table().rows.remove(&ids[0]);
    assert!(world.next_within(2_000).await.is_none());
    assert_eq!(world.dispatcher.snapshot(), []);
    let next = world.accept(&queue(1, 1), 7, 1);
    assert_eq!(world.next_now().await.item().id, next[0]);
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Done,
    Refused,
    Retry(i64),
    Lost,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        6 => Just(Fate::Done),
        1 => Just(Fate::Refused),
        2 => (0i64..5_000).prop_map(Fate::Retry),
        1 => Just(Fate::Lost),
    ];
    prop::collection::vec(fate, 1..60)
}

/// Accepts in bursts, ends items as fated (done when fate runs out) with several in flight, and checks the
/// order of each lane.
async fn run(lanes: i64, per_queue: usize, bursts: Vec<(i64, usize)>, fates: Vec<Fate>) {
    let world = World::new(waypost_delivery::Policy { per_queue_items_max: per_queue, ..policy() });
    let key = queue(1, 1);
    let mut expected: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut got: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut fates = fates.into_iter();
    let mut bursts = bursts.into_iter();
    let mut out = Vec::new();
    loop {
        if let Some((lane, n)) = bursts.next() {
            let lane = lane % lanes + 1;
            expected.entry(lane).or_default().extend(world.accept(&key, lane, n));
        } else if out.is_empty() && world.store.table().rows.is_empty() {
            break;
        }
        match world.next_within(if out.len() < 3 { 40 } else { 1 }).await {
            Some(ticket) => out.push(ticket),
            None if out.is_empty() => tokio::time::advance(Duration::from_millis(500)).await,
            None => {}
        }
        if out.len() < 3 && !out.is_empty() && bursts.len() > 0 {
            continue;
        }
        let Some(ticket) = (!out.is_empty()).then(|| out.remove(0)) else { continue };
        let busy = out.iter().filter(|other| other.item().lane == ticket.item().lane).count();
        assert_eq!(busy, 0, "two of one lane in flight");
        let (lane, id) = (ticket.item().lane, ticket.item().id);
        let retry = |ms| Finish::RetryAt(world.now().add_ms(ms), Health::Healthy);
        let (finish, is_over) = match fates.next().unwrap_or(Fate::Done) {
            Fate::Done => (Finish::Done, true),
            Fate::Refused => (Finish::Refused, true),
            Fate::Retry(ms) => (retry(ms), false),
            Fate::Lost => (Finish::Lost, false),
        };
        let is_ours = world.end(ticket, finish);
        assert!(is_ours, "worked on under an old fence");
        if is_over {
            got.entry(lane).or_default().push(id);
        }
    }
    assert_eq!(got, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn lanes_keep_their_order_under_random_failures(
        lanes in 1i64..4, per_queue in 1usize..20,
        bursts in prop::collection::vec((0i64..3, 1usize..6), 1..12), fates in fates()
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(lanes, per_queue, bursts, fates));
    }
}
