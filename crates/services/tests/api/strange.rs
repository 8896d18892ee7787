//! What nobody should send, to every operation on both stores: always an answer of the document with codes of the catalogue,
//! never a 5xx and never a panic. The cases are the same each time; `WAYPOST_FUZZ_CASES` says how many each rule tries.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use waypost_services::api::{Operation, operations};

use crate::support::World;

/// Cases of a rule on each store when nothing else is said.
const CASES: usize = 600;

fn cases() -> usize {
    std::env::var("WAYPOST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

fn runner() -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// A value as it stands in a path or a query, encoded well or not.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (1_i64..4).prop_map(|id| id.to_string()),
        1 => any::<i64>().prop_map(|id| id.to_string()),
        2 => prop::sample::select(vec!["true", "All", "Submitted", "JsonMetadata", "Accept", "ON", "x@y.ca", "-0", "1e3", "٣"])
            .prop_map(|word| word.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>()),
        2 => "(%[0-9A-Fa-f]{2}){1,6}",
        1 => "%[0-9A-Za-z]?",
        2 => "[a-zA-Z0-9+&=;'._~-]{1,12}",
        1 => Just("%00".to_owned()),
        1 => Just("%ED%A0%80".to_owned()),
        1 => Just("9".repeat(5_000)),
    ]
}

/// JSON whose members have names of the contract and any values.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0_i64..4).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,8}".prop_map(Value::String),
        Just(json!("2026-09-21")),
        Just(json!("Submitted")),
        Just(json!("\u{0}")),
        Just(json!("x@y.ca")),
    ];
    let name = prop::sample::select(vec![
        "Id",
        "UserId",
        "ServiceId",
        "OrganizationId",
        "Status",
        "RequestStatus",
        "EnglishDisplayName",
        "FrenchDisplayName",
        "Filter",
        "Services",
        "Date",
        "StartDate",
        "EndDate",
        "Permissions",
        "PermissionId",
        "GCKey",
        "MBUN",
        "User",
        "Email",
        "AuthenticationContext",
        "Phones",
        "Emails",
        "Addresses",
        "EmailAddress",
        "CountryCode",
        "Amount",
        "Number",
        "ServiceRequestId",
        "Rating",
        "Key",
        "Value",
        "Name",
        "UserIds",
        "MetadataStructureColumns",
        "KeyName",
        "VersionNumber",
        "Page",
        "PageSize",
        "ExcludeMetadata",
        "BodyTextEnglish",
        "FirstName",
        "LastName",
        "RoleId",
        "Guid",
        "NoticeType",
    ]);
    leaf.prop_recursive(3, 24, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn target(operation: &Operation, values: &[String]) -> String {
    let mut values = values.iter().cycle();
    let mut value = || values.next().map_or("", String::as_str).to_owned();
    let mut target = String::new();
    for part in operation.path.split('/').skip(1) {
        target.push('/');
        // An empty part would be another path.
        target.push_str(&if part.starts_with('{') {
            value().replace(['&', ';'], "") + "1"
        } else {
            part.to_owned()
        });
    }
    for (n, param) in operation.params.iter().enumerate() {
        target.push(if n == 0 { '?' } else { '&' });
        target.push_str(&format!("{}={}", param.name, value()));
    }
    target
}

async fn tried(world: &World, operation: &Operation, target: &str, body: Vec<u8>, content_type: &str) {
    let request = Request::builder()
        .method(operation.method.name())
        .uri(target)
        .header("api-key", &world.key.api_key)
        .header("app-jwt", &world.key.app_jwt)
        .header("content-type", content_type);
    // What is no target never comes as far as this.
    let Ok(request) = request.body(Body::from(body)) else { return };
    let answer = world.send_any(request).await;
    assert!(
        !answer.http.is_server_error(),
        "{} {target}: {} {}",
        operation.method.name(),
        answer.http,
        answer.body
    );
}

#[tokio::test]
async fn no_request_is_too_strange_for_a_code() {
    let all: Vec<&Operation> = operations().collect();
    let case = (
        any::<Index>(),
        prop::collection::vec(value(), 1..6),
        json_value(),
        prop::sample::select(vec![
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            "\u{7f}",
        ]),
        prop_oneof![6 => Just(None), 1 => any::<Index>().prop_map(Some)],
    );
    for world in World::both().await {
        let mut runner = runner();
        for _ in 0..cases() {
            let (which, values, body, content_type, cut) = case.new_tree(&mut runner).unwrap().current();
            let operation = which.get(&all);
            let mut body = body.to_string().into_bytes();
            if let Some(cut) = cut {
                body.truncate(cut.index(body.len() + 1));
            }
            let content_type = if content_type == "\u{7f}" { "" } else { content_type };
            tried(&world, operation, &target(operation, &values), body, content_type).await;
        }
    }
}

#[tokio::test]
async fn no_filter_is_too_strange_for_the_stores() {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "Status",
            "PlaceOfSupply",
            "ServiceAttributes",
            "RegulatedEntity-IMO",
            "RegulatedEntity-VESSEL_NM",
            "DateRangeUtc",
            "OrderBy-Id",
            "OrderBy-Date",
            "=",
            "'Draft, InProgress'",
            "'ON'",
            "'98,99'",
            "'9999999999999999999'",
            ".Contains(",
            ")",
            " ",
            "AND",
            "OR",
            "20210801",
            "-",
            "99991231",
            "'%_\\'",
            "'''",
            "''''",
            "é",
            "'\u{1F6A2}'",
            "=Asc",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    let case = prop::collection::vec(piece, 0..10);
    let whole = prop_oneof![
        case.prop_map(|pieces| pieces.concat()),
        "\\PC{1,6}".prop_map(|value| format!("RegulatedEntity-VESSEL_NM.Contains('{value}')")),
        "\\PC{1,6}".prop_map(|value| format!("PlaceOfSupply='{value}' OR RegulatedEntity-IMO='{value}'")),
    ];
    for world in World::both().await {
        let mut runner = runner();
        let mut found = 0;
        for _ in 0..cases() {
            let filter = whole.new_tree(&mut runner).unwrap().current();
            let body = json!({"ServiceId": world.service, "Filter": filter});
            let answer = world.call("POST", "/api/v1/servicerequests/query", body).await;
            assert!([200, 400].contains(&answer.http.as_u16()), "{filter}: {} {}", answer.http, answer.body);
            found += usize::from(answer.http == 200);
        }
        assert!(found > cases() / 20, "{found} filters were read: the rule tries too little");
    }
}
