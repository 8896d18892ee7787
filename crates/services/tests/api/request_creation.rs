//! Creating service requests, from parameters and from a body.

use serde_json::{Value, json};
use waypost_services::records::service_parts;

use crate::support::{World, refused};

fn path(user: i64, service: i64, more: &str) -> String {
    format!("/api/v1/servicerequests?userId={user}&serviceId={service}&englishName=A&frenchName=B{more}")
}

#[tokio::test]
async fn a_request_is_created_from_parameters_in_progress_with_the_first_entry_of_its_history() {
    for world in World::both().await {
        let id = world.requested().await;
        let mut body = world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await;
        assert_eq!(body["Guid"].take().as_str().unwrap().len(), 36);
        assert_eq!(
            body,
            json!({
                "Id": id, "Guid": null, "UserId": world.user, "ServiceId": world.service, "OrganizationId": null,
                "RequestStatus": "InProgress", "EnglishDisplayName": "A permit", "FrenchDisplayName": "Un permis",
                "MetadataStructureId": null, "ServiceAttributeId": null, "ServiceFeeId": null, "Comment": null,
                "RequesterId": null, "RequesterOrganizationId": null, "MailCoordinateId": null, "PlaceOfSupply": null,
                "ServiceStandardId": 0, "Metadata": null, "RegulatedEntities": [],
                "DateUpdated": "2026-09-21T10:13:20", "DateUpdatedUtc": "2026-09-21T14:13:20",
            })
        );
        let history = format!("/api/v1/servicerequests/{id}/status-history");
        let history = world.good("GET", &history, Value::Null).await;
        assert_eq!(history.as_array().unwrap().len(), 1);
        assert_eq!(
            (&history[0]["Status"], &history[0]["ServiceCategoryCode"]),
            (&json!("InProgress"), &json!("OFF"))
        );
    }
}

#[tokio::test]
async fn a_request_starts_in_the_status_and_for_the_organization_that_are_given() {
    let world = World::new().await;
    let more = format!("&organizationId={}&serviceRequestStatus=submitted", world.organization);
    let made = world.good("POST", &path(world.user, world.service, &more), json!({})).await;
    let found = world.get(&format!("/api/v1/servicerequests/{}", made["ServiceRequestId"])).await;
    assert_eq!(found.header("etag"), "\"r1\"");
    let body = found.json();
    assert_eq!(
        (&body["OrganizationId"], &body["RequestStatus"]),
        (&json!(world.organization), &json!("Submitted"))
    );
}

#[tokio::test]
async fn a_request_needs_a_service_an_owner_who_is_enrolled_and_a_known_status() {
    let world = World::new().await;
    let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
    let (user, service) = (world.user, world.service);
    assert_eq!(refusal(path(user, 4711, "")).await, refused(400, "4041004,617006", "ServiceId"));
    assert_eq!(refusal(path(4711, service, "")).await, refused(400, "4041003,617006", "UserId"));
    assert_eq!(refusal(path(world.stranger, service, "")).await, refused(403, "901003,617006", "UserId"));
    assert_eq!(
        refusal(path(user, service, "&organizationId=4711")).await,
        refused(400, "4041008,617006", "OrganizationId")
    );
    for status in ["Unknown", "0", "Nonsense"] {
        let more = format!("&serviceRequestStatus={status}");
        let expected = refused(400, "901002,617006", "serviceRequestStatus");
        assert_eq!(refusal(path(user, service, &more)).await, expected, "{status}");
    }
    let listed = world.good("GET", &format!("/api/v1/services/{service}/servicerequests"), Value::Null).await;
    assert_eq!(listed["Count"], 0);
}

#[tokio::test]
async fn an_application_creates_in_its_own_services_only() {
    let world = World::new().await;
    let path = path(world.user, world.other_service, "");
    let answer = world.call_as(&world.bound, "POST", &path, Value::Null).await;
    assert_eq!(answer.refusal(), refused(403, "901006", "ServiceId"));
}

#[tokio::test]
async fn a_body_carries_everything_a_request_has() {
    let world = World::new().await;
    let service = world.service;
    let attribute = world
        .operate(move |tx, scope| {
            service_parts::add_attribute(tx, scope, service, ("Renewal", "Renouvellement"))
        })
        .await;
    let guid = "0F8FAD5B-D9CB-469F-A165-70867728950E";
    let id = world
        .requested_with(json!({
            "OrganizationId": world.organization, "Status": "Draft", "ServiceAttributeId": attribute, "ServiceFeeId": 3,
            "Comment": "By ship", "RequesterId": world.stranger, "RequesterOrganizationId": world.organization,
            "PlaceOfSupply": "on", "ServiceStandardId": world.standard, "Guid": guid,
        }))
        .await;
    let body = world.good("GET", &format!("/api/v1/servicerequests?guid={guid}"), Value::Null).await;
    assert_eq!(
        body,
        json!({
            "Id": id, "Guid": guid.to_lowercase(), "UserId": world.user, "ServiceId": world.service,
            "OrganizationId": world.organization, "RequestStatus": "Draft", "EnglishDisplayName": "A permit",
            "FrenchDisplayName": "Un permis", "MetadataStructureId": null, "ServiceAttributeId": attribute,
            "ServiceFeeId": 3, "Comment": "By ship", "RequesterId": world.stranger,
            "RequesterOrganizationId": world.organization, "MailCoordinateId": null, "PlaceOfSupply": "ON",
            "ServiceStandardId": world.standard, "Metadata": null, "RegulatedEntities": [],
            "DateUpdated": "2026-09-21T10:13:20", "DateUpdatedUtc": "2026-09-21T14:13:20",
        })
    );
}

#[tokio::test]
async fn each_member_of_a_body_is_checked_and_named() {
    let world = World::new().await;
    let good = json!({"UserId": world.user, "ServiceId": world.service, "EnglishDisplayName": "A",
        "FrenchDisplayName": "B"});
    for (name, value, codes) in [
        ("UserId", json!(null), "901002,617006"),
        ("ServiceId", json!("x"), "901002,617006"),
        ("EnglishDisplayName", json!(" "), "901002,617006"),
        ("FrenchDisplayName", json!(null), "901002,617006"),
        ("Status", json!("Unknown"), "901002,617006"),
        ("Guid", json!("not a guid"), "901002,617006"),
        ("MetadataStructureId", json!(4711), "4041013,617006"),
        ("ServiceAttributeId", json!(4711), "901002,617006"),
        ("MailCoordinateId", json!(4711), "901002,617006"),
        ("RequesterId", json!(4711), "617016,617006"),
        ("RequesterOrganizationId", json!(4711), "4041008,617006"),
        ("PlaceOfSupply", json!("XX"), "901004,617006"),
        ("ServiceStandardId", json!(world.other_standard), "617029,617006"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = world.call("POST", "/api/v2/servicerequests", body).await;
        assert_eq!(answer.refusal(), refused(400, codes, name), "{name}");
    }
    let null = world.call("POST", "/api/v2/servicerequests", Value::Null).await;
    assert_eq!(null.refusal(), refused(400, "901002,617006", "body"));
}

#[tokio::test]
async fn a_guid_belongs_to_one_request() {
    let world = World::new().await;
    let guid = json!({"Guid": "0f8fad5b-d9cb-469f-a165-70867728950e"});
    world.requested_with(guid.clone()).await;
    let body = json!({"UserId": world.user, "ServiceId": world.service, "EnglishDisplayName": "A",
        "FrenchDisplayName": "B", "Guid": guid["Guid"]});
    let answer = world.call("POST", "/api/v2/servicerequests", body).await;
    assert_eq!(answer.refusal(), refused(400, "901002,617006", "Guid"));
}

#[tokio::test]
async fn a_service_may_ask_for_a_requester() {
    let world = World::new().await;
    let service = world.service;
    world
        .operate(move |tx, _| {
            tx.exec("UPDATE sd_service SET requires_requester = 1 WHERE id = ?1", &[service.into()])
        })
        .await;
    let answer = world.call("POST", &path(world.user, world.service, ""), Value::Null).await;
    assert_eq!(answer.refusal(), refused(400, "617015,617006", "RequesterId"));
    assert_eq!(
        answer.json(),
        json!({
            "Message": waypost_status::MtapiCode::NoRequesterId.entry().message,
            "MtapiStatus": [
                {"Code": 617_015, "Name": "NoRequesterId",
                    "Message": waypost_status::MtapiCode::NoRequesterId.entry().message},
                {"Code": 617_006, "Name": "AddServiceRequestFailed",
                    "Message": waypost_status::MtapiCode::AddServiceRequestFailed.entry().message},
            ],
            "Detail": {"Field": "RequesterId",
                "Rule": "the id of the person on whose behalf it is, which this service asks for",
                "Remedy": waypost_status::MtapiCode::NoRequesterId.entry().remedy},
        })
    );
    world.requested_with(json!({"RequesterId": world.user})).await;
}
