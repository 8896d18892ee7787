//! The App controller.

use serde_json::{Value, json};
use waypost_services::records::application;

use crate::support::{World, refused};

#[tokio::test]
async fn the_server_tells_its_state_and_versions() {
    let world = World::new().await;
    assert_eq!(world.good("GET", "/api/v1/status", Value::Null).await, json!("Connected"));
    assert_eq!(world.good("GET", "/api/v1/version", Value::Null).await, json!("v0.1.0"));
    let schema = world.good("GET", "/api/v1/mtoa-db-schema-version", Value::Null).await;
    assert_eq!(schema, json!(waypost_store::KNOWN_VERSION.to_string()));
    assert_eq!(world.good("POST", "/api/v1/clear-cache", json!({})).await, Value::Null);
}

#[tokio::test]
async fn whoami_tells_the_application_and_the_services_bound_to_it() {
    let world = World::new().await;
    let answer = world.call_as(&world.bound, "GET", "/api/v1/whoami", Value::Null).await;
    let mut body = answer.json();
    assert!(body["Services"][0]["ServiceGroupId"].take().is_i64());
    assert_eq!(
        body,
        json!({
            "Id": 3, "Name": "CSF", "EnglishName": "CSF application", "FrenchName": "Application CSF",
            "Services": [{
                "Id": world.service, "ShortName": "PERMIT", "EnglishName": "PERMIT service",
                "FrenchName": "Service PERMIT", "ServiceGroupId": null, "BaseUrl": "https://apply.example/app",
                "IsVisible": true, "IsSelfEnrolment": true,
            }],
        })
    );
    assert_eq!(world.get("/api/v1/whoami").await.json()["Services"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_application_that_is_bound_to_nothing_has_nothing_to_tell() {
    let world = World::new().await;
    world
        .operate(|tx, scope| {
            let mut application = application::by_slug(tx, scope, "PORTAL")?;
            application.all_services = false;
            application::update(tx, scope, &application)
        })
        .await;
    assert_eq!(world.get("/api/v1/whoami").await.refusal(), refused(404, "603000", "api-key"));
}

#[tokio::test]
async fn a_key_is_validated_with_its_token_for_a_service() {
    let world = World::new().await;
    let ask = async |body: Value| world.call("POST", "/api/v1/validate-apikey", body).await;
    let context = |key: &str, token: &str, service: Value| json!({"ApiKey": key, "JwtToken": token, "ServiceId": service});
    let (key, token) = (world.bound.api_key.as_str(), world.bound.app_jwt.as_str());
    let good = ask(context(key, token, json!(world.service))).await;
    assert_eq!((good.http.as_u16(), good.json()), (200, json!(true)));
    assert_eq!(ask(json!(null)).await.refusal(), refused(400, "603002,901002", "body"));
    assert_eq!(ask(context("", token, json!(1))).await.refusal(), refused(400, "603001", "ApiKey"));
    assert_eq!(ask(context(key, token, json!(null))).await.refusal(), refused(400, "603003", "ServiceId"));
    for (key, token, service) in [
        (key, token, world.other_service),
        (key, token, 4711),
        (key, world.key.app_jwt.as_str(), world.service),
        ("0123", token, world.service),
        (key, "", world.service),
    ] {
        let answer = ask(context(key, token, json!(service))).await;
        assert_eq!(answer.refusal(), refused(400, "603004", "ApiKey"));
    }
}
