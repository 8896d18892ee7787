//! Bodies of every channel, good ones and ones near them, against the whole server: what is refused leaves nothing in the
//! store, and what is answered 1001 is there.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use waypost_suite::{Backstage, Engine, Stage, Table, on_both_engines};

on_both_engines!(
    every_worked_body_of_every_channel_is_taken_and_kept,
    what_is_refused_leaves_the_store_as_it_was,
    an_id_that_the_channel_cannot_use_ends_with_7105,
);

/// The contract's worked bodies and one with each documented member, for every channel.
const BODIES: &str = include_str!("../../../crates/messaging/tests/bodies.json");
/// Changed bodies a run sends.
const CHANGED: usize = 300;

fn bodies() -> Map<String, Value> {
    serde_json::from_str(BODIES).expect("JSON")
}

/// How many destination values were answered 1001, by the answer's own elements.
fn taken(answer: &Value, body: &Value) -> i64 {
    let Some(units) = answer["response"].as_array() else { return 0 };
    let values = |at: usize| {
        let object = body["destination"][at].as_object().expect("an object that was taken");
        let id = KEYS.iter().find_map(|key| object.get(*key).filter(|values| has_value(values)));
        id.and_then(Value::as_array).map_or(1, Vec::len)
    };
    let accepted = units.iter().enumerate().filter(|(_, unit)| unit["code"] == "1001");
    i64::try_from(accepted.map(|(at, _)| values(at)).sum::<usize>()).expect("a small sum")
}

/// The id keys in the order in which the first of several counts, each with its older spelling.
const KEYS: [&str; 22] = [
    "customerid",
    "msisdn",
    "email",
    "userid",
    "pushid",
    "psid",
    "fbid",
    "twitterid",
    "wechatid",
    "wechatID",
    "deviceid",
    "android_pushid",
    "ios_pushid",
    "hms_pushid",
    "chrome_pushid",
    "firefox_pushid",
    "safari_pushid",
    "waid",
    "bsuid",
    "abcUserId",
    "topic",
    "segment",
];

fn has_value(values: &Value) -> bool {
    match values {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(|item| *item != json!("")),
        Value::Number(_) => true,
        _ => false,
    }
}

async fn counts(stage: &Stage) -> [i64; 2] {
    [stage.desk.count(Table::Request).await, stage.desk.count(Table::Message).await]
}

async fn every_worked_body_of_every_channel_is_taken_and_kept(engine: Engine) {
    let stage = Backstage::new(engine).await.start().await;
    let mut expected = [0, 0];
    for (name, body) in bodies() {
        let queued = stage.post(&body).await.all_queued();
        assert_eq!(queued.len(), body["destination"].as_array().expect("an array").len(), "{name}");
        let answer = json!({"response": vec![json!({"code": "1001"}); queued.len()]});
        expected = [expected[0] + 1, expected[1] + taken(&answer, &body)];
        assert_eq!(counts(&stage).await, expected, "{name}");
    }
}

/// A value that stands somewhere in a changed body.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "\\PC{0,12}".prop_map(|value| json!(value)),
        Just(json!("")),
        Just(json!({})),
        Just(json!([])),
        Just(json!([{}, null, "x"])),
        Just(json!("x".repeat(5_000))),
        (1_usize..30).prop_map(|n| json!(vec![json!({"title": "t"}); n])),
    ]
}

/// Replaces, drops or empties the place of `body` that `place` counts to.
fn change(body: &mut Value, place: usize, how: usize, with: Value) {
    let mut found = Vec::new();
    pointers(body, "", &mut found);
    let at = found[place % found.len()].clone();
    let Some(spot) = body.pointer_mut(&at) else { return };
    match (how, spot) {
        (0, spot) => *spot = Value::Null,
        (1, Value::Array(items)) => items.extend(items.clone()),
        (2, Value::Object(members)) => members.clear(),
        (_, spot) => *spot = with,
    }
}

/// Every place below the root, as a JSON pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(name, inner)| (format!("{at}/{}", escaped(name)), inner)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(n, inner)| (format!("{at}/{n}"), inner)).collect()
        }
        _ => return,
    };
    for (at, inner) in inner {
        pointers(inner, &at, found);
        found.push(at);
    }
}

async fn what_is_refused_leaves_the_store_as_it_was(engine: Engine) {
    let stage = Backstage::new(engine).await.start().await;
    let seeds: Vec<Value> = bodies().into_iter().map(|(_, body)| body).collect();
    let strategy = (any::<usize>(), prop::collection::vec((any::<usize>(), 0_usize..5, any_value()), 1..4));
    // The same bodies in every run: a failure here can be had again.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut expected = [0, 0];
    let mut refused = 0;
    for n in 0..CHANGED {
        let (seed, changes) = strategy.new_tree(&mut runner).expect("a case").current();
        let mut body = seeds[seed % seeds.len()].clone();
        for (place, how, with) in changes {
            change(&mut body, place, how, with);
        }
        let answer = stage.post(&body).await;
        assert_eq!(answer.http, 200, "{body}");
        let answered = answer.json();
        // Asserts the members of each element, and that its code and text are a row of the catalogue.
        if answered["response"].is_array() {
            let objects = body["destination"].as_array().expect("an array that was taken").len();
            assert_eq!(answer.units().len(), objects, "{body}");
        } else {
            let said = |name: &str| answered["response"][name].as_str().expect("a text").to_owned();
            answer.refused(200, &said("code"), &said("description"));
        }
        let kept = taken(&answered, &body);
        refused += usize::from(kept == 0);
        expected = [expected[0] + i64::from(kept > 0), expected[1] + kept];
        // Counting after each would be most of the test: what is kept by one is still there after the next ones.
        if n % 10 == 9 {
            assert_eq!(counts(&stage).await, expected, "{body}");
        }
    }
    assert_eq!(counts(&stage).await, expected);
    assert!((CHANGED / 5..CHANGED).contains(&refused), "both happen: {refused} of {CHANGED} refused");
}

async fn an_id_that_the_channel_cannot_use_ends_with_7105(engine: Engine) {
    let stage = Stage::with(engine, waypost_simulators::smsc::SmscConfig::default()).await;
    for key in
        ["psid", "fbid", "twitterid", "wechatID", "userid", "deviceid", "android_pushid", "topic", "waid"]
    {
        let value = format!("id-{key}");
        let body = json!({
            "deliverychannel": "sms",
            "channels": {"sms": {"text": "Hi"}},
            "destination": [{key: [value]}],
        });
        let transid = stage.post(&body).await.queued();
        let notification = stage.hook.outcome(&value, 7105).await;
        notification.assert_outcome(7105, "Failed");
        assert_eq!(
            notification.json["deliveryInfoNotification"]["deliveryInfo"]["destinationType"], "",
            "{key}"
        );
        stage.record(&transid).await.assert_stands("failed", Some(7105));
    }
    assert_eq!(stage.smsc().counters().submits, 0);
}
