//! Organizations.

use serde_json::{Value, json};
use waypost_services::records::{audit, enrolment};
use waypost_services::rules::enrolment::State;

use crate::support::{World, refused, request};

const PATH: &str = "/api/v1/organizations";

#[tokio::test]
async fn an_organization_is_added_found_changed_and_deleted() {
    for world in World::both().await {
        let body = json!({
            "EnglishName": "North Ferries", "FrenchName": "Traversiers du Nord", "BusinessSystemType": "mto",
            "SourceId": 7, "BusinessNumber": 123_456_789,
            "Emails": [{"LocationType": "Business", "IsPrimary": true, "EmailAddress": "office@north.example"}],
        });
        let added = world.call("POST", PATH, body).await;
        assert_eq!((added.http.as_u16(), added.header("etag")), (200, "\"r1\""));
        let mut shown = added.json();
        let id = shown["Id"].as_i64().unwrap();
        assert!(shown["Emails"][0]["Id"].take().as_i64().is_some_and(|id| id > 0));
        assert_eq!(
            shown,
            json!({
                "Id": id, "SourceId": 7, "SourceReference": null, "BusinessSystemType": "MTO",
                "EnglishName": "North Ferries", "FrenchName": "Traversiers du Nord", "OrganizationType": null,
                "BusinessNumber": "123456789", "Phones": [], "Addresses": [],
                "Emails": [{"Id": null, "LocationType": "Business", "IsPrimary": true, "EmailAddress": "office@north.example"}],
            })
        );
        let changed = json!({"Id": id, "FrenchName": "Traversiers", "Phones": [{"LocalNumber": "5550100"}]});
        let changed = world.call("PUT", PATH, changed).await;
        assert_eq!((changed.http.as_u16(), changed.header("etag")), (200, "\"r2\""));
        assert_eq!(changed.json()["EnglishName"], "North Ferries");
        assert_eq!(changed.json()["Emails"][0]["EmailAddress"], "office@north.example");
        assert_eq!(changed.json()["Phones"][0]["LocalNumber"], "5550100");
        for named in [id.to_string(), "North%20Ferries".to_owned(), "Traversiers".to_owned()] {
            let found = world.good("GET", &format!("{PATH}/{named}"), Value::Null).await;
            assert_eq!(found, changed.json(), "{named}");
        }
        let by_email = world.good("GET", &format!("{PATH}?email=OFFICE@north.example"), Value::Null).await;
        assert_eq!(by_email, json!([changed.json()]));
        assert_eq!(world.good("GET", PATH, Value::Null).await.as_array().unwrap().len(), 2);
        world.good("DELETE", &format!("{PATH}/{id}"), Value::Null).await;
        assert_eq!(world.get(&format!("{PATH}/{id}")).await.refusal(), refused(404, "4041008,611001", "id"));
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("organization", id))).await;
        assert_eq!(
            story.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
            ["create", "update", "delete"]
        );
        assert!(story.iter().all(|line| line.application > 0));
    }
}

#[tokio::test]
async fn what_is_no_organization_is_named_with_its_code() {
    let world = World::new().await;
    let send = async |method: &str, body: Value| world.call(method, PATH, body).await.refusal();
    assert_eq!(send("POST", json!(null)).await, refused(400, "611005,901002,611003", "body"));
    assert_eq!(send("POST", json!({})).await, refused(400, "611005,901002,611003", "EnglishName"));
    let odd = json!({"EnglishName": "x", "BusinessSystemType": "y"});
    assert_eq!(send("POST", odd).await, refused(400, "611005,901002,611003", "BusinessSystemType"));
    let odd = json!({"EnglishName": "x", "Emails": [{"EmailAddress": "y"}]});
    assert_eq!(send("POST", odd).await, refused(400, "611005,901002,611003", "Emails[0].EmailAddress"));
    assert_eq!(send("PUT", json!({"Id": "x"})).await, refused(400, "611002,611004", "Id"));
    assert_eq!(send("PUT", json!({"Id": 4711})).await, refused(400, "4041008,611004", "Id"));
    assert_eq!(world.get(&format!("{PATH}/0")).await.refusal(), refused(400, "611002,611001", "id"));
    let gone = world.call("DELETE", &format!("{PATH}/4711"), Value::Null).await;
    assert_eq!(gone.refusal(), refused(404, "4041008,611005", "id"));
    assert_eq!(gone.json()["MtapiStatus"][1]["Name"], "DeletingOrganizationFailed");
}

#[tokio::test]
async fn an_older_revision_changes_nothing() {
    let world = World::new().await;
    let body = json!({"Id": world.organization, "EnglishName": "Other"});
    let mut stale = request(&world.key, "PUT", PATH, body);
    stale.headers_mut().insert("if-match", "\"r9\"".parse().unwrap());
    assert_eq!(world.send(stale).await.refusal(), refused(412, "901002,611004", "If-Match"));
    let now = world.get(&format!("{PATH}/{}", world.organization)).await;
    assert_eq!((now.header("etag"), &now.json()["EnglishName"]), ("\"r1\"", &json!("Harbour Boats")));
}

#[tokio::test]
async fn the_people_of_an_organization_are_those_active_for_it() {
    let world = World::new().await;
    let (user, stranger, service, organization) =
        (world.user, world.stranger, world.service, world.organization);
    world
        .operate(move |tx, scope| {
            for (person, state) in [(user, State::Active), (stranger, State::Inactive)] {
                enrolment::put(tx, scope, (person, service, Some(organization)), (state, None), false)?;
            }
            Ok(())
        })
        .await;
    let path = format!("{PATH}/{organization}/users");
    let ids = |found: Value| -> Vec<i64> {
        found.as_array().unwrap().iter().map(|own| own["Id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(world.good("GET", &path, Value::Null).await), [user]);
    let other = format!("{path}?serviceId={}", world.other_service);
    assert_eq!(ids(world.good("GET", &other, Value::Null).await), Vec::<i64>::new());
    let unknown = world.get(&format!("{PATH}/4711/users")).await;
    assert_eq!(unknown.refusal(), refused(404, "4041008,611001", "id"));
    let service = world.get(&format!("{path}?serviceId=4711")).await;
    assert_eq!(service.refusal(), refused(400, "4041004,611001", "serviceId"));
}
