//! The catalogue of services and what belongs to them.

use serde_json::{Value, json};
use waypost_services::records::permission::{self, Held};
use waypost_services::records::service_parts::{self, EntityType};

use crate::support::{World, refused};

const PATH: &str = "/api/v1/services";

fn ids(found: &Value) -> Vec<i64> {
    found.as_array().unwrap().iter().map(|own| own["Id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn services_are_listed_by_group_and_found_by_id_or_name() {
    let world = World::new().await;
    assert_eq!(ids(&world.good("GET", PATH, Value::Null).await), [world.service, world.other_service]);
    for group in ["licences", "Permis", "1"] {
        let found = world.good("GET", &format!("{PATH}?groupId={group}"), Value::Null).await;
        assert_eq!(ids(&found), [world.service], "{group}");
    }
    let odd = world.get(&format!("{PATH}?groupId=x")).await;
    assert_eq!(odd.refusal(), refused(400, "901002,618021", "groupId"));
    let bound = world.call_as(&world.bound, "GET", PATH, Value::Null).await;
    assert_eq!(ids(&bound.json()), [world.service]);
    for named in [world.other_service.to_string(), "other".to_owned(), "Service%20OTHER".to_owned()] {
        let found = world.good("GET", &format!("{PATH}/{named}"), Value::Null).await;
        assert_eq!(found["ShortName"], "OTHER", "{named}");
    }
    let unknown = world.get(&format!("{PATH}/4711")).await;
    assert_eq!(unknown.refusal(), refused(404, "4041004,618004", "id"));
    let foreign = world.call_as(&world.bound, "GET", &format!("{PATH}/other"), Value::Null).await;
    assert_eq!(foreign.refusal(), refused(403, "901006", "ServiceId"));
}

#[tokio::test]
async fn a_service_has_activities_entities_organizations_notices_and_people() {
    for world in World::both().await {
        let service = world.service;
        let activity = world
            .operate(move |tx, scope| {
                let imo = EntityType {
                    type_code: "VESSEL".to_owned(),
                    id_type_code: "IMO".to_owned(),
                    name_en: "IMO number".to_owned(),
                    name_fr: "Numéro OMI".to_owned(),
                    sort_order: 1,
                };
                service_parts::set_entity_type(tx, scope, service, &imo)?;
                service_parts::add_activity(tx, scope, service, ("Inspect", "Inspecter"))
            })
            .await;
        let good =
            async |part: &str| world.good("GET", &format!("{PATH}/{service}/{part}"), Value::Null).await;
        assert_eq!(
            good("activities").await,
            json!([{"Id": activity, "EnglishName": "Inspect", "FrenchName": "Inspecter"}])
        );
        assert_eq!(
            good("regulated-entities").await,
            json!([{"RegulatedEntityTypeCode": "VESSEL", "RegulatedEntityIdTypeCode": "IMO",
                "EnglishDisplayName": "IMO number", "FrenchDisplayName": "Numéro OMI", "SortOrder": 1}])
        );
        assert_eq!(ids(&good("organizations").await), [world.organization]);
        assert_eq!(ids(&good("users").await), [world.user, world.staff]);
        assert_eq!(ids(&good("users?userType=internal").await), [world.staff]);
        let outage = json!({"Services": [service], "StartDate": "2026-09-22", "EndDate": "2026-09-23"});
        let notice = world.good("POST", "/api/v1/outage-notices", outage).await;
        assert_eq!(good("outage-notices").await, json!([notice]));
        for (part, codes) in [
            ("activities", "4041004,618005"),
            ("regulated-entities", "4041004,618020"),
            ("organizations", "4041004"),
            ("users", "4041004,618014"),
            ("outage-notices", "4041004,618015"),
            ("permissions", "4041004,618016"),
        ] {
            let unknown = world.get(&format!("{PATH}/4711/{part}")).await;
            assert_eq!(unknown.refusal(), refused(404, codes, "id"), "{part}");
        }
        let odd = world.get(&format!("{PATH}/{service}/users?userType=x")).await;
        assert_eq!(odd.refusal(), refused(400, "620001,901002,618014", "userType"));
    }
}

#[tokio::test]
async fn an_organization_is_bound_to_a_service_once_or_twice() {
    let world = World::new().await;
    let bind = |user: i64, organization: i64| {
        format!(
            "{PATH}/{}/bind-organization?userId={user}&organizationId={organization}",
            world.other_service
        )
    };
    for _ in 0..2 {
        world.good("POST", &bind(world.staff, world.organization), Value::Null).await;
    }
    let found =
        world.good("GET", &format!("{PATH}/{}/organizations", world.other_service), Value::Null).await;
    assert_eq!(ids(&found), [world.organization]);
    let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
    assert_eq!(refusal(bind(4711, world.organization)).await, refused(400, "4041003", "userId"));
    assert_eq!(refusal(bind(world.user, 4711)).await, refused(400, "4041008", "organizationId"));
}

#[tokio::test]
async fn a_permission_is_defined_for_a_service_changed_and_removed_with_its_grants() {
    for world in World::both().await {
        let (service, user) = (world.service, world.user);
        let path = format!("{PATH}/permissions");
        let shown = world.good("POST", &path, json!({"PermissionId": 17, "ServiceId": service})).await;
        assert_eq!(
            shown,
            json!({"PermissionId": 17, "PermissionAbbrLbl": "", "PermissionEnm": "Manage service requests",
                "PermissionFnm": "Gérer les demandes de service", "ServiceId": service, "EnglishComment": "",
                "FrenchComment": ""})
        );
        let change = json!({"PermissionId": 17, "ServiceId": service, "PermissionAbbrLbl": "MNG", "EnglishComment": "All"});
        let changed = world.good("PUT", &path, change).await;
        assert_eq!(
            (&changed["PermissionAbbrLbl"], &changed["PermissionEnm"]),
            (&json!("MNG"), &shown["PermissionEnm"])
        );
        let all = format!("{PATH}/{service}/permissions");
        assert_eq!(world.good("GET", &all, Value::Null).await, json!([changed]));
        world
            .operate(move |tx, scope| {
                permission::grant(tx, scope, Held { user, service, organization: None, code: 17 })
            })
            .await;
        world.good("DELETE", &format!("{all}?permissionId=17"), Value::Null).await;
        let held = world.good("GET", &format!("/api/v1/users/{user}/permissions"), Value::Null).await;
        assert_eq!(held, json!([]));
        let send = async |method: &str, body: Value| world.call(method, &path, body).await.refusal();
        let plain = json!({"PermissionId": 17, "ServiceId": service});
        assert_eq!(send("PUT", plain.clone()).await, refused(400, "901002,618018", "PermissionId"));
        world.good("POST", &path, plain.clone()).await;
        assert_eq!(send("POST", plain).await, refused(400, "901002,618017", "PermissionId"));
        let nameless = json!({"PermissionId": 1001, "ServiceId": service});
        assert_eq!(send("POST", nameless).await, refused(400, "901002,618017", "PermissionEnm"));
        let unknown = json!({"PermissionId": 17, "ServiceId": 4711});
        assert_eq!(send("POST", unknown).await, refused(400, "4041004,618017", "ServiceId"));
        let gone = world.call("DELETE", &format!("{all}?permissionId=99"), Value::Null).await;
        assert_eq!(gone.refusal(), refused(400, "901002,618019", "permissionId"));
    }
}
