//! A property goes to its partners: in order, once, and as it is.

use std::collections::HashMap;

use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_store::testing::on_both_engines;

use crate::support::{World, partner};

#[tokio::test(flavor = "multi_thread")]
async fn a_property_reaches_every_partner_in_the_order_of_dependency_and_the_audits_agree() {
    on_both_engines(|store| async move {
        let partners = vec![partner(Faults::default()).await, partner(Faults::default()).await];
        let world = World::new(store, partners).await;
        // Before anything runs, so that the order is the pusher's own and not that of the changes.
        world.products_last("LIS1").await;
        let mut world = world;
        world.start().await;
        world.rest().await;
        for place in 0..2 {
            let sent: Vec<_> = world.partners[place]
                .journal()
                .iter()
                .map(|seen| (seen.kind, seen.op.clone(), seen.code.clone()))
                .collect();
            let new = |kind, code: &str| (kind, "NEW".to_owned(), code.to_owned());
            assert_eq!(
                sent,
                [
                    new(Kind::Hotel, "LIS1"),
                    new(Kind::Tax, "CITY"),
                    new(Kind::Policy, "C24H"),
                    new(Kind::Room, "A"),
                    new(Kind::Room, "B"),
                    new(Kind::RatePlan, "RP1"),
                    new(Kind::RatePlan, "RP2"),
                    (Kind::Product, String::new(), "RP1".to_owned()),
                    (Kind::Product, String::new(), "RP2".to_owned()),
                ]
            );
            assert_eq!(world.held(place), world.model().await);
            // One audit a kind: everything was asked for, nothing was amiss.
            assert_eq!(world.partners[place].counts().audits, 6);
        }
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}

impl World {
    async fn products_last(&self, property: &str) {
        self.launch(property).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_state_of_an_object_is_sent() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        for name in ["One", "Two", "Three"] {
            let mut room = sample::room("A");
            room.set("name", Json::from(name));
            world.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
        }
        world.start().await;
        world.rest().await;
        assert_eq!(world.partners[0].counts().pushes, 9);
        assert_eq!(world.held(0), world.model().await);
        // The same again is no change and is not sent.
        world.launch_room("Three").await;
        world.rest().await;
        assert_eq!(world.partners[0].counts().pushes, 9);
        world.launch_room("Four").await;
        world.rest().await;
        let last = world.partners[0].journal().pop().unwrap();
        assert_eq!((last.op.as_str(), last.code.as_str()), ("UPDATE", "A"));
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

impl World {
    async fn launch_room(&self, name: &str) {
        let mut room = sample::room("A");
        room.set("name", Json::from(name));
        self.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_disabled_is_disabled_at_the_partner_and_below_it_nothing_is_sent() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.feed("LIS1", Kind::Tax, Op::Disable, vec![sample::tax("CITY")]).await;
        world.rest().await;
        world.feed("LIS1", Kind::Hotel, Op::Disable, vec![sample::hotel("LIS1")]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        let pushes = world.partners[0].counts().pushes;
        // The model refuses what the contract cannot express; a change beside it waits for the property.
        world.feed("LIS1", Kind::Hotel, Op::Enable, vec![sample::hotel("LIS1")]).await;
        world.feed("LIS1", Kind::Tax, Op::Enable, vec![sample::tax("CITY")]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.partners[0].counts().pushes, pushes + 2);
        // Disabled before the partner ever heard of it: new first, then disabled.
        world.feed("LIS1", Kind::Tax, Op::New, vec![sample::tax("OLD")]).await;
        world.feed("LIS1", Kind::Tax, Op::Disable, vec![sample::tax("OLD")]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_properties_go_side_by_side_and_each_one_message_at_a_time() {
    on_both_engines(|store| async move {
        let slow = Faults { slow_ms: 2, ..Faults::default() };
        let mut world = World::new(store, vec![partner(slow).await]).await;
        for n in 0..40 {
            world.launch(&format!("H{n:03}")).await;
        }
        world.start().await;
        world.rest().await;
        let counts = world.partners[0].counts();
        assert_eq!((counts.pushes, counts.applied, counts.repeated, counts.overlapping), (360, 360, 0, 0));
        let mut ranks: HashMap<String, Kind> = HashMap::new();
        for seen in world.partners[0].journal() {
            let before = ranks.insert(seen.property.clone(), seen.kind);
            assert!(before.is_none_or(|before| before <= seen.kind), "{seen:?} after {before:?}");
        }
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}
