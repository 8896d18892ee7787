//! The model over HTTP (`/resources/v1/content`): every path and method, whole bodies, what partners get of it.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use waypost_content::api::{ContentState, ReceiverSettings, model};
use waypost_content::wire::Json;
use waypost_content::{Kind, sample};
use waypost_simulators::partner::Faults;
use waypost_status::Api;
use waypost_status::proof::{observed, record_env};
use waypost_store::directory::admin;
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, Store, TenantId};

use crate::support::{World, partner};

struct Client {
    router: Router,
    key: String,
}

impl Client {
    async fn of(world: &World) -> Self {
        let tenant = world.tenant;
        let made = world.store.write(move |tx| {
            admin::create_key(tx, &Ctx::operator(TenantId(tenant)), waypost_core::time::Micros(1), None)
        });
        let key = made.await.unwrap().text;
        let state = ContentState::feeding(world.shared(), ReceiverSettings::default());
        Self { router: model::router(state), key }
    }

    async fn with(&self, method: &str, path: &str, media: &str, body: String) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", model::PATH))
            .header("key", &self.key)
            .header("content-type", media);
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        assert_eq!(head.headers["content-type"], "application/json", "{method} {path}");
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        prove(&body);
        (head.status.as_u16(), body)
    }

    async fn call(&self, method: &str, path: &str, body: impl ToString) -> (u16, Value) {
        self.with(method, path, "application/json", body.to_string()).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Puts everything of a property, object by object.
    async fn launch(&self, property: &str) {
        let at = |rest: &str| format!("/properties/{property}{rest}");
        let products = Json::List(vec![sample::product("RP1", "A", &["CITY"])]);
        for (path, body) in [
            (at(""), sample::hotel(property)),
            (at("/taxes/CITY"), sample::tax("CITY")),
            (at("/cancellation-policies/C24H"), sample::policy("C24H")),
            (at("/roomtypes/A"), sample::room("A")),
            (at("/roomtypes/B"), sample::room("B")),
            (at("/rateplans/RP1"), sample::rateplan("RP1", "C24H")),
            (at("/products/RP1"), products),
        ] {
            let (status, shown) = self.call("PUT", &path, &body).await;
            assert_eq!((status, &shown["version"]), (201, &json!(1)), "{path}: {shown}");
        }
    }
}

fn prove(body: &Value) {
    for error in body["status"]["errors"].as_array().into_iter().flatten() {
        let text = error["errorMessage"].as_str().unwrap();
        let key = observed(Api::MetadataPush, error["errorCode"].as_i64().unwrap(), text);
        record_env(&key.unwrap_or_else(|| panic!("the catalogue has no such code: {error}"))).unwrap();
    }
}

async fn world(store: Store) -> (World, Client) {
    let world = World::started(store, vec![partner(Faults::default()).await]).await;
    let client = Client::of(&world).await;
    (world, client)
}

fn value(json: &Json) -> Value {
    serde_json::from_str(&json.to_string()).unwrap()
}

/// The codes and texts of a refusal.
fn errors(body: &Value) -> Vec<(i64, &str)> {
    let errors = body["status"]["errors"].as_array().unwrap().iter();
    errors.map(|one| (one["errorCode"].as_i64().unwrap(), one["errorMessage"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_is_shown_listed_and_pushed() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        client.launch("LIS1").await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        let mut tax = client.get("/properties/LIS1/taxes/CITY").await;
        assert!(tax.as_object_mut().unwrap().remove("updatedAt").is_some());
        let expected = json!({"propertyCode": "LIS1", "kind": "tax", "code": "CITY", "enabled": true, "version": 1,
            "body": value(&sample::tax("CITY")),
            "partners": [{"partner": "p0", "owed": false, "version": 1, "differences": []}]});
        assert_eq!(tax, expected);
        let codes = |page: &Value, key: &str| -> Vec<String> {
            page[key].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
        };
        let first = client.get("/properties/LIS1/roomtypes?limit=1").await;
        assert_eq!((codes(&first, "objects"), &first["next"]), (vec!["A".to_owned()], &json!("A")));
        let second = client.get("/properties/LIS1/roomtypes?after=A").await;
        assert_eq!((codes(&second, "objects"), &second["next"]), (vec!["B".to_owned()], &Value::Null));
        assert_eq!(codes(&client.get("/properties").await, "properties"), ["LIS1"]);
        // The same again is no change; another content is one.
        let same = client.call("PUT", "/properties/LIS1/taxes/CITY", sample::tax("CITY")).await;
        assert_eq!((same.0, &same.1["version"]), (200, &json!(1)));
        let mut dearer = sample::tax("CITY");
        dearer.set("value", Json::Number("5.10".into()));
        let changed = client.call("PUT", "/properties/LIS1/taxes/CITY?enabled=false", &dearer).await;
        assert_eq!((changed.0, &changed.1["version"], &changed.1["enabled"]), (200, &json!(2), &json!(false)));
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_is_disabled_emptied_or_taken_out_as_the_contract_allows() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        client.launch("LIS1").await;
        world.rest().await;
        // Named by its products, a room type stays.
        let (status, refused) = client.call("DELETE", "/properties/LIS1/roomtypes/A", "").await;
        assert_eq!((status, errors(&refused)), (409, vec![(4006, "Invalid value for field code")]));
        assert!(refused["status"]["message"].as_str().unwrap().contains("products RP1 name it"), "{refused}");
        let (status, emptied) = client.call("DELETE", "/properties/LIS1/products/RP1", "").await;
        assert_eq!((status, &emptied["body"]), (200, &json!([])));
        let (status, removed) = client.call("DELETE", "/properties/LIS1/roomtypes/A", "").await;
        let expected = json!({"propertyCode": "LIS1", "kind": "roomtype", "code": "A", "removed": true});
        assert_eq!((status, removed), (200, expected));
        let (status, gone) = client.call("GET", "/properties/LIS1/roomtypes/A", "").await;
        assert_eq!((status, errors(&gone)), (404, vec![(7055, "Room type with code 'A' not found")]));
        assert_eq!(client.call("DELETE", "/properties/LIS1/rateplans/RP1", "").await.0, 200);
        assert_eq!(client.call("DELETE", "/properties/LIS1/cancellation-policies/C24H", "").await.0, 200);
        let (status, tax) = client.call("DELETE", "/properties/LIS1/taxes/CITY", "").await;
        assert_eq!((status, &tax["enabled"], &tax["version"]), (200, &json!(false), &json!(2)));
        world.rest().await;
        world.audit_all().await;
        world.rest().await;
        // What the partner keeps of what was taken out is no surprise and owes nothing.
        assert_eq!(world.alerts().await, []);
        let (status, hotel) = client.call("DELETE", "/properties/LIS1", "").await;
        assert_eq!((status, &hotel["enabled"]), (200, &json!(false)));
        world.rest().await;
        let held = world.held(0);
        let state = |kind: Kind| held.iter().find(|it| it.1 == kind).map(|it| it.3);
        assert_eq!((state(Kind::Hotel), state(Kind::Tax)), (Some(false), Some(false)));
        // Below it nothing changes, and back it comes with what is put.
        let (status, below) = client.call("PUT", "/properties/LIS1/roomtypes/B", sample::room("B")).await;
        assert_eq!((status, errors(&below)), (409, vec![(7059, "Property with code LIS1 is disabled")]));
        assert_eq!(client.call("PUT", "/properties/LIS1?enabled=true", sample::hotel("LIS1")).await.0, 200);
        assert_eq!(client.call("PUT", "/properties/LIS1/roomtypes/A", sample::room("A")).await.0, 201);
        world.rest().await;
        let again = client.get("/properties/LIS1/roomtypes/A").await;
        assert_eq!(again["partners"][0]["version"], json!(1), "{again}");
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_imported_as_json_json_lines_and_csv() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        let (hotel, rooms) = (
            format!(r#"{{"hotel":{}}}"#, sample::hotel("LIS1")),
            format!(r#"{{"propertyCode":"LIS1","rooms":[{}]}}"#, sample::room("A")),
        );
        let csv = "propertyCode,code,name,taxType,chargeFrequency,chargeBasis,percentOrFlat,appliesToChildren,value,payAtProperty\n\
            LIS1,CITY,City tax,TAX,DAY,PERSON,FLAT,false,4.00,true\nGONE,X,X,TAX,DAY,PERSON,FLAT,false,1,true\n";
        let whole = json!({"messages": 1, "changed": 1, "refused": 0, "refusals": []});
        let asked = client.with("POST", "/import", "application/json", format!("[{hotel}]")).await;
        assert_eq!(asked, (200, whole.clone()));
        let asked = client.with("POST", "/import", "application/x-ndjson", format!("{rooms}\n\n")).await;
        assert_eq!(asked, (200, whole));
        let asked = client.with("POST", "/import?kind=tax", "text/csv; charset=utf-8", csv.to_owned()).await;
        let refusal = json!({"line": 3, "message": "Property with code GONE not found", "errors": [
            {"objectCode": "GONE", "errorMessage": "Property with code GONE not found", "errorCode": 7054}]});
        let told = json!({"messages": 2, "changed": 1, "refused": 1, "refusals": [refusal]});
        assert_eq!(asked, (200, told));
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        for (path, media, field) in [
            ("/import", "text/csv", "kind"),
            ("/import?kind=suite", "text/csv", "kind"),
            ("/import?kind=tax", "application/json", "kind"),
            ("/import", "text/plain", "Content-Type"),
            ("/import", "application/json", "body"),
        ] {
            let (status, body) = client.with("POST", path, media, "{".to_owned()).await;
            let text = errors(&body)[0].1.to_owned();
            assert!(status == 400 && text.contains(field), "{path} {media}: {status} {body}");
        }
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_and_drift_are_shown_and_acted_on() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        let done = |action: &str, objects: u64| (200, json!({"done": action, "objects": objects}));
        client.launch("LIS1").await;
        world.rest().await;
        let good = json!({"partners": [{"partner": "p0", "enabled": true, "paused": null, "lanes": 1, "parked": 0,
            "owed": 0, "drifted": 0}]});
        assert_eq!(client.get("/partners").await, good);
        // Parked, skipped, replayed.
        world.partners[0].set_faults(Faults { reject: 1_000, ..Faults::default() });
        let mut room = sample::room("A");
        room.set("name", Json::from("Other"));
        client.call("PUT", "/properties/LIS1/roomtypes/A", &room).await;
        world.rest().await;
        let mut parked = client.get("/partners/p0/lanes?parked=true").await;
        assert!(parked["lanes"][0]["parked"].as_object_mut().unwrap().remove("since").is_some());
        let stopped = json!({"reason": "refused with HTTP 400: 4006", "object": "roomtype A"});
        let lanes = json!({"paused": null, "lanes": [{"property": "LIS1", "owed": 1, "parked": stopped}]});
        assert_eq!(parked, lanes);
        world.partners[0].set_faults(Faults::default());
        assert_eq!(client.call("POST", "/partners/p0/lanes/LIS1/skip", "").await, done("skip", 0));
        let (status, refused) = client.call("POST", "/partners/p0/lanes/LIS1/skip", "").await;
        assert_eq!((status, errors(&refused)), (409, vec![(4006, "Invalid value for field property")]));
        assert_eq!(client.call("POST", "/partners/p0/lanes/LIS1/replay", "").await, done("replay", 7));
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        // Drift that was repaired within the hour is shown, and repaired on demand.
        for value in ["8.00", "9.00"] {
            world.partners[0].with_shelf(|shelf| {
                shelf.body_mut(Kind::Tax, "LIS1", "CITY").unwrap().set("value", Json::Number(value.into()));
            });
            assert_eq!(client.call("POST", "/partners/p0/lanes/LIS1/audit", "").await, done("audit", 0));
            world.rest().await;
        }
        let drift = json!({"drift": [{"property": "LIS1", "kind": "tax", "code": "CITY",
            "differences": [{"path": "/value", "expected": 4.0, "actual": 9.0}]}]});
        assert_eq!(client.get("/partners/p0/drift?property=LIS1").await, drift);
        assert_eq!(client.get("/partners").await["partners"][0]["drifted"], json!(1));
        assert_eq!(client.call("POST", "/partners/p0/lanes/LIS1/repair", "").await, done("repair", 1));
        world.rest().await;
        assert_eq!(client.get("/partners/p0/drift").await, json!({"drift": []}));
        assert_eq!(world.held(0), world.model().await);
        // Paused and resumed.
        let paused = client.call("POST", "/partners/p0/pause", "").await;
        assert_eq!(paused, (200, json!({"done": "pause", "lanes": 0})));
        room.set("name", Json::from("Later"));
        client.call("PUT", "/properties/LIS1/roomtypes/A", &room).await;
        world.rest().await;
        assert_eq!(client.get("/partners").await["partners"][0]["paused"], json!("the tenant paused it"));
        assert_eq!(client.call("POST", "/partners/p0/resume", "").await, (200, json!({"done": "resume", "lanes": 1})));
        world.rest().await;
        assert_eq!(client.call("POST", "/partners/p0/lanes/LIS1/retry", "").await, done("retry", 0));
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_told_what_is_wrong_and_change_nothing() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        client.launch("LIS1").await;
        let (hotel, tax) = (sample::hotel("LIS1").to_string(), sample::tax("CITY").to_string());
        let (hotel, tax) = (hotel.as_str(), tax.as_str());
        let bad = |text: &'static str| vec![(4006, text)];
        for (method, path, body, status, expected) in [
            ("GET", "/properties?limit=0", "", 400, bad("Invalid value for field limit")),
            ("GET", "/properties?colour=red", "", 400, bad("Invalid value for field colour")),
            ("GET", "/properties/GONE", "", 404, vec![(7054, "Property with code GONE not found")]),
            ("GET", "/properties/GONE/taxes", "", 404, vec![(7054, "Property with code GONE not found")]),
            ("GET", "/properties/LIS1/suites", "", 404, bad("Invalid value for field kind")),
            ("PUT", "/properties/LIS1/suites/A", "{}", 404, bad("Invalid value for field kind")),
            ("PUT", "/properties/LIS1/taxes/CITY", "{", 400, bad("Invalid value for field body")),
            ("PUT", "/properties/LIS1/taxes/VAT", tax, 400, bad("Invalid value for field code")),
            (
                "PUT",
                "/properties/LIS1/taxes/CITY?enabled=no",
                tax,
                400,
                bad("Invalid value for field enabled"),
            ),
            (
                "PUT",
                "/properties/LIS1/products/RP1?enabled=true",
                "[]",
                400,
                bad("Invalid value for field enabled"),
            ),
            ("PUT", "/properties/OTHER", hotel, 400, bad("Invalid value for field code")),
            ("DELETE", "/properties/LIS1/taxes/GONE", "", 404, vec![(7058, "Tax with code GONE not found")]),
            ("GET", "/partners/gone/lanes", "", 404, bad("Invalid value for field partner")),
            ("POST", "/partners/p0/dance", "", 404, bad("Invalid value for field action")),
            ("POST", "/partners/p0/lanes/LIS1/dance", "", 404, bad("Invalid value for field action")),
            (
                "POST",
                "/partners/p0/lanes/GONE/retry",
                "",
                404,
                vec![(7054, "Property with code GONE not found")],
            ),
        ] {
            let (told, answer) = client.call(method, path, body).await;
            assert_eq!((told, errors(&answer)), (status, expected), "{method} {path}: {answer}");
        }
        for key in ["", "wpp_unknown"] {
            let stranger = Client { router: client.router.clone(), key: key.to_owned() };
            let (status, answer) = stranger.call("GET", "/properties", "").await;
            let expected = vec![(4001, "Authentication failed. Invalid credentials provided.")];
            assert_eq!((status, errors(&answer)), (401, expected), "{key}");
        }
        world.rest().await;
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_sees_nothing_of_anothers_and_a_service_key_opens_nothing() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        client.launch("LIS1").await;
        let tenant = world.tenant;
        let other = world.store.write(move |tx| {
            use waypost_store::directory::{Service, Status, Tenant};
            let all = Ctx::operator(TenantId::ALL);
            let now = waypost_core::time::Micros(2);
            let second = Tenant {
                id: 0,
                slug: "other".to_owned(),
                name: "Other".to_owned(),
                status: Status::Live,
                time_zone: "UTC".to_owned(),
                default_priority: 2,
                sandbox: true,
                settings: "{}".to_owned(),
                created_at: now,
            };
            let second = admin::create_tenant(tx, &all, now, &second)?;
            let theirs = admin::create_key(tx, &Ctx::operator(second), now, None)?.text;
            let ctx = Ctx::operator(TenantId(tenant));
            let service = Service {
                id: 0,
                tenant,
                slug: "alerts".to_owned(),
                name: "Alerts".to_owned(),
                status: Status::Live,
                notify_url: None,
                notify_types: 0,
                inbound_url: None,
                default_sender: None,
                route_group: None,
                hub_secret: None,
                hub_algorithm: String::new(),
                jwt_secret: None,
                has_hub_secret: false,
                has_jwt_secret: false,
                created_at: now,
            };
            let service = admin::create_service(tx, &ctx, now, &service)?;
            Ok((theirs, admin::create_key(tx, &ctx, now, Some(service))?.text))
        });
        let (theirs, service) = other.await.unwrap();
        let stranger = Client { router: client.router.clone(), key: theirs };
        assert_eq!(stranger.get("/properties").await, json!({"properties": [], "next": null}));
        assert_eq!(stranger.get("/partners").await, json!({"partners": []}));
        assert_eq!(stranger.call("GET", "/properties/LIS1/taxes/CITY", "").await.0, 404);
        assert_eq!(stranger.call("POST", "/partners/p0/pause", "").await.0, 404);
        let by_service = Client { router: client.router.clone(), key: service };
        assert_eq!(by_service.call("GET", "/properties", "").await.0, 401);
        world.stop().await;
    })
    .await;
}

fn document() -> Value {
    let mut document = utoipa::openapi::OpenApi::default();
    model::openapi::describe(&mut document);
    serde_json::to_value(document).unwrap()
}

#[test]
fn the_document_describes_the_model() {
    insta::assert_json_snapshot!("model_openapi", document()["paths"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_has_every_path_and_method_of_the_router_and_no_other() {
    on_both_engines(|store| async move {
        let (world, client) = world(store).await;
        let told = format!("{:?}", client.router);
        let served: BTreeSet<&str> = told.split('"').filter(|text| text.starts_with(model::PATH)).collect();
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.keys().map(String::as_str).collect::<BTreeSet<_>>(), served);
        for (path, item) in paths {
            let described: BTreeSet<String> =
                item.as_object().unwrap().keys().map(|it| it.to_uppercase()).collect();
            let request = Request::builder().method("PATCH").uri(path.replace(['{', '}'], ""));
            let answer = client.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status().as_u16(), 405, "{path}");
            let allow = answer.headers()["allow"].to_str().unwrap();
            let served = allow.split(',').filter(|name| *name != "HEAD").map(str::to_owned).collect();
            assert_eq!(described, served, "{path}");
        }
        world.stop().await;
    })
    .await;
}
