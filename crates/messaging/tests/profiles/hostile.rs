//! Bodies nobody should send: always a code of the catalogue, never a 5xx, nothing written on a refusal.

use axum::http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use waypost_store::testing::Place;

use crate::server::Server;

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| number.is_finite().then(|| json!(number))),
        "\\PC{0,12}".prop_map(Value::from),
        "[\\x00-\\x1f]{0,3}".prop_map(Value::from),
        prop_oneof![Just("0"), Just("1"), Just("2"), Just("12345"), Just("a@b"), Just("2030-01-01")]
            .prop_map(Value::from),
        Just(Value::from("x".repeat(5_000))),
    ]
}

fn attribute_name() -> impl Strategy<Value = String> {
    let known = [
        "msisdn",
        "email",
        "status",
        "verified",
        "psid",
        "access_token",
        "access_token_expiry",
        "rtmId",
        "deviceId",
        "connectStatus",
        "wechat_user_id",
        "twitter_user_id",
        "screenName",
        "customerId",
        "name",
    ];
    prop_oneof![8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn record() -> impl Strategy<Value = Value> {
    let attributes = proptest::collection::btree_map(attribute_name(), leaf(), 0..8)
        .prop_map(|map| Value::Object(map.into_iter().collect()));
    let attributes = prop_oneof![6 => attributes, 1 => leaf()];
    let id = prop_oneof![4 => "[a-c]".prop_map(Value::from), 1 => leaf()];
    let whole =
        (id, attributes).prop_map(|(id, attributes)| json!({"customerId": id, "Attributes": attributes}));
    prop_oneof![8 => whole, 1 => leaf()]
}

fn body() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::collection::vec(record(), 0..14).prop_map(|list| json!({"Records": list}).to_string()),
        2 => record().prop_map(|record| record.to_string()),
        1 => leaf().prop_map(|leaf| json!({"Records": leaf}).to_string()),
        1 => "\\PC{0,40}",
    ]
}

#[test]
fn whatever_is_sent_is_answered_with_a_code_and_written_only_when_it_says_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = Place::sqlite();
    let server = runtime.block_on(Server::on(place.open()));
    let paths = [
        "/customerprofile",
        "/customerappprofile/m_acme",
        "/customerappprofile/p_acme",
        "/customerappprofile/f_acme",
        "/customerappprofile/t_acme",
        "/customerappprofile/w_acme",
    ];
    let method = prop_oneof![Just(Method::POST), Just(Method::PUT)];
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let outcome =
        runner.run(&(method, proptest::sample::select(paths.to_vec()), body()), |(method, path, body)| {
            runtime.block_on(async {
                let before = server.rows().await;
                // Every answer is looked up in the catalogue by the server under test's wrapper.
                let answer = server.send(method, path, body).await;
                prop_assert_eq!(answer.http.as_u16(), 200, "{}", answer.body);
                let body = answer.json();
                let written =
                    body["SuccessCount"].as_u64().unwrap_or(0) > 0 || body["description"] == "QUEUED";
                let after = server.rows().await;
                prop_assert!(written || after == before, "{}", answer.body);
                Ok(())
            })
        });
    outcome.unwrap();
    runtime.block_on(server.desk.do_waiting()).unwrap();
    let store = server.store.clone();
    runtime.block_on(store.close());
}

#[test]
fn whatever_path_and_query_are_asked_for_the_answer_has_a_code() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = Place::sqlite();
    let server = runtime.block_on(Server::on(place.open()));
    let piece = || "[a-z%0-9=&?+.~-]{0,12}";
    let method = prop_oneof![Just(Method::GET), Just(Method::DELETE)];
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(method, piece(), piece(), piece()), |(method, a, b, c)| {
        let path = format!("/customerappprofile/{a}/{b}?customerId={c}&identifier={a}&showinwardlinks={b}");
        if path.parse::<axum::http::Uri>().is_err() {
            return Ok(());
        }
        for path in [path, format!("/customerprofile/{b}"), format!("/profile/status/{c}")] {
            let answer = runtime.block_on(server.send(method.clone(), &path, ""));
            prop_assert!(matches!(answer.http.as_u16(), 200 | 404 | 405), "{} {}", path, answer.body);
        }
        Ok(())
    });
    outcome.unwrap();
    let store = server.store.clone();
    runtime.block_on(store.close());
}
