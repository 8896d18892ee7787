//! Whatever changes, fails and crashes: when the lanes are at rest the partner holds the model, and the audit says so.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waypost_content::records::lane;
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_store::testing::Place;

use crate::support::{World, count, partner};

#[derive(Clone, Debug)]
enum Action {
    Room(u8, u8),
    Tax(u8, u8),
    Policy(u8),
    SwitchTax(u8, bool),
    SwitchHotel(bool),
    Products(u8, u8),
    Faults(u64),
    Kill,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..2u8, any::<u8>()).prop_map(|(code, n)| Action::Room(code, n)),
        3 => (0..2u8, any::<u8>()).prop_map(|(code, n)| Action::Tax(code, n)),
        1 => any::<u8>().prop_map(Action::Policy),
        2 => (0..2u8, any::<bool>()).prop_map(|(code, on)| Action::SwitchTax(code, on)),
        1 => any::<bool>().prop_map(Action::SwitchHotel),
        3 => (0..2u8, 0..4u8).prop_map(|(plan, rooms)| Action::Products(plan, rooms)),
        2 => any::<u64>().prop_map(Action::Faults),
        1 => Just(Action::Kill),
    ]
}

const P: &str = "LIS1";

async fn act(world: &mut World, action: &Action, hotel: &mut bool) {
    let code = |of: [&'static str; 2], place: u8| of[usize::from(place)];
    match *action {
        Action::Faults(seed) => world.partners[0].set_faults(Faults {
            seed,
            drop_before: 60,
            drop_after: 60,
            error_500: 60,
            wrong_id: 60,
            ..Faults::default()
        }),
        Action::Kill => {
            world.kill();
            world.start().await;
        }
        Action::SwitchHotel(on) => {
            *hotel = on;
            let op = if on { Op::Enable } else { Op::Disable };
            world.feed(P, Kind::Hotel, op, vec![sample::hotel(P)]).await;
        }
        // The model's own rule: nothing below a disabled property changes.
        _ if !*hotel => {}
        Action::Room(place, n) => {
            let mut room = sample::room(code(["A", "B"], place));
            room.set("name", Json::Text(format!("Room {n}")));
            world.feed(P, Kind::Room, Op::Update, vec![room]).await;
        }
        Action::Tax(place, n) => {
            let mut tax = sample::tax(code(["CITY", "VAT"], place));
            tax.set("value", Json::Number(format!("{n}.50")));
            world.feed(P, Kind::Tax, Op::New, vec![tax]).await;
        }
        Action::Policy(n) => {
            let mut policy = sample::policy("C24H");
            policy.set("description", Json::Text(format!("Text {n}")));
            world.feed(P, Kind::Policy, Op::Update, vec![policy]).await;
        }
        Action::SwitchTax(place, on) => {
            let op = if on { Op::Enable } else { Op::Disable };
            world.feed(P, Kind::Tax, op, vec![sample::tax(code(["CITY", "VAT"], place))]).await;
        }
        Action::Products(place, rooms) => {
            let rooms: Vec<&str> = ["A", "B"]
                .into_iter()
                .enumerate()
                .filter(|(n, _)| rooms >> n & 1 == 1)
                .map(|it| it.1)
                .collect();
            world.products(P, code(["RP1", "RP2"], place), &rooms, &["CITY"]).await;
        }
    }
}

async fn run(actions: Vec<Action>, tamper: bool) {
    let place = Place::sqlite();
    let mut world = World::new(place.open(), vec![partner(Faults::default()).await]).await;
    world.timing.retry_ms = vec![1; 60];
    world.start().await;
    world.launch(P).await;
    world.feed(P, Kind::Tax, Op::New, vec![sample::tax("VAT")]).await;
    let mut hotel = true;
    for action in &actions {
        act(&mut world, action, &mut hotel).await;
    }
    world.partners[0].set_faults(Faults::default());
    let stuck: Vec<_> =
        world.lanes().await.into_iter().filter(|(_, state)| state.parked).map(|it| it.0).collect();
    world.act(move |tx, env| stuck.iter().try_for_each(|lane| lane::unpark(tx, env, lane))).await;
    world.rest().await;
    assert_eq!(world.partners[0].counts().overlapping, 0);
    assert_eq!(visible(world.held(0)), visible(world.model().await), "{actions:?}");
    assert_eq!(world.alerts().await, []);
    if tamper && hotel {
        world.partners[0].with_shelf(|shelf| {
            shelf.body_mut(Kind::Room, P, "A").unwrap().set("shortDescription", Json::from("tampered"));
        });
        world.audit_all().await;
        world
            .until("the drift is found", |tx| {
                Ok(count(
                    tx,
                    "SELECT count(*) FROM content_copy WHERE kind = 3 AND code = 'A' AND repaired_at > 0",
                )? == 1)
            })
            .await;
        world.rest().await;
        assert_eq!(visible(world.held(0)), visible(world.model().await));
        let others =
            world.store.read(|tx| count(tx, "SELECT count(*) FROM content_copy WHERE repaired_at > 0")).await;
        assert_eq!(others, Ok(1), "exactly the object that was tampered with");
    }
    let store = world.store.clone();
    world.stop().await;
    store.close().await;
}

/// What a partner shows of what it holds: of a disabled property, and of products that were never any, nothing.
fn visible(all: Vec<(String, Kind, String, bool, String)>) -> Vec<(String, Kind, String, bool, String)> {
    let hotel = all.iter().any(|it| it.1 == Kind::Hotel && it.3);
    all.into_iter().filter(|it| hotel || it.1 == Kind::Hotel).collect()
}

#[test]
fn after_any_changes_faults_and_crashes_the_partner_holds_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, max_shrink_iters: 20, ..Config::default() });
    runner
        .run(&(proptest::collection::vec(action(), 1..25), any::<bool>()), |(actions, tamper)| {
            runtime.block_on(run(actions, tamper));
            Ok(())
        })
        .unwrap();
}
