//! Bodies near good ones: the worked bodies and every documented member of every channel, with parts replaced, dropped,
//! doubled, wrapped, renamed and reordered. Whatever they are made into, the answer has a code, names a field when it refuses,
//! and what is kept is exactly what was answered 1001.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Map, Value, json};
use waypost_messaging::rules::Plan;

use super::blocks::BODIES;
use crate::support::Server;

static SEEDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let bodies: Map<String, Value> = serde_json::from_str(BODIES).unwrap();
    bodies.into_iter().map(|(_, body)| body).collect()
});

/// One change; the numbers choose where and with what, modulo what there is.
#[derive(Clone, Debug)]
struct Mutation {
    place: usize,
    how: usize,
    with: Value,
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        (0_i64..8).prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "\\PC{0,12}".prop_map(|value| json!(value)),
        prop::sample::select(vec![
            "",
            "1",
            "ios",
            "android",
            "SINGLE_OPEN",
            "DOUBLE_YES_NO",
            "DOUBLE_REPLY_YES_NO",
            "OPEN_URL",
            "SHARE",
            "INLINE_REPLY",
            "https://x.example/",
            "a_1://b",
            "video",
            "location",
            "template",
            "generic",
            "receipt",
            "MESSAGE_TAG",
            "true",
            "NaN",
            "-0",
            "1e400",
            "sms",
            "voice",
            "push",
            "rt",
            "fb",
            "twitter",
            "wechat",
            "2015-01-01T00:00:00Z",
            "{{a}}",
            "\u{202e}",
        ])
        .prop_map(|value| json!(value)),
        Just(json!({})),
        Just(json!([])),
        Just(json!([null, {}, [], "x", 1])),
        (1_usize..20).prop_map(|n| json!(vec![json!({"title": "t", "identifier": "i", "linkid": 1}); n])),
        Just(json!("x".repeat(5_000))),
    ]
}

fn mutations() -> impl Strategy<Value = (usize, Vec<Mutation>, u64)> {
    let mutation = (any::<usize>(), 0_usize..7, any_value()).prop_map(|(place, how, with)| Mutation {
        place,
        how,
        with,
    });
    (any::<usize>(), prop::collection::vec(mutation, 0..4), any::<u64>())
}

/// Every place of a body, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                places(inner, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                places(inner, &format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

fn mutate(body: &mut Value, mutation: Mutation) {
    let mut found = Vec::new();
    places(body, "", &mut found);
    // The root stays an object: what is no object is tested elsewhere.
    let at = found[mutation.place % found.len()].clone();
    if at.is_empty() {
        body["unknown"] = mutation.with;
        return;
    }
    let (parent, name) = at.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    let Some(holder) = body.pointer_mut(parent) else { return };
    match (mutation.how, holder) {
        (0, Value::Object(members)) => drop(members.remove(&name)),
        (1, Value::Object(members)) => {
            let value = members.remove(&name).unwrap_or_default();
            members.insert(format!("{name}x"), value);
        }
        (2, Value::Array(items)) => {
            let copy = items.first().cloned().unwrap_or_default();
            items.extend(vec![copy; 12]);
        }
        (3, Value::Object(members)) => {
            let value = members[&name].clone();
            members.insert(name, json!([value]));
        }
        (4, Value::Object(members)) => {
            let value = members[&name].to_string();
            members.insert(name, json!(value));
        }
        (5, Value::Array(items)) => items.clear(),
        (_, Value::Object(members)) => drop(members.insert(name, mutation.with)),
        (_, Value::Array(items)) => items.push(mutation.with),
        _ => {}
    }
}

/// Writes a body with the members of each object in an order that `seed` chooses.
fn write(value: &Value, seed: &mut u64, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            for at in (1..members.len()).rev() {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let with = usize::try_from(*seed >> 33).unwrap() % (at + 1);
                members.swap(at, with);
            }
            out.push('{');
            for (n, (name, inner)) in members.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&json!(name).to_string());
                out.push(':');
                write(inner, seed, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (n, inner) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(inner, seed, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// The answer without its ids, and what was kept.
fn answered(body: String) -> Result<(Value, Option<Plan>), TestCaseError> {
    let server = Server::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let answer = runtime.block_on(server.post(body));
    prop_assert!(matches!(answer.http.as_u16(), 200 | 413), "{}", answer.http);
    let masked = answer.masked();
    let elements = match &masked["response"] {
        Value::Array(elements) => elements.clone(),
        object => vec![object.clone()],
    };
    prop_assert!(!elements.is_empty());
    for element in &elements {
        let refused = element["code"] != "1001";
        let named = ["field", "rule", "remedy"]
            .iter()
            .all(|name| element["detail"][name].as_str().is_some_and(|text| !text.is_empty()));
        prop_assert_eq!(refused, named, "{}", element);
    }
    let accepted = elements.iter().filter(|element| element["code"] == "1001").count();
    let kept = server.kept().pop().map(|kept| kept.plan);
    prop_assert_eq!(accepted, kept.as_ref().map_or(0, |plan| plan.accepted().count()));
    Ok((masked, kept))
}

fn check(seed: usize, changes: Vec<Mutation>, order: u64) -> TestCaseResult {
    let mut body = SEEDS[seed % SEEDS.len()].clone();
    for change in changes {
        mutate(&mut body, change);
    }
    let mut reordered = String::new();
    write(&body, &mut order.clone(), &mut reordered);
    // In whatever order its members come, the same is kept and the same is answered.
    prop_assert_eq!(answered(body.to_string())?, answered(reordered)?);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_near_a_good_body_is_too_strange_for_a_code((seed, changes, order) in mutations()) {
        check(seed, changes, order)?;
    }
}

#[test]
fn the_unchanged_seeds_are_taken_in_any_order() {
    for seed in 0..SEEDS.len() {
        for order in 0..20 {
            check(seed, Vec::new(), order).unwrap();
        }
    }
}

#[test]
fn a_block_as_deep_as_a_body_may_be_is_read_and_one_deeper_is_not() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let body = |levels: usize| {
        // Body, channels, push, android: four levels stand around it.
        format!(
            r#"{{"deliverychannel":"push","channels":{{"push":{{"android":{{"text":"a","own":{}}}}}}},"destination":[{{"userid":"u"}}]}}"#,
            deep(levels)
        )
    };
    assert_eq!(answered(body(28)).unwrap().0["response"][0]["code"], "1001");
    assert_eq!(answered(body(29)).unwrap().0["response"]["code"], "7000");
    assert_eq!(answered(body(30_000)).unwrap().0["response"]["code"], "7000");
}
