//! Metadata definitions and the search by them.

use serde_json::{Value, json};

use crate::support::{World, refused};

const SEARCH: &str = "/api/v1/servicerequests/search-metadata/";

fn definition(service: i64, version: &str) -> Value {
    json!({"ServiceId": service, "VersionNumber": version, "MetadataStructureColumns": [
        {"ColumnName": "PROJECT", "DataType": "string", "KeyName": "projectName", "KeyNameEng": "project name",
            "KeyNameFra": "nom du projet", "IsSearchable": true},
        {"ColumnName": "REMARKS", "DataType": "string", "KeyName": "remarks", "KeyNameEng": "remarks",
            "KeyNameFra": "remarques", "IsSearchable": false},
    ]})
}

#[tokio::test]
async fn a_definition_has_versions_and_the_last_one_is_current() {
    for world in World::both().await {
        let service = world.service;
        let current = format!("/api/v1/current-metadata-definition/{service}");
        let all = format!("/api/v1/metadata-definitions/{service}");
        assert_eq!(world.get(&current).await.refusal(), refused(404, "4041013,609001", "serviceId"));
        assert_eq!(world.get(&all).await.refusal(), refused(404, "4041013,609001", "serviceId"));
        let first = world.good("POST", "/api/v1/metadata-definitions", definition(service, "1.0")).await;
        let mut expected = definition(service, "1.0");
        expected["Id"] = first["Id"].clone();
        assert_eq!(first, expected);
        let second = world.good("POST", "/api/v1/metadata-definitions", definition(service, "2.0")).await;
        assert_eq!(world.good("GET", &current, Value::Null).await, second);
        assert_eq!(world.good("GET", &all, Value::Null).await, json!([second, first]));
        let id = world.requested_with(json!({"MetadataStructureId": first["Id"]})).await;
        let request = world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await;
        assert_eq!(request["MetadataStructureId"], first["Id"]);
    }
}

#[tokio::test]
async fn a_definition_is_checked_member_by_member() {
    let world = World::new().await;
    let good = definition(world.service, "1");
    world.good("POST", "/api/v1/metadata-definitions", good.clone()).await;
    let mut twice = good["MetadataStructureColumns"].clone();
    twice[1]["KeyName"] = json!("PROJECTNAME");
    for (name, value, codes, field) in [
        ("ServiceId", json!(null), "901002,609002", "ServiceId"),
        ("ServiceId", json!(4711), "4041004,609002", "ServiceId"),
        ("VersionNumber", json!(""), "901002,609002", "VersionNumber"),
        ("VersionNumber", json!("1"), "901002,609002", "VersionNumber"),
        ("MetadataStructureColumns", json!([]), "901002,609002", "MetadataStructureColumns"),
        ("MetadataStructureColumns", json!([{}]), "901002,609002", "MetadataStructureColumns[0].KeyName"),
        ("MetadataStructureColumns", twice, "901002,609002", "MetadataStructureColumns[1].KeyName"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = world.call("POST", "/api/v1/metadata-definitions", body).await;
        assert_eq!(answer.refusal(), refused(400, codes, field), "{name}");
    }
    let null = world.call("POST", "/api/v1/metadata-definitions", Value::Null).await;
    assert_eq!(null.refusal(), refused(400, "901002,609002", "body"));
}

async fn with_metadata(world: &World, text: &str) -> i64 {
    let id = world.requested().await;
    let path = format!(
        "/api/v1/artifacts?serviceRequestId={id}&artifactType=JsonMetadata&version=1&userId={}",
        world.user
    );
    world.good("POST", &path, json!({"projectName": text, "remarks": "Marie"})).await;
    id
}

#[tokio::test]
async fn requests_are_found_by_a_part_of_a_searchable_value_in_any_case_with_its_accents() {
    for world in World::both().await {
        world.good("POST", "/api/v1/metadata-definitions", definition(world.service, "1")).await;
        let first = with_metadata(&world, "Élan de la MARIE").await;
        let second = with_metadata(&world, "Elan 100%").await;
        let found = async |key: &str, text: &str| -> Vec<i64> {
            let body = json!({"ServiceId": world.service, "UserId": world.user, "SearchValue": text,
                "StructureColumnKeyName": key, "Page": 1, "PageSize": 25});
            let found = world.good("POST", SEARCH, body).await;
            let list = found["ServiceRequests"].as_array().unwrap().iter();
            list.map(|one| one["Id"].as_i64().unwrap()).collect()
        };
        assert_eq!(found("project name", "lan").await, [second, first]);
        assert_eq!(found("Nom du projet", " élan ").await, [first]);
        assert_eq!(found("projectName", "marie").await, [first]);
        assert_eq!(found("project name", "0%").await, [second]);
        assert_eq!(found("project name", "%%").await, [0; 0]);
        let path = format!("/api/v1/servicerequests/{first}?userId={}", world.user);
        world.good("DELETE", &path, Value::Null).await;
        assert_eq!(found("project name", "marie").await, [0; 0]);
        let earlier =
            json!({"ServiceId": world.service, "SearchValue": "elan", "SearchOption": "project name"});
        let body = world.good("POST", SEARCH, earlier).await;
        assert_eq!((&body["Count"], &body["Page"], &body["HasMore"]), (&json!(1), &json!(1), &json!(false)));
        assert_eq!(
            body["ServiceRequests"][0]["Metadata"],
            json!([{"Key": "projectName", "Value": "Elan 100%"}, {"Key": "remarks", "Value": "Marie"}])
        );
    }
}

#[tokio::test]
async fn a_search_needs_a_definition_a_searchable_column_and_two_characters() {
    let world = World::new().await;
    let good =
        json!({"ServiceId": world.service, "SearchValue": "ab", "StructureColumnKeyName": "project name"});
    let refusal = async |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        world.call("POST", SEARCH, body).await.refusal()
    };
    assert_eq!(refusal("Page", json!(1)).await, refused(400, "4041013", "ServiceId"));
    world.good("POST", "/api/v1/metadata-definitions", definition(world.service, "1")).await;
    for (name, value, codes, field) in [
        ("ServiceId", json!(null), "901002", "ServiceId"),
        ("ServiceId", json!(4711), "4041004", "ServiceId"),
        ("SearchValue", json!(" é "), "901002", "SearchValue"),
        ("SearchValue", json!(null), "901002", "SearchValue"),
        ("StructureColumnKeyName", json!(null), "901002", "StructureColumnKeyName"),
        ("StructureColumnKeyName", json!("nothing"), "4041014", "StructureColumnKeyName"),
        ("StructureColumnKeyName", json!("remarks"), "4041014", "StructureColumnKeyName"),
        ("Page", json!(0), "901002", "page"),
    ] {
        assert_eq!(refusal(name, value).await, refused(400, codes, field), "{name}");
    }
}
