//! Feedback, invoices, portal capabilities, regulated entities of requests.

use serde_json::{Value, json};
use waypost_services::records::audit;
use waypost_services::records::service_parts::{self, EntityType};

use crate::support::{World, refused};

#[tokio::test]
async fn a_feedback_is_a_rating_from_one_to_five() {
    for world in World::both().await {
        let body = |rating: Value| json!({"ServiceId": world.service, "Rating": rating, "Comment": "Quick"});
        let kept = world.good("POST", "/api/v1/feedback", body(json!(5))).await;
        assert_eq!(
            kept,
            json!({"Id": kept["Id"], "ServiceId": world.service, "Rating": 5, "Comment": "Quick"})
        );
        let send = async |body: Value| world.call("POST", "/api/v1/feedback", body).await.refusal();
        for odd in [json!(0), json!(6), json!("x"), json!(null)] {
            assert_eq!(send(body(odd)).await, refused(400, "606002,606001", "Rating"));
        }
        let unknown = json!({"ServiceId": 4711, "Rating": 1});
        assert_eq!(send(unknown).await, refused(400, "4041004,606001", "ServiceId"));
        assert_eq!(send(json!(null)).await, refused(400, "901002,606001", "body"));
    }
}

#[tokio::test]
async fn the_capabilities_of_a_portal_are_named_in_either_language() {
    let world = World::new().await;
    let english = world.good("GET", "/api/v1/portal-capabilities", Value::Null).await;
    assert_eq!(
        (english.as_array().unwrap().len(), &english[0]),
        (6, &json!({"Key": "MyServices", "Name": "My Services"}))
    );
    let french = world.good("GET", "/api/v1/portal-capabilities?isEnglish=false", Value::Null).await;
    assert_eq!(french[0]["Name"], "Mes services");
    let odd = world.get("/api/v1/portal-capabilities?isEnglish=x").await;
    assert_eq!(odd.refusal(), refused(400, "901002,614001", "isEnglish"));
}

#[tokio::test]
async fn an_invoice_is_added_to_a_request_found_and_changed() {
    for world in World::both().await {
        let request = world.requested().await;
        let path = "/api/v1/invoices";
        let body = json!({"ServiceRequestId": request, "Number": "N-1", "PaymentReferenceNumber": "P-1", "Amount": 12.5,
            "Date": "2026-09-21"});
        let kept = world.good("POST", path, body).await;
        let id = kept["Id"].as_i64().unwrap();
        assert_eq!(
            kept,
            json!({"Id": id, "ServiceRequestId": request, "Number": "N-1", "PaymentReferenceNumber": "P-1", "Amount": 12.5,
                "Date": "2026-09-21T00:00:00"})
        );
        let change = json!({"Id": id, "PaymentReferenceNumber": "P-2", "Amount": "13"});
        let changed = world.good("PUT", path, change).await;
        assert_eq!(
            (&changed["PaymentReferenceNumber"], &changed["Amount"], &changed["Number"]),
            (&json!("P-2"), &json!(13), &json!("N-1"))
        );
        for query in ["number=N-1", "reference=P-2", "number=N-1&reference=P-2"] {
            assert_eq!(
                world.good("GET", &format!("{path}?{query}"), Value::Null).await,
                json!([changed]),
                "{query}"
            );
        }
        assert_eq!(
            world.good("GET", &format!("{path}?number=N-1&reference=P-1"), Value::Null).await,
            json!([])
        );
        let own = format!("/api/v1/servicerequests/{request}/invoices");
        assert_eq!(world.good("GET", &own, Value::Null).await, json!([changed]));
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("invoice", id))).await;
        assert_eq!(story.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["create", "update"]);
        let send = async |method: &str, body: Value| world.call(method, path, body).await.refusal();
        assert_eq!(send("POST", json!(null)).await, refused(400, "608001,901002", "body"));
        assert_eq!(send("POST", json!({"Number": "N-2"})).await, refused(400, "608000", "ServiceRequestId"));
        let negative = json!({"ServiceRequestId": -1});
        assert_eq!(send("POST", negative).await, refused(400, "608000,901002", "ServiceRequestId"));
        let unknown = json!({"ServiceRequestId": 4711, "Number": "N-2", "Amount": 1});
        assert_eq!(send("POST", unknown).await, refused(400, "4041001", "ServiceRequestId"));
        let taken = json!({"ServiceRequestId": request, "Number": "N-1", "Amount": 1});
        assert_eq!(send("POST", taken).await, refused(400, "901002", "Number"));
        for odd in [json!(-1), json!("x"), json!(1.234_56), json!(null)] {
            let body = json!({"ServiceRequestId": request, "Number": "N-2", "Amount": odd});
            assert_eq!(send("POST", body).await, refused(400, "901002", "Amount"));
        }
        assert_eq!(send("PUT", json!({"Id": 4711})).await, refused(400, "901002", "Id"));
        assert_eq!(world.get(path).await.refusal(), refused(400, "901002", "number"));
        let odd = world.get("/api/v1/servicerequests/0/invoices").await;
        assert_eq!(odd.refusal(), refused(400, "608000,901002", "id"));
    }
}

#[tokio::test]
async fn the_regulated_entities_of_a_request_are_of_kinds_its_service_defines() {
    for world in World::both().await {
        let service = world.service;
        world
            .operate(move |tx, scope| {
                for (n, code) in (1..).zip(["IMO", "VESSEL_NM"]) {
                    let kind = EntityType {
                        type_code: "VESSEL".to_owned(),
                        id_type_code: code.to_owned(),
                        name_en: format!("{code} en"),
                        name_fr: format!("{code} fr"),
                        sort_order: n,
                    };
                    service_parts::set_entity_type(tx, scope, service, &kind)?;
                }
                Ok(())
            })
            .await;
        let path = format!("/api/v1/servicerequests/{}/regulated-entities", world.requested().await);
        let entity = |code: &str, value: &str| json!({"RegulatedEntityTypeCode": "VESSEL", "RegulatedEntityIdTypeCode": code, "Value": value});
        let shown = |code: &str, value: &str, n: i64| {
            json!({"Value": value, "ServiceId": service, "RegulatedEntityTypeCode": "VESSEL",
                "RegulatedEntityIdTypeCode": code, "SortOrder": n, "EnglishDisplayName": format!("{code} en"),
                "FrenchDisplayName": format!("{code} fr")})
        };
        world.good("POST", &path, json!([entity("VESSEL_NM", "Aurora")])).await;
        let both = json!([shown("IMO", "9074729", 1), shown("VESSEL_NM", "Aurora", 2)]);
        assert_eq!(world.good("POST", &path, json!([entity("IMO", "9074729")])).await, both);
        assert_eq!(world.good("GET", &path, Value::Null).await, both);
        let one = json!([shown("IMO", "1", 1)]);
        assert_eq!(world.good("PUT", &path, json!([entity("IMO", "1")])).await, one);
        let send = async |method: &str, body: Value| world.call(method, &path, body).await.refusal();
        let place = "[0].RegulatedEntityIdTypeCode";
        assert_eq!(
            send("POST", json!([entity("CDN_SHIP_IND", "1")])).await,
            refused(400, "616001,616003", place)
        );
        assert_eq!(
            send("PUT", json!([entity("CDN_SHIP_IND", "1")])).await,
            refused(400, "616001,616004", place)
        );
        assert_eq!(
            send("PUT", json!([{"Value": "1"}])).await,
            refused(400, "901002,616004", "[0].RegulatedEntityTypeCode")
        );
        assert_eq!(
            send("POST", json!([entity("IMO", &"9".repeat(201))])).await,
            refused(400, "901002,616003", "[0].Value")
        );
        assert_eq!(send("POST", json!(null)).await, refused(400, "901002,616003", "body"));
        let unknown = world.get("/api/v1/servicerequests/4711/regulated-entities").await;
        assert_eq!(unknown.refusal(), refused(404, "4041001,616002", "id"));
        assert_eq!(world.good("GET", &path, Value::Null).await, one);
        assert_eq!(world.good("PUT", &path, json!([])).await, json!([]));
    }
}
