//! Whatever changes, fails and crashes: when the lanes are at rest the partner holds the model, and the audit says so.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;
use waypost_content::records::{desk, lane};
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_store::testing::Place;
use waypost_store::{Ctx, TenantId};

use crate::support::{World, partner};

#[derive(Clone, Debug)]
enum Action {
    Room(u8, u8),
    Tax(u8, u8),
    Policy(u8),
    SwitchTax(u8, bool),
    SwitchHotel(bool),
    Products(u8, u8),
    Faults(u64),
    /// The credentials are refused until the next faults.
    Locked,
    Kill,
}

/// Changed at the partner behind the protocol's back.
#[derive(Clone, Copy, Debug)]
enum Tamper {
    Nothing,
    /// A field of an object that updates could mend, and a value of its type.
    Field(Kind, &'static str, &'static str, &'static str),
    /// The object is gone there.
    Gone(Kind, &'static str),
    /// A product more than was sent.
    Product,
}

fn tamper() -> impl Strategy<Value = Tamper> {
    prop_oneof![
        Just(Tamper::Nothing),
        Just(Tamper::Field(Kind::Hotel, P, "starRating", "1.5")),
        Just(Tamper::Field(Kind::Hotel, P, "city", "\"Porto\"")),
        Just(Tamper::Field(Kind::Tax, "VAT", "chargeBasis", "\"ROOM\"")),
        Just(Tamper::Field(Kind::Policy, "C24H", "name", "\"tampered\"")),
        Just(Tamper::Field(Kind::Room, "A", "shortDescription", "\"tampered\"")),
        Just(Tamper::Field(Kind::Room, "B", "maxChildOccupancy", "7")),
        Just(Tamper::Field(Kind::RatePlan, "RP1", "isRefundable", "false")),
        Just(Tamper::Gone(Kind::Room, "B")),
        Just(Tamper::Gone(Kind::RatePlan, "RP2")),
        Just(Tamper::Product),
    ]
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
        1 => Just(Action::Locked),
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
            reject: 30,
            ..Faults::default()
        }),
        Action::Locked => {
            world.partners[0].set_faults(Faults { unauthorized: true, ..Faults::default() });
        }
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

async fn run(place: &Place, actions: Vec<Action>, tamper: Tamper) {
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
    go_on(&world).await;
    assert_eq!(world.partners[0].counts().overlapping, 0);
    assert_eq!(visible(world.held(0)), visible(world.model().await), "{actions:?}");
    assert_eq!(world.alerts().await, [], "the audit says so too");
    if hotel {
        found_and_mended(&world, tamper).await;
    }
    let store = world.store.clone();
    world.stop().await;
    store.close().await;
}

/// What an operator does when a partner is well again: it resumes, and retries what stands still.
async fn go_on(world: &World) {
    world.rest().await;
    for _ in 0..2 {
        let lanes = world.lanes().await;
        world
            .act(move |tx, env| {
                for (lane, state) in &lanes {
                    lane::resume(tx, env, lane.partner, lane.tenant)?;
                    if state.parked {
                        lane::unpark(tx, env, lane)?;
                    }
                }
                Ok(())
            })
            .await;
        world.rest().await;
    }
}

/// What was done behind the protocol's back is found, at that field and no other, and mended.
async fn found_and_mended(world: &World, tamper: Tamper) {
    match tamper {
        Tamper::Nothing => return,
        Tamper::Field(kind, code, field, value) => {
            let value = waypost_content::wire::json::parse(value.as_bytes()).unwrap();
            let code_of = world.partners[0].with_shelf(|shelf| {
                let held = shelf.body_mut(kind, P, code)?;
                let same = held.get(field) == Some(&value);
                held.set(field, value.clone());
                Some((code, same))
            });
            // Disabled there, or already so: nothing was injected.
            let Some((code, false)) = code_of else { return };
            if !world.model().await.iter().any(|it| it.1 == kind && it.2 == code && it.3) {
                return;
            }
            // As long as the partner loses what it is sent, the difference stands and somebody is told.
            world.partners[0].set_faults(Faults { lose_updates: 1_000, ..Faults::default() });
            world.audit_all().await;
            world.rest().await;
            assert_eq!(drift(world).await, [(kind, code.to_owned(), vec![format!("/{field}")])]);
            let told: Vec<_> = world.alerts().await.into_iter().map(|it| (it.0, it.2)).collect();
            assert_eq!(told, [("AUDIT_MISMATCH".to_owned(), code.to_owned())]);
            world.partners[0].set_faults(Faults::default());
            let partner = world.lanes().await[0].0.partner;
            world.act(move |tx, env| desk::repair(tx, env, &ALL, partner, None)).await;
        }
        Tamper::Gone(kind, code) => {
            world.partners[0].with_shelf(|shelf| shelf.remove(kind, P, code));
            world.audit_all().await;
        }
        Tamper::Product => {
            world.partners[0].with_shelf(|shelf| {
                if let Some(Json::List(products)) = shelf.body_mut(Kind::Product, P, "RP1") {
                    products.push(sample::product("RP1", "UNSENT", &[]));
                }
            });
            world.audit_all().await;
        }
    }
    world.rest().await;
    assert_eq!(visible(world.held(0)), visible(world.model().await), "{tamper:?}");
    assert_eq!(drift(world).await, []);
    assert_eq!(world.alerts().await, []);
}

const ALL: Ctx = Ctx::operator(TenantId::ALL);

/// What the audits found to differ: kind, code and paths.
async fn drift(world: &World) -> Vec<(Kind, String, Vec<String>)> {
    let partner = world.lanes().await[0].0.partner;
    let found = world.store.read(move |tx| desk::drift(tx, &ALL, partner, None)).await.unwrap();
    let paths = |text: &str| -> Vec<String> {
        let all: serde_json::Value = serde_json::from_str(text).unwrap();
        let path = |one: &serde_json::Value| one["path"].as_str().unwrap().to_owned();
        all.as_array().unwrap().iter().map(path).collect()
    };
    found.into_iter().map(|one| (one.kind, one.code, paths(&one.differences))).collect()
}

/// What a partner shows of what it holds: of a disabled property, and of products that were never any, nothing.
fn visible(all: Vec<(String, Kind, String, bool, String)>) -> Vec<(String, Kind, String, bool, String)> {
    let hotel = all.iter().any(|it| it.1 == Kind::Hotel && it.3);
    all.into_iter().filter(|it| hotel || it.1 == Kind::Hotel).collect()
}

fn runner(cases: u32) -> (Runtime, TestRunner) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    (runtime, TestRunner::new(Config { cases, max_shrink_iters: 20, ..Config::default() }))
}

#[test]
fn after_any_changes_faults_and_crashes_the_partner_holds_the_model() {
    let (runtime, mut runner) = runner(24);
    let cases = (proptest::collection::vec(action(), 1..25), tamper());
    runner
        .run(&cases, |(actions, tamper)| {
            runtime.block_on(run(&Place::sqlite(), actions, tamper));
            Ok(())
        })
        .unwrap();
}

#[test]
fn after_any_changes_faults_and_crashes_the_partner_holds_the_model_on_postgres() {
    let (runtime, mut runner) = runner(6);
    let cases = (proptest::collection::vec(action(), 1..25), tamper());
    runner
        .run(&cases, |(actions, tamper)| {
            runtime.block_on(async { run(&Place::postgres().await, actions, tamper).await });
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_injected_fault_is_found_at_its_field() {
    let (runtime, mut runner) = runner(16);
    runner
        .run(&tamper(), |tamper| {
            runtime.block_on(run(&Place::sqlite(), Vec::new(), tamper));
            Ok(())
        })
        .unwrap();
}
