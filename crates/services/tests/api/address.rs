//! Countries and their subdivisions.

use serde_json::{Value, json};

use crate::support::{World, refused};

#[tokio::test]
async fn countries_are_listed_and_found_by_either_code() {
    let world = World::new().await;
    let all = world.good("GET", "/api/v1/countries", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 249);
    let canada = json!({"Code": "CA", "Alpha3Code": "CAN", "NumericCode": 124, "EnglishName": "Canada", "FrenchName": "Canada"});
    for code in ["CA", "can", "124"] {
        assert_eq!(world.good("GET", &format!("/api/v1/countries/{code}"), Value::Null).await, canada);
    }
    assert!(all.as_array().unwrap().contains(&canada));
    assert_eq!(world.get("/api/v1/countries/ZZ").await.refusal(), refused(404, "901002,602002", "code"));
    assert_eq!(
        world.get("/api/v1/countries/%20").await.refusal(),
        refused(400, "602000,901002,602002", "code")
    );
}

#[tokio::test]
async fn subdivisions_belong_to_their_country() {
    let world = World::new().await;
    let all = world.good("GET", "/api/v1/countries/CA/subdivisions", Value::Null).await;
    assert_eq!(all, world.good("GET", "/api/v1/provinces", Value::Null).await);
    assert_eq!(all.as_array().unwrap().len(), 13);
    let quebec = json!({"Code": "QC", "CountryCode": "CA", "EnglishName": "Quebec", "FrenchName": "Québec"});
    for path in [
        "countries/CA/subdivisions/QC",
        "countries/can/subdivisions/ca-qc",
        "provinces/qc",
        "provinces/CA-QC",
    ] {
        assert_eq!(world.good("GET", &format!("/api/v1/{path}"), Value::Null).await, quebec, "{path}");
    }
    let other = world.get("/api/v1/countries/CA/subdivisions/NY").await;
    assert_eq!(other.refusal(), refused(404, "901002,602004", "subCode"));
    let blank = world.get("/api/v1/countries/CA/subdivisions/%20").await;
    assert_eq!(blank.refusal(), refused(400, "602006,901002,602004", "subCode"));
    assert_eq!(world.get("/api/v1/provinces/NY").await.refusal(), refused(404, "901004,602005", "id"));
    let none = world.good("GET", "/api/v1/countries/AQ/subdivisions", Value::Null).await;
    assert_eq!(none, json!([]));
}
