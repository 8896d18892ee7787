//! The list of operations is whole and each is guarded.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use waypost_services::api::{Operation, Place, operations};
use waypost_status::MtapiCode;

use crate::support::{World, request};

/// Every operation of the contract, by method and path.
const CONTRACT: &str = include_str!("operations.txt");
/// Those of them that are not built yet.
const MISSING: &str = include_str!("operations_missing.txt");

fn lines(text: &str) -> BTreeSet<String> {
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let set: BTreeSet<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(set.len(), lines.len(), "a line stands twice");
    set
}

/// `GET /api/v1/users/{}`: names of path parameters do not matter to a caller.
fn line(operation: &Operation) -> String {
    let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{} {}", operation.method.name(), parts.collect::<Vec<_>>().join("/"))
}

#[test]
fn the_operations_built_and_those_missing_are_together_the_contract() {
    let (contract, missing) = (lines(CONTRACT), lines(MISSING));
    let rows: Vec<_> = operations().map(line).collect();
    let built: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(built.len(), rows.len(), "an operation has two rows");
    let unlisted: Vec<_> = built.difference(&contract).collect();
    assert!(unlisted.is_empty(), "built, but not in the contract: {unlisted:?}");
    let wrong: Vec<_> = missing.difference(&contract).collect();
    assert!(wrong.is_empty(), "said to be missing, but not in the contract: {wrong:?}");
    let expected: BTreeSet<_> = contract.difference(&missing).cloned().collect();
    assert_eq!(built, expected, "neither built nor said to be missing, or both");
}

#[test]
fn every_row_says_what_it_does_and_names_the_parameters_of_its_path() {
    for operation in operations() {
        let name = line(operation);
        assert!(operation.summary.ends_with('.'), "{name} has no summary");
        let in_path = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path: BTreeSet<_> = in_path.collect();
        let named = operation.params.iter().filter(|param| param.place == Place::Path);
        let named: BTreeSet<_> = named.map(|param| param.name).collect();
        assert_eq!(in_path, named, "{name}");
    }
}

/// A path with something at each place.
fn filled(operation: &Operation) -> String {
    let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_operation_refuses_no_bad_and_insufficient_credentials_and_lets_good_ones_in() {
    let world = World::new().await;
    for operation in operations() {
        let (name, path, method) = (line(operation), filled(operation), operation.method.name());
        let bare = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
        let none = world.send(bare).await;
        assert_eq!((none.http.as_u16(), none.codes().as_str()), (401, "603001"), "{name}: none");
        let mut bad = request(&world.key, method, &path, Value::Null);
        bad.headers_mut().insert("app-jwt", world.bound.app_jwt.parse().unwrap());
        let bad = world.send(bad).await;
        assert_eq!((bad.http.as_u16(), bad.codes().as_str()), (401, "603004"), "{name}: bad");
        let weak = world.call_as(&world.powerless, method, &path, Value::Null).await;
        assert_eq!((weak.http.as_u16(), weak.codes().as_str()), (403, "901006"), "{name}: insufficient");
        let good = world.call(method, &path, Value::Null).await;
        assert!(![401, 403, 405].contains(&good.http.as_u16()), "{name}: good: {} {}", good.http, good.body);
        assert!(!good.http.is_server_error(), "{name}: {}", good.body);
    }
}

#[tokio::test]
async fn a_store_that_is_gone_fails_each_operation_with_its_own_code() {
    let world = World::new().await;
    world.store.clone().close().await;
    for operation in operations() {
        let name = line(operation);
        let answer = world.call(operation.method.name(), &filled(operation), json!({})).await;
        let own = operation.fails.map(|code| format!(",{}", code.entry().code_text)).unwrap_or_default();
        assert_eq!((answer.http.as_u16(), answer.codes()), (503, format!("901000{own}")), "{name}");
        assert_eq!(answer.header("retry-after"), "1", "{name}");
        if operation.method.name() != "HEAD" {
            let (body, internal) = (answer.json(), MtapiCode::InternalError.entry());
            let detail = json!({"Field": null, "Rule": internal.meaning, "Remedy": internal.remedy});
            assert_eq!((&body["Message"], &body["Detail"]), (&json!(internal.message), &detail), "{name}");
        }
    }
}

#[tokio::test]
async fn a_missing_or_malformed_parameter_is_named_with_the_code_of_an_argument() {
    let world = World::new().await;
    for operation in operations() {
        let required = operation.params.iter().filter(|param| param.required && param.place == Place::Query);
        let Some(param) = required.into_iter().next() else { continue };
        let name = line(operation);
        let answer = world.call(operation.method.name(), &filled(operation), json!({})).await;
        assert_eq!(answer.http, 400, "{name}");
        if operation.method.name() == "HEAD" {
            continue;
        }
        assert_eq!(answer.refusal().2, param.name, "{name}");
        assert!(answer.codes().split(',').any(|code| code == "901002"), "{name}: {}", answer.codes());
        if let Some(code) = operation.fails {
            let code = code.entry().code_text;
            assert!(answer.codes().ends_with(code), "{name}: {}", answer.codes());
        }
    }
}
