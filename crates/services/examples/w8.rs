//! W8 of `docs/benchmarks.md`: every documented query over a large service desk, through the router, on one engine.
//!
//! `cargo run --release -p waypost-services --example w8 -- sqlite 1000000`, or `postgres` under `with_postgres`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measuring tool ends at the first surprise and prints what it found"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use waypost_core::time::{Clock, ManualClock, Micros};
use waypost_services::api::{ServicesSeams, ServicesSettings, ServicesState, SystemRandom};
use waypost_services::records::application::{self, Application, CreatedKey, Issuer};
use waypost_services::records::service::{self, Service};
use waypost_services::records::service_parts::{self, EntityType};
use waypost_services::records::user::{self, User, UserType};
use waypost_services::records::{Scope, enrolment};
use waypost_services::rules::Grants;
use waypost_services::rules::enrolment::State;
use waypost_store::directory::{Status, Tenant, admin};
use waypost_store::seal::MasterKey;
use waypost_store::testing::Place;
use waypost_store::{Ctx, Engine, Sql, Store, StoreError, TenantId};

const NOW: Micros = Micros::from_secs(1_790_000_000);
const SERVICES: i64 = 50;
const USERS: i64 = 200_000;
const RUNS: usize = 300;
/// Names added to one request.
const NAMES: usize = 50;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let engine = arguments.next().unwrap_or_else(|| "sqlite".to_owned());
    let rows: i64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("a number of requests"));
    let place = if engine == "postgres" { Place::postgres().await } else { Place::sqlite() };
    let store = place.open();
    let started = Instant::now();
    let key = store.write(seed).await.expect("the desk is made");
    let (router, small) = (serve(&store), 10_000.min(rows));
    fill(&store, (1, small), 1_000_000).await;
    let before = (additions(&router, &key).await, names(&router, &key).await);
    fill(&store, (small + 1, rows), 2_000_000).await;
    println!("{engine}: {rows} requests in {:.0} s", started.elapsed().as_secs_f64());
    for (name, method, path, body) in queries(rows) {
        let call = || send(&router, &key, method, &path, &body);
        let found = call().await["Count"].clone();
        let times = timed(RUNS, call).await;
        println!("{name:<28} {} of {found}", shown(times));
    }
    println!("{:<28} {}", format!("add, over {small}"), shown(before.0));
    println!("{:<28} {}", format!("add, over {rows}"), shown(additions(&router, &key).await));
    println!("{:<28} {}", format!("add a name, over {small}"), shown(before.1));
    println!("{:<28} {}", format!("add a name, over {rows}"), shown(names(&router, &key).await));
    store.close().await;
}

fn queries(rows: i64) -> Vec<(&'static str, &'static str, String, Value)> {
    let query = "/api/v1/servicerequests/query";
    let ask = |name: &'static str, mut body: Value| {
        (body["Page"], body["PageSize"]) = (json!(1), json!(25));
        (name, "POST", query.to_owned(), body)
    };
    let three = "2,3,4";
    let list = "/api/v1/servicerequests?services=2,3,4&pageSize=25".to_owned();
    vec![
        ("page of three services", "GET", list, Value::Null),
        ask("with status history", json!({"UserId": 5, "IncludeStatusHistory": true})),
        ask("by assignees", json!({"Assignees": "11,12", "IncludeRegulatedEntities": true})),
        ask(
            "several services",
            json!({"Services": three, "ExcludeMetadata": true, "IncludeRegulatedEntities": true}),
        ),
        ask(
            "several requests",
            json!({"ServiceRequests": "1000015,1000016,1000017,1000018", "ExcludeMetadata": true}),
        ),
        ask(
            "exact IMO",
            json!({"Services": three, "ExcludeMetadata": true, "IncludeRegulatedEntities": true,
                "Filter": format!("RegulatedEntity-IMO='IMO {}'", rows / 2 + 2)}),
        ),
        ask(
            "partial vessel name",
            json!({"ServiceId": 3, "IncludeRegulatedEntities": true,
                "Filter": "RegulatedEntity-VESSEL_NM.Contains('Value')"}),
        ),
        ask(
            "name that nearly all have",
            json!({"ServiceId": 3, "Filter": "RegulatedEntity-VESSEL_NM.Contains('Marie')"}),
        ),
        ask("service attributes", json!({"ServiceId": 2, "Filter": "ServiceAttributes='98,99,100'"})),
        ask(
            "place and status",
            json!({"ServiceId": 11, "Filter": "PlaceOfSupply='ON' AND Status='InProgress'"}),
        ),
        ask("date range", json!({"UserId": 73, "Filter": "DateRangeUtc=20260801-20260921"})),
        ask(
            "date range of a service",
            json!({"ServiceId": 7, "Filter": "DateRangeUtc=20260920 OrderBy-Date"}),
        ),
    ]
}

async fn timed<T>(runs: usize, mut call: impl AsyncFnMut() -> T) -> Vec<Duration> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let from = Instant::now();
        call().await;
        times.push(from.elapsed());
    }
    times.sort_unstable();
    times
}

fn shown(times: Vec<Duration>) -> String {
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied();
    let ms = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1_000.0;
    format!("p50 {:>7.2} ms   p99 {:>7.2} ms", ms(at(50)), ms(at(99)))
}

async fn additions(router: &Router, key: &CreatedKey) -> Vec<Duration> {
    let path = "/api/v1/servicerequests?userId=1&serviceId=1&englishName=A&frenchName=B";
    timed(RUNS, async || send(router, key, "POST", path, &Value::Null).await).await
}

/// Adds a vessel's name to a request.
async fn names(router: &Router, key: &CreatedKey) -> Vec<Duration> {
    let create = "/api/v1/servicerequests?userId=1&serviceId=1&englishName=A&frenchName=B";
    let mut times = Vec::new();
    for _ in 0..RUNS / NAMES {
        let made = send(router, key, "POST", create, &Value::Null).await;
        let path = format!("/api/v1/servicerequests/{}/regulated-entities", made["ServiceRequestId"]);
        let body = json!([{"RegulatedEntityTypeCode": "VESSEL", "RegulatedEntityIdTypeCode": "VESSEL_NM",
            "Value": "The Marie Celeste"}]);
        times.extend(timed(NAMES, async || send(router, key, "POST", &path, &body).await).await);
    }
    times.sort_unstable();
    times
}

async fn send(router: &Router, key: &CreatedKey, method: &str, path: &str, body: &Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("api-key", &key.api_key)
        .header("app-jwt", &key.app_jwt)
        .header("content-type", "application/json")
        .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("JSON")
}

fn serve(store: &Store) -> Router {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(NOW));
    let seams = ServicesSeams {
        store: store.clone(),
        clock,
        random: Arc::new(SystemRandom),
        master_key: Arc::new(MasterKey::from_bytes([7; 32])),
        statuses: None,
    };
    waypost_services::router(ServicesState::new(seams, ServicesSettings::default()).expect("a state"))
}

fn seed(tx: &mut dyn Sql) -> Result<CreatedKey, StoreError> {
    let tenant = Tenant {
        id: 0,
        slug: "w8".to_owned(),
        name: "W8".to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: NOW,
    };
    let tenant = admin::create_tenant(tx, &Ctx::operator(TenantId::ALL), NOW, &tenant)?;
    let scope = Scope::operator(tenant, NOW);
    for n in 1..=SERVICES {
        let offer = Service {
            id: 0,
            short_name: format!("S{n}"),
            name_en: format!("Service {n}"),
            name_fr: format!("Service {n}"),
            group: None,
            base_url: "https://apply.example".to_owned(),
            is_visible: true,
            self_enrol: true,
            requires_requester: false,
            is_live: true,
        };
        service::create(tx, &scope, &offer)?;
    }
    let kind = EntityType {
        type_code: "VESSEL".to_owned(),
        id_type_code: "VESSEL_NM".to_owned(),
        name_en: "Name".to_owned(),
        name_fr: "Nom".to_owned(),
        sort_order: 1,
    };
    service_parts::set_entity_type(tx, &scope, 1, &kind)?;
    let person = User {
        id: 0,
        kind: UserType::External,
        first_name: "Alex".to_owned(),
        last_name: "Applicant".to_owned(),
        mbun: None,
        issuer: None,
        login: None,
        pki: None,
        authentication_type: "GCKey".to_owned(),
        verified: true,
        revision: 0,
        coordinates: Vec::new(),
    };
    let user = user::create(tx, &scope, &person)?;
    enrolment::put(tx, &scope, (user, 1, None), (State::Active, None), false)?;
    tx.exec(
        "INSERT INTO sd_user (tenant, kind, first_name, last_name, authentication_type, verified, deleted, revision, \
         created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT CAST(2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2) \
         SELECT ?1, 3, 'First', 'Last', 'GCKey', 1, 0, 1, 0, 0 FROM n",
        &[tenant.0.into(), USERS.into()],
    )?;
    let caller = Application {
        id: 0,
        slug: "W8".to_owned(),
        name_en: "W8".to_owned(),
        name_fr: "W8".to_owned(),
        is_live: true,
        grants: Grants::all(),
        all_services: true,
    };
    let id = application::create(tx, &scope, &caller)?;
    let master = MasterKey::from_bytes([7; 32]);
    let settings = ServicesSettings::default();
    let issuer = Issuer { issuer: &settings.issuer, audience: &settings.audience, master: &master };
    application::create_key(tx, &scope, &Application { id, ..caller }, &issuer)
}

macro_rules! from_numbers {
    ($into:literal, $select:literal) => {
        concat!(
            $into,
            " WITH RECURSIVE n(i) AS (SELECT CAST(?1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ",
            $select,
            " FROM n JOIN tenant t ON t.slug = 'w8'"
        )
    };
}

/// Requests with these numbers, their ids `base` above, so that what the store gives itself lies between; each with an entry of history, two entities, one key of metadata; every tenth assigned.
async fn fill(store: &Store, (first, last): (i64, i64), base: i64) {
    let mut from = first;
    while from <= last {
        let to = last.min(from + 99_999);
        store.write(move |tx| insert(tx, (from, to), base)).await.expect("rows are written");
        from = to + 1;
    }
    let analyze = |tx: &mut dyn Sql| match tx.engine() {
        Engine::Postgres => tx.exec("ANALYZE", &[]),
        Engine::Sqlite => Ok(0),
    };
    store.write(analyze).await.expect("statistics");
}

fn insert(tx: &mut dyn Sql, (from, to): (i64, i64), base: i64) -> Result<(), StoreError> {
    tx.exec(
        from_numbers!(
            "INSERT INTO sd_request (id, tenant, guid, kind, user_id, service, status, name_en, name_fr, service_attribute, \
             place_of_supply, service_standard, metadata, deleted, revision, created_at, updated_at)",
            "SELECT ?3 + i, t.id, 'guid-' || i, 0, 1 + (i * 7919) % 200000, 1 + i % 50, 1 + (i / 50) % 23, 'A permit', \
             'Un permis', (i / 50) % 200, CASE WHEN (i / 7) % 4 = 0 THEN 'ON' ELSE 'QC' END, 0, \
             '[{\"Key\":\"projectName\",\"Value\":\"A project\"}]', 0, 1, 0, 1790000000000000 - i * 1000000"
        ),
        &[from.into(), to.into(), base.into()],
    )?;
    tx.exec(
        from_numbers!(
            "INSERT INTO sd_history (tenant, request, status, clock_on, service_standard, at, user_id)",
            "SELECT t.id, ?3 + i, 1, 1, 0, 0, 1"
        ),
        &[from.into(), to.into(), base.into()],
    )?;
    tx.exec(
        from_numbers!(
            "INSERT INTO sd_request_entity (tenant, request, n, service, type_code, id_type_code, value, value_key)",
            "SELECT t.id, ?3 + i, 0, 1 + i % 50, 'VESSEL', 'IMO', 'IMO ' || i, 'imo ' || i"
        ),
        &[from.into(), to.into(), base.into()],
    )?;
    tx.exec(
        from_numbers!(
            "INSERT INTO sd_request_entity (tenant, request, n, service, type_code, id_type_code, value, value_key)",
            "SELECT t.id, ?3 + i, 1, 1 + i % 50, 'VESSEL', 'VESSEL_NM', \
             CASE WHEN (i / 50) % 100 = 0 THEN 'A Value of ' || i ELSE 'The Marie ' || i END, \
             CASE WHEN (i / 50) % 100 = 0 THEN 'a value of ' || i ELSE 'the marie ' || i END"
        ),
        &[from.into(), to.into(), base.into()],
    )?;
    tx.exec(
        from_numbers!(
            "INSERT INTO sd_assignment (tenant, request, user_id, assigned_by, at)",
            "SELECT t.id, ?3 + i * 10, 10 + i % 1000, 1, 0"
        ),
        &[
            (from.div_euclid(10) + 1).into(),
            (to.div_euclid(10)).max(from.div_euclid(10) + 1).into(),
            base.into(),
        ],
    )?;
    tx.exec(
        "INSERT INTO sd_request_count (tenant, service, node, n) \
         WITH RECURSIVE n(i) AS (SELECT CAST(?1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2) \
         SELECT t.id, 1 + n.i % 50, 0, count(*) FROM n JOIN tenant t ON t.slug = 'w8' GROUP BY t.id, 1 + n.i % 50 \
         ON CONFLICT (tenant, service, node) DO UPDATE SET n = sd_request_count.n + excluded.n",
        &[from.into(), to.into()],
    )?;
    tx.exec(
        "INSERT INTO sd_entity_part (tenant, id_type, service, part, request) \
         WITH RECURSIVE p (tenant, id_type, service, rest, request) AS ( \
         SELECT tenant, CASE id_type_code WHEN 'VESSEL_NM' THEN 1 ELSE 3 END, service, value_key, request \
         FROM sd_request_entity WHERE tenant = (SELECT id FROM tenant WHERE slug = 'w8') \
         AND request BETWEEN CAST(?1 AS BIGINT) AND CAST(?2 AS BIGINT) UNION ALL \
         SELECT tenant, id_type, service, substr(rest, 2), request FROM p WHERE length(rest) > 1) \
         SELECT DISTINCT tenant, id_type, service, substr(rest, 1, 16), request FROM p ORDER BY 1, 2, 3, 4, 5",
        &[(base + from).into(), (base + to).into()],
    )?;
    Ok(())
}
