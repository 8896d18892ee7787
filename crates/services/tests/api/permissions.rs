//! The permissions there are.

use serde_json::{Value, json};

use crate::support::{World, refused};

#[tokio::test]
async fn permissions_are_listed_one_by_one_or_in_groups() {
    let world = World::new().await;
    let all = world.good("GET", "/api/v1/permissions", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 19);
    let first = json!({"PermissionId": 13, "EnglishName": "Sign and submit service requests",
        "FrenchName": "Signer et soumettre des demandes de service"});
    assert_eq!(all[0], first);
    let groups = world.good("GET", "/api/v1/permissions?groupPermissions=true", Value::Null).await;
    let names: Vec<_> =
        groups.as_array().unwrap().iter().map(|own| own["EnglishName"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["Service requests", "User accounts", "Notices", "Email notifications", "Service preferences"]
    );
    assert_eq!(groups[0]["Permissions"][0], first);
    let odd = world.get("/api/v1/permissions?groupPermissions=x").await;
    assert_eq!(odd.refusal(), refused(400, "901002,613001", "groupPermissions"));
}

#[tokio::test]
async fn the_holders_of_a_permission_are_asked_for_in_a_service_that_is_there() {
    let world = World::new().await;
    let refusal =
        async |query: &str| world.get(&format!("/api/v1/permissions/25/users?{query}")).await.refusal();
    assert_eq!(refusal("serviceId=4711").await, refused(400, "4041004,613002", "serviceId"));
    let unknown = format!("serviceId={}&organizationId=4711", world.service);
    assert_eq!(refusal(&unknown).await, refused(400, "4041008,613002", "organizationId"));
    let path = format!("/api/v1/permissions/25/users?serviceId={}", world.other_service);
    let foreign = world.call_as(&world.bound, "GET", &path, Value::Null).await;
    assert_eq!(foreign.refusal(), refused(403, "901006", "ServiceId"));
}
