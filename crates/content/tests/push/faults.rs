//! Partners that fail: what is tried again, what stops, and who else notices.

use waypost_content::records::{copy, lane};
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_store::testing::{Place, on_both_engines};

use crate::support::{World, count, partner};

fn all(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_an_answer_goes_out_four_times_under_one_id_and_then_its_lane_stops_alone() {
    on_both_engines(|store| async move {
        let partners = vec![partner(all(|it| it.error_500 = 1_000)).await, partner(Faults::default()).await];
        let world = World::started(store, partners).await;
        world.launch("LIS1").await;
        world.rest().await;
        let journal = world.partners[0].journal();
        let ids: std::collections::HashSet<_> = journal.iter().map(|seen| seen.message_id.clone()).collect();
        assert_eq!((journal.len(), ids.len()), (4, 1));
        assert!(journal.iter().all(|seen| seen.kind == Kind::Hotel));
        assert_eq!(world.held(1), world.model().await);
        let alerts = world.alerts().await;
        assert_eq!(alerts.len(), 1);
        let (kind, property, object, summary, _) = &alerts[0];
        let told = (kind.as_str(), property.as_str(), object.as_str(), summary.as_str());
        assert_eq!(told, ("PUSH_RETRIES_EXHAUSTED", "LIS1", "LIS1", "HTTP 500; attempt 4 was the last"));
        // The operator tries again once the partner is well.
        world.partners[0].set_faults(Faults::default());
        let (lane, state) = world.lanes().await.remove(0);
        assert!(state.parked);
        world.act(move |tx, env| lane::unpark(tx, env, &lane)).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_silence_is_tried_again_and_nothing_is_applied_twice() {
    for faults in [
        all(|it| it.drop_before = 300),
        all(|it| it.drop_after = 300),
        all(|it| it.wrong_id = 300),
        all(|it| it.error_500 = 300),
        all(|it| it.gzip = true),
        all(|it| it.string_codes = true),
    ] {
        let (name, place) = (format!("{faults:?}"), Place::sqlite());
        let mut world = World::new(place.open(), vec![partner(faults).await]).await;
        world.timing.retry_ms = vec![1; 50];
        world.start().await;
        world.launch("LIS1").await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await, "{name}");
        assert_eq!(world.partners[0].counts().applied, 9, "{name}: {:#?}", world.partners[0].journal());
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_pause_the_partner_once_and_resuming_goes_on() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(all(|it| it.unauthorized = true)).await]).await;
        for property in ["LIS1", "LIS2", "LIS3"] {
            world.launch(property).await;
        }
        world.rest().await;
        let alerts = world.alerts().await;
        let told: Vec<_> = alerts.iter().map(|alert| (alert.0.as_str(), alert.1.as_str())).collect();
        assert_eq!(told, [("AUTH_FAILED", "")]);
        assert!(world.lanes().await.iter().all(|(_, state)| !state.parked));
        world.partners[0].set_faults(Faults::default());
        let tenant = world.tenant;
        let woken = world.act(move |tx, env| lane::resume(tx, env, 1, tenant)).await;
        assert!(woken > 0);
        world.rest().await;
        assert_eq!(world.alerts().await, [], "the alert is over with the pause");
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_lost_is_sent_as_new_and_what_it_disabled_is_enabled() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].with_shelf(|shelf| {
            assert!(shelf.remove(Kind::Room, "LIS1", "A") && shelf.remove(Kind::Policy, "LIS1", "C24H"));
            assert!(shelf.switch(Kind::Tax, "LIS1", "CITY", false));
        });
        let mut room = sample::room("A");
        room.set("name", Json::from("Other"));
        world.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
        let mut plan = sample::rateplan("RP1", "C24H");
        plan.set("name", Json::from("Other"));
        world.feed("LIS1", Kind::RatePlan, Op::Update, vec![plan]).await;
        let mut tax = sample::tax("CITY");
        tax.set("value", Json::Number("5.00".into()));
        world.feed("LIS1", Kind::Tax, Op::Update, vec![tax]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.alerts().await, []);
        // The whole property is gone: the hotel comes first again.
        world.partners[0].with_shelf(|shelf| assert!(shelf.remove(Kind::Hotel, "LIS1", "LIS1")));
        world.feed("LIS1", Kind::Room, Op::Update, vec![sample::room("B"), sample::room("A")]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_below_a_property_is_over_when_it_is_disabled_and_sent_when_it_is_enabled() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].set_faults(all(|it| it.reject = 1_000));
        let mut policy = sample::policy("C24H");
        policy.set("description", Json::from("Other"));
        world.feed("LIS1", Kind::Policy, Op::Update, vec![policy]).await;
        world.rest().await;
        let alerts = world.alerts().await;
        let told: Vec<_> = alerts.iter().map(|alert| (alert.0.as_str(), alert.2.as_str())).collect();
        assert_eq!(told, [("PUSH_REJECTED", "C24H")]);
        // The operator lets the lane go on: the property's end is sent, the policy waits for its return.
        world.partners[0].set_faults(Faults::default());
        world.feed("LIS1", Kind::Hotel, Op::Disable, vec![sample::hotel("LIS1")]).await;
        let (lane, state) = world.lanes().await.remove(0);
        assert!(state.parked);
        world.act(move |tx, env| lane::unpark(tx, env, &lane)).await;
        world.rest().await;
        assert_eq!(world.alerts().await, []);
        // Enabled it is sent what it missed.
        world.feed("LIS1", Kind::Hotel, Op::Enable, vec![sample::hotel("LIS1")]).await;
        world.rest().await;
        assert_eq!(world.alerts().await, []);
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_stops_its_lane_until_it_changes_is_skipped_or_all_is_sent_anew() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(all(|it| it.reject = 1_000)).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        let alerts = world.alerts().await;
        assert_eq!(
            (alerts[0].0.as_str(), alerts[0].3.as_str()),
            ("PUSH_REJECTED", "refused with HTTP 400: 4006")
        );
        assert_eq!(world.partners[0].counts().pushes, 1);
        // A change beside it does not help: the order would be lost.
        let mut room = sample::room("A");
        room.set("name", Json::from("Other"));
        world.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
        world.rest().await;
        assert_eq!(world.partners[0].counts().pushes, 1);
        // A change of the very object does.
        world.partners[0].set_faults(Faults::default());
        let mut hotel = sample::hotel("LIS1");
        hotel.set("name", Json::from("Mended"));
        world.feed("LIS1", Kind::Hotel, Op::Update, vec![hotel]).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.alerts().await, []);
        // Everything anew, to a partner that has lost everything.
        world.partners[0].with_shelf(|shelf| *shelf = waypost_content::rules::MemoryShelf::default());
        let (lane, _) = world.lanes().await.remove(0);
        let owed = world.act(move |tx, env| copy::owe_all(tx, env, &lane)).await;
        assert_eq!(owed, 9);
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_over_when_its_object_is_taken_also_when_another_object_went_first() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].set_faults(all(|it| it.reject = 1_000));
        let mut room = sample::room("A");
        room.set("name", Json::from("Other"));
        world.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
        world.rest().await;
        let alerts = world.alerts().await;
        assert_eq!((alerts.len(), alerts[0].0.as_str(), alerts[0].2.as_str()), (1, "PUSH_REJECTED", "A"));
        // The hotel comes before the room, and with it the lane is well again.
        world.partners[0].set_faults(Faults::default());
        let mut hotel = sample::hotel("LIS1");
        hotel.set("name", Json::from("Mended"));
        world.feed("LIS1", Kind::Hotel, Op::Update, vec![hotel]).await;
        let (lane, _) = world.lanes().await.remove(0);
        world.act(move |tx, env| lane::unpark(tx, env, &lane)).await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_never_answers_delays_nobody_else() {
    on_both_engines(|store| async move {
        let partners = vec![partner(all(|it| it.hang = 1_000)).await, partner(Faults::default()).await];
        let world = World::started(store, partners).await;
        for n in 0..30 {
            world.launch(&format!("H{n}")).await;
        }
        // The silent one is still within its first time-out when the other has everything.
        world
            .until("the healthy partner has all", |tx| {
                Ok(count(tx, "SELECT count(*) FROM content_copy WHERE partner = 2 AND due = 1")? == 0
                    || count(tx, "SELECT count(*) FROM content_lane WHERE partner = 2 AND work <> 0")? == 0)
            })
            .await;
        assert_eq!(world.held(1), world.model().await);
        assert!(world.partners[0].journal().len() <= 40);
        drop(world);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_content_a_partner_did_not_agree_to_stops_the_lane_with_a_word() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        let mut tax = sample::tax("DEPOSIT");
        tax.set("refundable", Json::Flag(true));
        world.feed("LIS1", Kind::Tax, Op::New, vec![tax]).await;
        world.rest().await;
        let alerts = world.alerts().await;
        let told = (alerts[0].0.as_str(), alerts[0].2.as_str(), alerts[0].3.as_str());
        assert_eq!(
            told,
            (
                "QUEUE_PARKED",
                "DEPOSIT",
                "the partner has not agreed to `refundable`, which this object needs"
            )
        );
        assert_eq!(world.partners[0].counts().pushes, 9);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_rests_although_it_owes_something_is_found() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.launch("LIS2").await;
        world.rest().await;
        assert_eq!(world.act(|tx, env| lane::wake_resting(tx, env, 1)).await, 0);
        // What is left when an import and the end of the lane's work do not see each other.
        let owed = world.act(|tx, _| {
            tx.exec(
                "UPDATE content_copy SET due = 1 WHERE property = 'LIS1' AND kind = 3 AND code = 'A'",
                &[],
            )
        });
        assert_eq!(owed.await, 1);
        let pushes = world.partners[0].counts().pushes;
        assert_eq!(world.act(|tx, env| lane::wake_resting(tx, env, 1)).await, 1);
        world.rest().await;
        assert_eq!(world.partners[0].counts().pushes, pushes + 1);
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}
