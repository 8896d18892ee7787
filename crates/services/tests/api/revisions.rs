//! `ETag` and `If-Match` on what has no other test of them; ids of coordinates.

use axum::http::header::IF_MATCH;
use serde_json::{Value, json};

use crate::support::{Answer, World, refused, request};

/// A call that must find the entity as the tag says.
async fn matching(world: &World, tag: &str, (method, path, body): (&str, &str, Value)) -> Answer {
    let mut request = request(&world.key, method, path, body);
    request.headers_mut().insert(IF_MATCH, tag.parse().unwrap());
    world.send(request).await
}

async fn tag(world: &World, path: &str) -> String {
    let answer = world.get(path).await;
    assert_eq!(answer.http, 200, "{}", answer.body);
    answer.header("etag").to_owned()
}

/// What is read at `read`, changed by `change` and, where there is a path for it, removed.
struct Entity {
    read: String,
    change: (&'static str, &'static str, Value),
    remove: Option<String>,
    failed: (&'static str, &'static str),
}

async fn entities(world: &World) -> Vec<Entity> {
    let service = world.service;
    let own = format!("/api/v1/services/{service}");
    let setting = json!({"Key": "GCKeyLogoutUrl", "ServiceId": service, "Value": "https://a.example"});
    world.good("POST", "/api/v1/service-settings", setting.clone()).await;
    let preference = json!({"Key": "Feature", "ServiceId": service, "Value": "x"});
    world.good("POST", "/api/v1/service-preferences", preference.clone()).await;
    let permission = json!({"PermissionId": 17, "ServiceId": service});
    world.good("POST", "/api/v1/services/permissions", permission.clone()).await;
    let invoice = json!({"ServiceRequestId": world.requested().await, "Number": "N-1", "Amount": 1});
    let invoice = world.good("POST", "/api/v1/invoices", invoice).await;
    vec![
        Entity {
            read: format!("{own}/service-settings?key=GCKeyLogoutUrl"),
            change: ("POST", "/api/v1/service-settings", setting),
            remove: Some(format!("/api/v1/service-settings/{service}/GCKeyLogoutUrl")),
            failed: ("901002,619002", "901002,619003"),
        },
        Entity {
            read: format!("{own}/service-preferences?key=Feature"),
            change: ("POST", "/api/v1/service-preferences", preference),
            remove: Some(format!("/api/v1/service-preference/{service}/Feature")),
            failed: ("901002,615002", "901002,615003"),
        },
        Entity {
            read: format!("{own}/permissions?permissionId=17"),
            change: ("PUT", "/api/v1/services/permissions", permission),
            remove: Some(format!("{own}/permissions?permissionId=17")),
            failed: ("901002,618018", "901002,618019"),
        },
        Entity {
            read: "/api/v1/invoices?number=N-1".to_owned(),
            change: ("PUT", "/api/v1/invoices", json!({"Id": invoice["Id"], "Amount": 2})),
            remove: None,
            failed: ("901002", ""),
        },
    ]
}

#[tokio::test]
async fn an_update_that_names_an_older_revision_changes_nothing() {
    for world in World::both().await {
        for Entity { read, change, remove, failed } in entities(&world).await {
            let (method, path, body) = &change;
            let first = tag(&world, &read).await;
            assert!(first.starts_with("\"r"), "{read}: {first}");
            let changed = matching(&world, &first, (method, path, body.clone())).await;
            assert_eq!(changed.http, 200, "{path}: {}", changed.body);
            let second = tag(&world, &read).await;
            assert_eq!((changed.header("etag"), second == first), (second.as_str(), false), "{path}");
            for stale in [first.as_str(), "\"another\"", "W/\"r1\""] {
                let late = matching(&world, stale, (method, path, body.clone())).await;
                assert_eq!(late.refusal(), refused(412, failed.0, "If-Match"), "{path} {stale}");
            }
            assert_eq!(tag(&world, &read).await, second);
            assert_eq!(matching(&world, "*", (method, path, body.clone())).await.http, 200);
            let Some(remove) = remove else { continue };
            let late = matching(&world, &second, ("DELETE", &remove, Value::Null)).await;
            assert_eq!(late.refusal(), refused(412, failed.1, "If-Match"), "{remove}");
            let third = tag(&world, &read).await;
            assert_eq!(matching(&world, &third, ("DELETE", &remove, Value::Null)).await.http, 200);
            world.clock.advance_ms(1);
            let again = if *method == "PUT" { "POST" } else { method };
            let again = world.call(again, path, body.clone()).await;
            assert_eq!(again.http, 200, "{}", again.body);
            // Added again, it is another entity: no revision that was shown before is its own.
            assert!(![first, second, third].contains(&again.header("etag").to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_stored_has_no_revision() {
    let world = World::new().await;
    let service = world.service;
    let own = format!("/api/v1/services/{service}");
    assert_eq!(tag(&world, &format!("{own}/service-settings?useDefaults=true&key=GCKeyLogoutUrl")).await, "");
    assert_eq!(tag(&world, &format!("{own}/permissions")).await, "");
    let unknown = world.get(&format!("{own}/permissions?permissionId=17")).await;
    assert_eq!(unknown.refusal(), refused(400, "901002,618016", "permissionId"));
    let body = json!({"Key": "A", "ServiceId": service, "Value": "x"});
    let absent = matching(&world, "\"r1\"", ("POST", "/api/v1/service-settings", body)).await;
    assert_eq!(absent.refusal(), refused(412, "901002,619002", "If-Match"));
}

#[tokio::test]
async fn a_coordinate_keeps_its_id_when_its_list_is_written_again() {
    for world in World::both().await {
        let path = "/api/v1/users";
        let email =
            |address: &str| json!({"EmailAddress": address, "LocationType": "Home", "IsPrimary": false});
        let body = |emails: Value| json!({"Id": world.user, "Emails": emails});
        let first = world.good("POST", path, body(json!([email("a@b.ca"), email("c@d.ca")]))).await;
        let ids = |shown: &Value| -> Vec<i64> {
            shown["Emails"].as_array().unwrap().iter().map(|one| one["Id"].as_i64().unwrap()).collect()
        };
        let before = ids(&first);
        let mut moved = email("moved@b.ca");
        moved["Id"] = json!(before[0]);
        let list = json!([moved, email("c@d.ca"), email("new@b.ca")]);
        let second = world.good("POST", path, body(list)).await;
        let after = ids(&second);
        assert_eq!((&after[..2], after.len()), (&before[..], 3));
        assert_eq!(second["Emails"][0]["EmailAddress"], "moved@b.ca");
        let third = world.good("POST", path, body(json!([email("c@d.ca")]))).await;
        assert_eq!(ids(&third), [before[1]]);
        let mut strange = email("c@d.ca");
        strange["Id"] = json!(before[0]);
        let refusal = world.call("POST", path, body(json!([strange]))).await.refusal();
        assert_eq!(refusal, refused(400, "901002,620010", "Emails[0].Id"));
    }
}
