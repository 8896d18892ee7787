//! Roles of people in applications.

use serde_json::{Value, json};
use waypost_services::api::ServicesSettings;
use waypost_services::records::user_application::{self, Given, Role};

use crate::support::{World, refused, settings};

/// Gives the application PORTAL two roles and the staff the one that manages. Returns the application.
async fn application(world: &World) -> i64 {
    let (staff, service) = (world.staff, world.service);
    world
        .operate(move |tx, scope| {
            let role = |role, name: &str, manages_users, permissions: &[i64]| Role {
                role,
                name_en: name.to_owned(),
                name_fr: name.to_owned(),
                manages_users,
                permissions: permissions.to_vec(),
            };
            user_application::put_role(
                tx,
                scope,
                1,
                &role(5, "Canadian Responsible Officer", true, &[13, 17]),
            )?;
            user_application::put_role(tx, scope, 1, &role(6, "Compliance Officer", false, &[17]))?;
            user_application::give(tx, scope, (1, staff), Given { service, role: 5, is_active: true }, 0)
        })
        .await;
    1
}

#[tokio::test]
async fn an_application_is_shown_with_its_roles_and_their_permissions() {
    let world = World::new().await;
    let id = application(&world).await;
    let shown = world.good("GET", &format!("/api/v1/userapplications/{id}"), Value::Null).await;
    let submit = json!({"PermissionId": 13, "EnglishName": "Sign and submit service requests",
        "FrenchName": "Signer et soumettre des demandes de service"});
    let manage = json!({"PermissionId": 17, "EnglishName": "Manage service requests",
        "FrenchName": "Gérer les demandes de service"});
    assert_eq!(
        shown,
        json!({
            "Id": id, "EnglishName": "PORTAL application", "FrenchName": "Application PORTAL",
            "ManageInternalAccountInd": true, "EnglishAcronym": "PORTAL", "FrenchAcronym": "PORTAL",
            "EnglishDescription": "PORTAL application", "FrenchDescription": "Application PORTAL",
            "Roles": [
                {"RoleId": 5, "EnglishName": "Canadian Responsible Officer", "FrenchName": "Canadian Responsible Officer",
                    "Permissions": [submit, manage]},
                {"RoleId": 6, "EnglishName": "Compliance Officer", "FrenchName": "Compliance Officer",
                    "Permissions": [manage]},
            ],
        })
    );
    let path = format!("/api/v1/users/{}/applications", world.staff);
    assert_eq!(world.good("GET", &path, Value::Null).await, json!([shown]));
    assert_eq!(world.good("GET", &format!("{path}?roleId=6"), Value::Null).await, json!([]));
    let odd = async |role: &str| world.get(&format!("{path}?roleId={role}")).await.refusal();
    assert_eq!(odd("7").await, refused(400, "620023,620022", "roleId"));
    assert_eq!(odd("x").await, refused(400, "620023,901002,620022", "roleId"));
    let unknown = world.get("/api/v1/userapplications/4711").await;
    assert_eq!(unknown.refusal(), refused(404, "623001,623000", "id"));
}

#[tokio::test]
async fn a_role_brings_its_permissions_until_it_is_stopped_or_changed() {
    for world in World::both().await {
        let id = application(&world).await;
        let (user, staff, service) = (world.user, world.staff, world.service);
        let held = async || {
            let found = world.good("GET", &format!("/api/v1/users/{user}/permissions"), Value::Null).await;
            let codes = found.as_array().unwrap().iter().map(|own| own["PermissionId"].as_i64().unwrap());
            codes.collect::<Vec<_>>()
        };
        let base = format!("/api/v1/userapplications/{id}");
        let enrol = format!("{base}/enrolluser?userId={user}&createdByUserId={staff}");
        world.good("POST", &enrol, json!([{"ServiceId": service, "RoleId": 6}])).await;
        assert_eq!(held().await, [17]);
        let one = format!("{base}/users/{user}");
        let by = format!("createdByUserId={staff}");
        world.good("PUT", &format!("{one}?{by}"), json!([{"ServiceId": service, "RoleId": 5}])).await;
        assert_eq!(held().await, [13, 17]);
        world.good("POST", &format!("{one}/deactivate-user?{by}"), Value::Null).await;
        assert_eq!(held().await, Vec::<i64>::new());
        world.good("POST", &format!("{one}/activate-user?{by}"), Value::Null).await;
        assert_eq!(held().await, [13, 17]);
    }
}

#[tokio::test]
async fn only_who_has_a_managing_role_changes_the_roles_of_others() {
    let world = World::new().await;
    let id = application(&world).await;
    let (user, staff, service) = (world.user, world.staff, world.service);
    let base = format!("/api/v1/userapplications/{id}");
    let roles = json!([{"ServiceId": service, "RoleId": 6}]);
    let send = async |method: &str, path: &str, body: &Value| {
        world.call(method, &format!("{base}/{path}"), body.clone()).await.refusal()
    };
    let enrol = |user: i64, by: i64| format!("enrolluser?userId={user}&createdByUserId={by}");
    assert_eq!(
        send("POST", &enrol(staff, user), &roles).await,
        refused(403, "623007,623002", "createdByUserId")
    );
    assert_eq!(send("POST", &enrol(4711, staff), &roles).await, refused(400, "4041003,623002", "userId"));
    let role = json!([{"ServiceId": service, "RoleId": 9}]);
    assert_eq!(send("POST", &enrol(user, staff), &role).await, refused(400, "623006,623002", "RoleId"));
    let role = json!([{"ServiceId": service}]);
    assert_eq!(
        send("POST", &enrol(user, staff), &role).await,
        refused(400, "623006,901002,623002", "[0].RoleId")
    );
    let role = json!([{"ServiceId": 4711, "RoleId": 6}]);
    assert_eq!(send("POST", &enrol(user, staff), &role).await, refused(400, "4041004,623002", "ServiceId"));
    assert_eq!(send("POST", &enrol(user, staff), &json!([])).await, refused(400, "901002,623002", "body"));
    for (path, method, code) in
        [("", "PUT", "623003"), ("/activate-user", "POST", "623004"), ("/deactivate-user", "POST", "623005")]
    {
        let nobody = format!("users/{user}{path}?createdByUserId={user}");
        assert_eq!(
            send(method, &nobody, &roles).await,
            refused(403, &format!("623007,{code}"), "createdByUserId")
        );
        let unknown = format!("users/4711{path}?createdByUserId={staff}");
        assert_eq!(send(method, &unknown, &roles).await, refused(404, &format!("4041003,{code}"), "userId"));
    }
    let without = format!("users/{user}/activate-user?createdByUserId={staff}");
    assert_eq!(send("POST", &without, &Value::Null).await, refused(400, "901002,623004", "userId"));
}

#[tokio::test]
async fn the_employees_of_an_application_are_listed_by_name_or_address_role_and_service() {
    for world in World::both().await {
        let id = application(&world).await;
        let (user, staff, service) = (world.user, world.staff, world.service);
        world
            .operate(move |tx, scope| {
                user_application::give(tx, scope, (1, user), Given { service, role: 6, is_active: true }, 0)
            })
            .await;
        let path = format!("/api/v1/userapplications/{id}/users");
        let sam = json!({
            "UserId": staff, "FirstName": "Sam", "LastName": "Staff", "EmailAddress": "sam@example.org",
            "WindowsUserName": "TC\\Sam", "Services": [{"ServiceId": service, "RoleId": 5, "IsActive": true}],
        });
        let whole = json!({"Users": [sam], "Count": 1, "Page": 1, "HasMore": false});
        for query in [
            "",
            "?userName=STAF",
            "?userName=nobody&emailAddress=sam@",
            "?userRoleType=5",
            "?page=1&pageSize=1",
        ] {
            assert_eq!(world.good("GET", &format!("{path}{query}"), Value::Null).await, whole, "{query}");
        }
        let none = json!({"Users": [], "Count": 0, "Page": 1, "HasMore": false});
        for query in ["?userName=nobody", "?userRoleType=6", &format!("?servId={}", world.other_service)] {
            assert_eq!(world.good("GET", &format!("{path}{query}"), Value::Null).await, none, "{query}");
        }
        let odd = world.get(&format!("{path}?userRoleType=9")).await;
        assert_eq!(odd.refusal(), refused(400, "623006,620338", "userRoleType"));
        let unknown = world.get("/api/v1/userapplications/4711/users").await;
        assert_eq!(unknown.refusal(), refused(404, "623001,620338", "appId"));
    }
    let strict = World::with(ServicesSettings { strict_codes: true, ..settings() }).await;
    let unknown = strict.get("/api/v1/userapplications/4711/users").await;
    assert_eq!(unknown.refusal(), refused(404, "623001,623008", "appId"));
}
