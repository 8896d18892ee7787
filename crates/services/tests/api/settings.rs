//! Settings and preferences of services.

use serde_json::{Value, json};
use waypost_services::records::setting::{self, Setting};

use crate::support::{World, refused};

const SETTINGS: &str = "/api/v1/service-settings";
const PREFERENCES: &str = "/api/v1/service-preferences";

#[tokio::test]
async fn a_setting_is_added_updated_read_and_deleted() {
    for world in World::both().await {
        let service = world.service;
        let body = |value: &str| json!({"Key": "GCKeyLogoutUrl", "ServiceId": service, "Value": value});
        assert_eq!(world.good("POST", SETTINGS, body("https://a.example")).await, body("https://a.example"));
        world.good("POST", SETTINGS, body("https://b.example")).await;
        assert_eq!(world.good("GET", SETTINGS, Value::Null).await, json!([body("https://b.example")]));
        let own = format!("/api/v1/services/{service}/service-settings");
        assert_eq!(world.good("GET", &own, Value::Null).await, json!([body("https://b.example")]));
        let defaults = world.good("GET", &format!("{own}?useDefaults=true"), Value::Null).await;
        let keys: Vec<_> =
            defaults.as_array().unwrap().iter().map(|own| own["Key"].as_str().unwrap()).collect();
        assert_eq!(
            keys,
            ["GCKeyLogoutUrl", "IsEmailNotificationTestModeEnabled", "PermissionsUsedInAdminConsole"]
        );
        let one = format!("{own}?useDefaults=true&key=isemailnotificationtestmodeenabled");
        assert_eq!(world.good("GET", &one, Value::Null).await[0]["Value"], "false");
        let unknown = world.get(&format!("{own}?key=Other")).await;
        assert_eq!(unknown.refusal(), refused(400, "4041005,619001", "key"));
        let delete = format!("{SETTINGS}/{service}/GCKeyLogoutUrl");
        world.good("DELETE", &delete, Value::Null).await;
        assert_eq!(world.good("GET", &own, Value::Null).await, json!([]));
        let gone = world.call("DELETE", &delete, Value::Null).await;
        assert_eq!(gone.refusal(), refused(404, "4041005,619003", "key"));
    }
}

#[tokio::test]
async fn a_setting_that_another_server_wrote_is_seen_after_five_minutes_or_a_cleared_cache() {
    let world = World::new().await;
    let service = world.service;
    let own = format!("/api/v1/services/{service}/service-settings");
    let count = async || world.good("GET", &own, Value::Null).await.as_array().unwrap().len();
    let put = async |key: &'static str| {
        world
            .operate(move |tx, scope| {
                let new = Setting { service, key: key.to_owned(), value: "x".to_owned(), revision: 0 };
                setting::put(tx, scope, &new)
            })
            .await;
    };
    assert_eq!(count().await, 0);
    put("A").await;
    assert_eq!(count().await, 0);
    world.clock.advance_ms(300_000);
    assert_eq!(count().await, 1);
    put("B").await;
    world.good("POST", "/api/v1/clear-cache", Value::Null).await;
    assert_eq!(count().await, 2);
    put("IsEmailNotificationTestModeEnabled").await;
    world.good("POST", "/api/v1/clear-cache", Value::Null).await;
    assert_eq!(world.get(&own).await.refusal(), refused(500, "901001,619001", "key"));
}

#[tokio::test]
async fn a_setting_without_a_name_a_service_or_a_fitting_value_is_refused() {
    let world = World::new().await;
    let send = async |path: &str, body: Value| world.call("POST", path, body).await.refusal();
    let with = |key: Value, value: Value| json!({"Key": key, "ServiceId": world.service, "Value": value});
    assert_eq!(send(SETTINGS, json!(null)).await, refused(400, "619004,901002,619002", "body"));
    assert_eq!(
        send(SETTINGS, with(json!("a b"), json!("x"))).await,
        refused(400, "619004,901002,619002", "Key")
    );
    let flag = with(json!("IsEmailNotificationTestModeEnabled"), json!("maybe"));
    assert_eq!(send(SETTINGS, flag).await, refused(400, "619004,901002,619002", "Value"));
    let unknown = json!({"Key": "A", "ServiceId": 4711, "Value": "x"});
    assert_eq!(send(SETTINGS, unknown.clone()).await, refused(400, "4041004,619002", "ServiceId"));
    assert_eq!(send(PREFERENCES, json!(null)).await, refused(400, "615004,901002,615002", "body"));
    assert_eq!(
        send(PREFERENCES, json!({"Key": "A"})).await,
        refused(400, "615004,901002,615002", "ServiceId")
    );
    assert_eq!(send(PREFERENCES, unknown).await, refused(400, "4041004,615002", "ServiceId"));
}

#[tokio::test]
async fn a_preference_is_added_updated_read_and_deleted() {
    for world in World::both().await {
        let service = world.service;
        let body = |value: Value| {
            json!({"Key": "EnableServiceFeatureXYZ", "ServiceId": service, "EnglishDescription": "Feature",
                "FrenchDescription": "Fonction", "SettingType": "bool", "Value": value})
        };
        assert_eq!(world.good("POST", PREFERENCES, body(json!("true"))).await, body(json!("true")));
        world.good("POST", PREFERENCES, body(Value::Null)).await;
        assert_eq!(world.good("GET", PREFERENCES, Value::Null).await, json!([body(Value::Null)]));
        let own = format!("/api/v1/services/{service}/service-preferences");
        assert_eq!(world.good("GET", &own, Value::Null).await, json!([body(Value::Null)]));
        let one = format!("{own}?key=enableservicefeaturexyz");
        assert_eq!(world.good("GET", &one, Value::Null).await, json!([body(Value::Null)]));
        let unknown = world.get(&format!("{own}?key=Other")).await;
        assert_eq!(unknown.refusal(), refused(400, "4041006,615001", "key"));
        let delete = format!("/api/v1/service-preference/{service}/EnableServiceFeatureXYZ");
        world.good("DELETE", &delete, Value::Null).await;
        let gone = world.call("DELETE", &delete, Value::Null).await;
        assert_eq!(gone.refusal(), refused(404, "4041006,615003", "key"));
    }
}
