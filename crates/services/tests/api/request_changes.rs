//! Changing and deleting service requests.

use serde_json::{Value, json};
use waypost_services::records::audit;

use crate::support::{World, refused, request};

#[tokio::test]
async fn what_is_written_out_is_changed_null_empties_and_the_rest_stays() {
    for world in World::both().await {
        let id = world.requested_with(json!({"Comment": "old", "PlaceOfSupply": "ON"})).await;
        world.clock.advance_ms(60_000);
        let change = json!({"Id": id, "Comment": null, "EnglishDisplayName": "B permit", "RequestStatus": "Submitted",
            "RequesterId": world.stranger, "ServiceStandardId": world.standard});
        let answer = world.call("PUT", "/api/v1/servicerequests", change).await;
        assert_eq!(
            (answer.http.as_u16(), answer.codes().as_str(), answer.header("etag")),
            (200, "-1", "\"r2\"")
        );
        let mut expected = answer.json();
        assert_eq!(expected["RegulatedEntities"], Value::Null);
        expected["RegulatedEntities"] = json!([]);
        assert_eq!(world.get(&format!("/api/v1/servicerequests/{id}")).await.json(), expected);
        let shown = [
            "Comment",
            "EnglishDisplayName",
            "FrenchDisplayName",
            "RequestStatus",
            "RequesterId",
            "ServiceStandardId",
            "PlaceOfSupply",
            "DateUpdatedUtc",
        ]
        .map(|name| expected[name].clone());
        assert_eq!(
            shown,
            [
                json!(null),
                json!("B permit"),
                json!("Un permis"),
                json!("Submitted"),
                json!(world.stranger),
                json!(world.standard),
                json!("ON"),
                json!("2026-09-21T14:14:20")
            ]
        );
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("service_request", id))).await;
        assert_eq!(
            story.iter().map(|line| (line.action.as_str(), line.detail.as_str())).collect::<Vec<_>>(),
            [
                ("create", "InProgress"),
                (
                    "update",
                    "RequestStatus InProgress to Submitted, EnglishDisplayName, Comment, RequesterId, ServiceStandardId"
                ),
            ]
        );
    }
}

#[tokio::test]
async fn service_and_guid_of_a_request_do_not_change_and_every_member_is_checked() {
    let world = World::new().await;
    let id = world.requested().await;
    for (name, value, codes) in [
        ("Id", json!(4711), "4041001,617008"),
        ("Id", json!(null), "901002,617008"),
        ("ServiceId", json!(world.other_service), "901002,617008"),
        ("Guid", json!("0f8fad5b-d9cb-469f-a165-70867728950e"), "901002,617008"),
        ("UserId", json!(4711), "4041003,617008"),
        ("RequestStatus", json!("Unknown"), "901002,617008"),
        ("OrganizationId", json!(4711), "4041008,617008"),
        ("RequesterId", json!(4711), "617016,617008"),
        ("PlaceOfSupply", json!("Ontario"), "901004,617008"),
        ("ServiceStandardId", json!(world.other_standard), "617029,617008"),
    ] {
        let mut body = json!({"Id": id});
        body[name] = value;
        let answer = world.call("PUT", "/api/v1/servicerequests", body).await;
        assert_eq!(answer.refusal(), refused(400, codes, name), "{name}");
    }
    assert_eq!(world.get(&format!("/api/v1/servicerequests/{id}")).await.header("etag"), "\"r1\"");
}

#[tokio::test]
async fn a_change_of_an_older_revision_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let id = world.requested().await;
    let change = async |tag: &str| {
        let body = json!({"Id": id, "Comment": tag});
        let mut request = request(&world.key, "PUT", "/api/v1/servicerequests", body);
        request.headers_mut().insert("if-match", tag.parse().unwrap());
        world.send(request).await
    };
    assert_eq!(change("\"r1\"").await.header("etag"), "\"r2\"");
    assert_eq!(change("\"r1\"").await.refusal(), refused(412, "901002,617008", "If-Match"));
    assert_eq!(change("\"other\"").await.refusal(), refused(412, "901002,617008", "If-Match"));
    assert_eq!(change("*").await.header("etag"), "\"r3\"");
}

#[tokio::test]
async fn a_status_is_changed_by_a_person_and_the_same_one_again_is_no_change() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = |more: &str| format!("/api/v1/servicerequests/{id}/updatestatus?userId={}{more}", world.staff);
    let to = format!("&serviceRequestStatus=inreview&serviceStandardId={}&comment=Looking", world.standard);
    let body = world.good("POST", &path(&to), json!({})).await;
    assert_eq!(
        (&body["RequestStatus"], &body["ServiceStandardId"]),
        (&json!("InReview"), &json!(world.standard))
    );
    world.good("POST", &path("&serviceRequestStatus=2"), Value::Null).await;
    let again = world.call("POST", &path("&serviceRequestStatus=Submitted"), Value::Null).await;
    assert_eq!(again.header("etag"), "\"r3\"");
    let history = format!("/api/v1/servicerequests/{id}/status-history-ex");
    let history = world.good("GET", &history, Value::Null).await;
    let seen: Vec<_> =
        history.as_array().unwrap().iter().map(|e| (&e["Status"], &e["UserId"], &e["Comment"])).collect();
    let (user, staff, none) = (json!(world.user), json!(world.staff), json!(null));
    assert_eq!(
        seen,
        [
            (&json!("InProgress"), &user, &none),
            (&json!("InReview"), &staff, &json!("Looking")),
            (&json!("Submitted"), &staff, &none),
        ]
    );
}

#[tokio::test]
async fn a_status_change_names_a_request_a_person_a_status_and_a_standard_of_the_service() {
    let world = World::new().await;
    let id = world.requested().await;
    for (id, more, http, codes, field) in [
        (4711, format!("userId={}&serviceRequestStatus=Issued", world.user), 404, "4041001,617010", "id"),
        (id, "userId=4711&serviceRequestStatus=Issued".to_owned(), 400, "4041003,617010", "userId"),
        (
            id,
            format!("userId={}&serviceRequestStatus=Unknown", world.user),
            400,
            "901002,617010",
            "serviceRequestStatus",
        ),
        (
            id,
            format!(
                "userId={}&serviceRequestStatus=Issued&serviceStandardId={}",
                world.user, world.other_standard
            ),
            400,
            "617029,617010",
            "serviceStandardId",
        ),
    ] {
        let path = format!("/api/v1/servicerequests/{id}/updatestatus?{more}");
        assert_eq!(
            world.call("POST", &path, Value::Null).await.refusal(),
            refused(http, codes, field),
            "{path}"
        );
    }
}

#[tokio::test]
async fn both_names_are_changed_at_once() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = |id| {
        format!(
            "/api/v1/servicerequests/{id}/updatename?userId={}&englishName=New&frenchName=Neuf",
            world.user
        )
    };
    let body = world.good("POST", &path(id), Value::Null).await;
    assert_eq!((&body["EnglishDisplayName"], &body["FrenchDisplayName"]), (&json!("New"), &json!("Neuf")));
    let unknown = world.call("POST", &path(4711), Value::Null).await;
    assert_eq!(unknown.refusal(), refused(404, "4041001,617008", "id"));
}

#[tokio::test]
async fn a_deleted_request_is_found_no_more() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = |user: i64| format!("/api/v1/servicerequests/{id}?userId={user}");
    let stranger = world.call("DELETE", &path(4711), Value::Null).await;
    assert_eq!(stranger.refusal(), refused(400, "4041003,617011", "userId"));
    assert_eq!(world.good("DELETE", &path(world.user), Value::Null).await, Value::Null);
    assert_eq!(world.get(&path(world.user)).await.refusal(), refused(404, "4041001,617001", "id"));
    let again = world.call("DELETE", &path(world.user), Value::Null).await;
    assert_eq!(again.refusal(), refused(404, "4041001,617011", "id"));
    let listed = format!("/api/v1/users/{}/servicerequests", world.user);
    assert_eq!(world.good("GET", &listed, Value::Null).await["Count"], 0);
}

#[tokio::test]
async fn a_request_of_another_service_is_closed_to_an_application() {
    let world = World::new().await;
    let id = world.requested().await;
    let (other, service) = (world.other_service, world.service);
    world
        .operate(move |tx, _| {
            tx.exec(
                "UPDATE sd_application_service SET service = ?1 WHERE service = ?2",
                &[other.into(), service.into()],
            )
        })
        .await;
    for (method, path) in [
        ("GET", format!("/api/v1/servicerequests/{id}")),
        ("DELETE", format!("/api/v1/servicerequests/{id}?userId={}", world.user)),
        ("GET", format!("/api/v1/servicerequests/{id}/status-history")),
        ("GET", format!("/api/v1/servicerequests/{id}/assignments")),
        ("POST", format!("/api/v1/servicerequests/{id}/transfer?userId={}", world.user)),
        ("GET", format!("/api/v1/servicerequests?services={service}")),
        ("GET", format!("/api/v1/services/{service}/servicerequests")),
    ] {
        let answer = world.call_as(&world.bound, method, &path, Value::Null).await;
        assert_eq!((answer.http.as_u16(), answer.codes().as_str()), (403, "901006"), "{path}");
    }
}
