//! The query language over HTTP (spec 6).

use serde_json::{Value, json};
use waypost_services::api::ServicesSettings;
use waypost_services::records::request_entity::{self, Entity};
use waypost_services::rules::srql::Mode;

use crate::support::{World, refused, settings};

const PATH: &str = "/api/v1/servicerequests/query";

async fn entity(world: &World, request: i64, id_type: &'static str, value: &'static str) {
    let entity =
        Entity { type_code: "VESSEL".to_owned(), id_type_code: id_type.to_owned(), value: value.to_owned() };
    world
        .operate(move |tx, scope| request_entity::add(tx, scope, request, std::slice::from_ref(&entity)))
        .await;
}

async fn asked(world: &World, body: Value) -> Vec<i64> {
    let found = world.good("POST", PATH, body).await;
    let ids: Vec<i64> =
        found["ServiceRequests"].as_array().unwrap().iter().map(|one| one["Id"].as_i64().unwrap()).collect();
    assert_eq!(found["Count"].as_i64().unwrap(), i64::try_from(ids.len()).unwrap());
    ids
}

#[tokio::test]
async fn every_documented_example_runs_on_each_engine() {
    for world in World::both().await {
        let on = world.requested_with(json!({"PlaceOfSupply": "ON"})).await;
        let draft = world.requested_with(json!({"Status": "Draft"})).await;
        entity(&world, on, "IMO", "Value_2").await;
        entity(&world, draft, "VESSEL_NM", "The Value of Ships").await;
        let assign = format!("/api/v1/servicerequests/{on}/assignments");
        world.good("POST", &assign, json!({"UserIds": [world.staff]})).await;
        let (user, service) = (world.user, world.service);
        let services = format!("{service},{}", world.other_service);
        let paged = |mut body: Value| {
            (body["Page"], body["PageSize"]) = (json!(1), json!(25));
            body
        };
        for (body, expected) in [
            (json!({"UserId": user, "IncludeStatusHistory": true}), vec![draft, on]),
            (
                json!({"Assignees": format!("{},4711", world.staff), "IncludeRegulatedEntities": true}),
                vec![on],
            ),
            (
                json!({"Services": services, "ExcludeMetadata": true, "IncludeRegulatedEntities": true}),
                vec![draft, on],
            ),
            (json!({"ServiceRequests": format!("{on},4711"), "ExcludeMetadata": true}), vec![on]),
            (
                json!({"Services": services, "ExcludeMetadata": true, "Filter": "RegulatedEntity-IMO='value_2'"}),
                vec![on],
            ),
            (
                json!({"ServiceId": service, "Filter": "RegulatedEntity-VESSEL_NM.Contains('Value')"}),
                vec![draft],
            ),
            (json!({"ServiceId": service, "Filter": "ServiceAttributes='98,99,100'"}), vec![]),
            (
                json!({"UserId": 0, "ServiceId": service, "OrganizationId": 0, "ExcludeMetadata": false,
                    "Filter": "PlaceOfSupply='ON' AND Status='InProgress'", "Version": 1}),
                vec![on],
            ),
            (
                json!({"UserId": user, "ServiceId": 0, "Services": null, "Filter": "DateRangeUtc=20260920-20260921"}),
                vec![draft, on],
            ),
            (json!({"UserId": user, "Filter": "DateRangeUtc=20260922"}), vec![]),
            (
                json!({"UserId": user, "Filter": "PlaceOfSupply='ON' OR Status='Draft' AND OrderBy-Id=Asc"}),
                vec![on, draft],
            ),
            (json!({"UserId": user, "Filter": "Colour='red' OrderBy-Date=Ascending"}), vec![on, draft]),
        ] {
            assert_eq!(asked(&world, paged(body.clone())).await, expected, "{body}");
        }
    }
}

#[tokio::test]
async fn a_query_shows_what_it_asks_for_and_tolerates_a_trailing_comma() {
    let world = World::new().await;
    let id = world.requested().await;
    entity(&world, id, "IMO", "IMO 1234567").await;
    let service = world.service;
    world
        .operate(move |tx, scope| {
            let kind = waypost_services::records::service_parts::EntityType {
                type_code: "VESSEL".to_owned(),
                id_type_code: "IMO".to_owned(),
                name_en: "IMO Number".to_owned(),
                name_fr: "Numéro OMI".to_owned(),
                sort_order: 3,
            };
            waypost_services::records::service_parts::set_entity_type(tx, scope, service, &kind)
        })
        .await;
    let mut request = crate::support::request(&world.key, "POST", "/api/servicerequests/query", Value::Null);
    let text = format!(
        "{{\"UserId\":{}, \"IncludeStatusHistory\":true, \"IncludeRegulatedEntities\": true, \"Page\":1,\"PageSize\":25,}}",
        world.user
    );
    *request.body_mut() = axum::body::Body::from(text);
    let found = world.send(request).await.json();
    let shown = &found["ServiceRequests"][0];
    assert_eq!(
        shown["RegulatedEntities"],
        json!([{"Value": "IMO 1234567", "ServiceId": world.service, "RegulatedEntityTypeCode": "VESSEL",
            "RegulatedEntityIdTypeCode": "IMO", "SortOrder": 3, "EnglishDisplayName": "IMO Number",
            "FrenchDisplayName": "Numéro OMI"}])
    );
    assert_eq!(shown["StatusHistory"].as_array().unwrap().len(), 1);
    let counted = world
        .good("POST", &format!("{PATH}?excludeServiceRequests=true"), json!({"UserId": world.user}))
        .await;
    assert_eq!(counted, json!({"ServiceRequests": [], "Count": 1, "Page": 1, "HasMore": false}));
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_refused_with_its_place() {
    let world = World::new().await;
    for (filter, rule) in [
        ("Status='Nonsense'", "at character 9: the name of a status, such as InProgress"),
        (
            "Status='Draft' OR Status='InProgress'",
            "at character 19: another filter type than Status, which OR must not repeat",
        ),
        ("ServiceAttributes='x'", "at character 20: the id of a service attribute"),
        (
            "DateRangeUtc=2021-08-01",
            "at character 14: a date as 20210801, or two with a dash between them, the earlier one first",
        ),
        ("Status='Draft", "at character 14: the closing single quote"),
    ] {
        let answer = world.call("POST", PATH, json!({"UserId": world.user, "Filter": filter})).await;
        assert_eq!(answer.refusal(), refused(400, "901005,617007", "Filter"), "{filter}");
        assert_eq!(answer.json()["MtapiStatus"][0]["Name"], "InvalidValueInFilter");
        assert_eq!(answer.json()["Detail"]["Rule"], rule);
    }
}

#[tokio::test]
async fn a_value_is_bound_whatever_it_says() {
    let world = World::new().await;
    let id = world.requested().await;
    entity(&world, id, "IMO", "o'neil' OR '1'='1").await;
    for (filter, expected) in [
        ("RegulatedEntity-IMO='O''Neil'' OR ''1''=''1'", vec![id]),
        ("RegulatedEntity-IMO='x'' OR ''1''=''1'", vec![]),
        ("RegulatedEntity-IMO.Contains('%')", vec![]),
        ("PlaceOfSupply='ON; DROP TABLE sd_request'", vec![]),
    ] {
        assert_eq!(
            asked(&world, json!({"UserId": world.user, "Filter": filter})).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn the_quirks_are_kept_unless_the_server_is_strict() {
    let body = |filter: &str| json!({"Assignees": "", "Filter": filter});
    let world = World::new().await;
    let id = world.requested_with(json!({"PlaceOfSupply": "ON"})).await;
    assert_eq!(asked(&world, body("placeofsupply='on'")).await, [0; 0]);
    assert_eq!(asked(&world, body("Colour='red'")).await, [id]);
    let world = World::with(ServicesSettings { query_mode: Mode::Strict, ..settings() }).await;
    let id = world.requested_with(json!({"PlaceOfSupply": "ON"})).await;
    assert_eq!(asked(&world, body("placeofsupply='on'")).await, [id]);
    let answer = world.call("POST", PATH, body("Colour='red'")).await;
    assert_eq!(answer.refusal(), refused(400, "901005,617007", "Filter"));
    assert_eq!(
        answer.json()["Detail"]["Rule"],
        "at character 1: one of Status, PlaceOfSupply, ServiceAttributes, DateRangeUtc, RegulatedEntity- and OrderBy-"
    );
}

#[tokio::test]
async fn members_that_exclude_one_another_are_refused() {
    let world = World::new().await;
    for (body, field) in [
        (json!({"UserId": 1, "ServiceId": 1, "OrganizationId": 1}), "OrganizationId"),
        (json!({"Services": "1"}), "ExcludeMetadata"),
        (json!({"ServiceRequests": "1", "ExcludeMetadata": false}), "ExcludeMetadata"),
        (json!({"Services": "x", "ExcludeMetadata": true}), "Services"),
        (json!({"Assignees": "1,,2"}), "Assignees"),
        (json!({"Page": 0}), "page"),
        (json!({"Version": 2}), "Version"),
        (json!({"UserId": "x"}), "UserId"),
        (json!([]), "body"),
    ] {
        let answer = world.call("POST", PATH, body.clone()).await;
        assert_eq!(answer.refusal(), refused(400, "901002,617007", field), "{body}");
    }
}

#[tokio::test]
async fn a_query_stays_in_the_services_of_the_application() {
    let world = World::new().await;
    world.requested().await;
    let (other, user) = (world.other_service, world.user);
    world
        .operate(move |tx, _| {
            tx.exec("UPDATE sd_request SET service = ?1 WHERE user_id = ?2", &[other.into(), user.into()])
        })
        .await;
    let answer = world.call_as(&world.bound, "POST", PATH, json!({"UserId": world.user})).await;
    assert_eq!(answer.json()["Count"], 0);
    let closed = world.call_as(&world.bound, "POST", PATH, json!({"ServiceId": other})).await;
    assert_eq!(closed.refusal(), refused(403, "901006", "ServiceId"));
}

#[tokio::test]
async fn a_part_of_an_identifier_is_found_until_the_identifier_is_replaced() {
    for world in World::both().await {
        let (one, two) = (world.requested().await, world.requested().await);
        entity(&world, one, "VESSEL_NM", "Banana Éclair of the very long name").await;
        entity(&world, one, "VESSEL_NM", "ANANAS").await;
        entity(&world, one, "FLAG", "Banana").await;
        entity(&world, two, "VESSEL_NM", "The 100% %_ Marie").await;
        let find = async |text: &str| {
            let filter = format!("RegulatedEntity-VESSEL_NM.Contains('{text}')");
            let within = asked(&world, json!({"ServiceId": world.service, "Filter": filter})).await;
            assert_eq!(asked(&world, json!({"Filter": filter})).await, within, "{text}");
            let other = json!({"ServiceId": world.other_service, "Filter": filter});
            assert_eq!(asked(&world, other).await, Vec::<i64>::new(), "{text}");
            within
        };
        for (text, expected) in [
            ("ana", vec![one]),
            ("éclair", vec![one]),
            ("clair of the very long n", vec![one]),
            ("clair of the very long m", vec![]),
            ("e", vec![two, one]),
            ("% %_ m", vec![two]),
            ("_", vec![two]),
            ("xyz", vec![]),
        ] {
            assert_eq!(find(text).await, expected, "{text}");
        }
        let replacement = Entity {
            type_code: "VESSEL".to_owned(),
            id_type_code: "VESSEL_NM".to_owned(),
            value: "Anabel".to_owned(),
        };
        world
            .operate(move |tx, scope| {
                request_entity::replace(tx, scope, one, std::slice::from_ref(&replacement))
            })
            .await;
        assert_eq!((find("anan").await, find("ana").await), (vec![], vec![one]));
        world
            .good("DELETE", &format!("/api/v1/servicerequests/{one}?userId={}", world.user), Value::Null)
            .await;
        assert_eq!(find("ana").await, Vec::<i64>::new());
    }
}
