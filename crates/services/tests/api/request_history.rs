//! The status history and the service-standard clock.

use serde_json::{Value, json};

use crate::support::{World, refused};

const DAY_MS: i64 = 86_400_000;

/// A request that was submitted after a day, asked back after three more, and submitted again two days later.
async fn walked(world: &World) -> (i64, Vec<i64>) {
    let id = world.requested_with(json!({"ServiceStandardId": world.standard})).await;
    for (days, status) in [(1, "Submitted"), (3, "InformationRequired"), (2, "Submitted")] {
        world.clock.advance_ms(days * DAY_MS);
        let path = format!(
            "/api/v1/servicerequests/{id}/updatestatus?userId={}&serviceRequestStatus={status}",
            world.user
        );
        world.good("POST", &path, Value::Null).await;
    }
    world.clock.advance_ms(DAY_MS);
    let history =
        world.good("GET", &format!("/api/v1/servicerequests/{id}/status-history"), Value::Null).await;
    let ids =
        history.as_array().unwrap().iter().map(|entry| entry["ServiceHistoryEntryId"].as_i64().unwrap());
    (id, ids.collect())
}

#[tokio::test]
async fn the_history_tells_each_status_with_the_clock_and_the_standard() {
    let world = World::new().await;
    let (id, ids) = walked(&world).await;
    let path = format!("/api/v1/servicerequests/{id}/status-history");
    let history = world.good("GET", &path, Value::Null).await;
    let entry = |n: usize, status: &str, english: &str, french: &str, date: &str, clock: &str| {
        json!({"ServiceHistoryEntryId": ids[n], "Status": status, "EnglishDisplayName": english,
            "FrenchDisplayName": french, "Date": date, "ServiceCategoryCode": clock,
            "ServiceStandardId": world.standard})
    };
    assert_eq!(
        history,
        json!([
            entry(0, "InProgress", "In-Progress", "En cours", "2026-09-21T10:13:20", "OFF"),
            entry(1, "Submitted", "Submitted", "Soumise", "2026-09-22T10:13:20", "ON"),
            entry(
                2,
                "InformationRequired",
                "Information Required",
                "Renseignements requis",
                "2026-09-25T10:13:20",
                "OFF"
            ),
            entry(3, "Submitted", "Submitted", "Soumise", "2026-09-27T10:13:20", "ON"),
        ])
    );
    let request = world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await;
    let guid = request["Guid"].as_str().unwrap();
    let by_guid = format!("/api/v1/servicerequests/status-history?guid={guid}");
    assert_eq!(world.good("GET", &by_guid, Value::Null).await, history);
}

#[tokio::test]
async fn the_extended_history_adds_people_standards_and_the_days_the_clock_ran() {
    for world in World::both().await {
        let (id, _) = walked(&world).await;
        let path = format!("/api/v1/servicerequests/{id}/status-history-ex");
        let history = world.good("GET", &path, Value::Null).await;
        let days: Vec<i64> =
            history.as_array().unwrap().iter().map(|entry| entry["ElapsedDays"].as_i64().unwrap()).collect();
        assert_eq!(days, [0, 3, 3, 4]);
        let mut last = history[3].clone();
        last["ServiceHistoryEntryId"].take();
        assert_eq!(
            last,
            json!({
                "ServiceHistoryEntryId": null, "Status": "Submitted", "EnglishDisplayName": "Submitted",
                "FrenchDisplayName": "Soumise", "Date": "2026-09-27T10:13:20", "ServiceCategoryCode": "ON",
                "ServiceStandardId": world.standard, "UserId": world.user, "UserName": "Alex Applicant",
                "DateUtc": "2026-09-27T14:13:20", "Comment": null, "ServiceStandardEnglishName": "Ten days",
                "ServiceStandardFrenchName": "Dix jours", "ElapsedDays": 4,
            })
        );
        let request = world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await;
        let guid = request["Guid"].as_str().unwrap();
        let by_guid = format!("/api/v1/servicerequests/status-history-ex?guid={guid}");
        assert_eq!(world.good("GET", &by_guid, Value::Null).await, history);
    }
}

#[tokio::test]
async fn a_history_of_no_request_is_not_found() {
    let world = World::new().await;
    let none = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (path, http, codes, field) in [
        ("/api/v1/servicerequests/4711/status-history".to_owned(), 404, "4041001,617004", "id"),
        (format!("/api/v1/servicerequests/status-history?guid={none}"), 400, "4041001,617004", "guid"),
        ("/api/v1/servicerequests/4711/status-history-ex".to_owned(), 404, "4041010,617018", "id"),
        (format!("/api/v1/servicerequests/status-history-ex?guid={none}"), 400, "4041001,617019", "guid"),
    ] {
        assert_eq!(world.get(&path).await.refusal(), refused(http, codes, field), "{path}");
    }
}

#[tokio::test]
async fn the_date_of_an_entry_is_held_by_the_rules_in_their_published_order() {
    let world = World::new().await;
    let (id, ids) = walked(&world).await;
    let put = async |request: i64, entry: i64, body: Value| {
        let path = format!("/api/v1/servicerequests/{request}/status-history/{entry}?userId={}", world.staff);
        world.call("PUT", &path, body).await
    };
    let date = |text: &str| json!({"Date": text});
    for (entry, text, codes, field) in [
        (4711, "2026-09-28T10:13:21", "617020,617025", "Date"),
        (4711, "2026-09-22T10:13:20", "617021,617025", "entryId"),
        (ids[1], "2026-09-21T10:13:20", "617024,617025", "Date"),
        (ids[1], "2026-09-25T10:13:20", "617024,617025", "Date"),
        (ids[3], "2026-09-25T10:13:20", "617022,617025", "Date"),
        (ids[0], "2026-09-22T10:13:20", "617023,617025", "Date"),
    ] {
        let answer = put(id, entry, date(text)).await;
        assert_eq!(answer.refusal(), refused(400, codes, field), "{text}");
    }
    let other = world.requested().await;
    assert_eq!(put(other, ids[1], date("2026-09-22")).await.refusal().1, "617021,617025");
    assert_eq!(put(4711, ids[1], date("2026-09-22")).await.refusal(), refused(404, "4041001,617025", "id"));
    assert_eq!(put(id, ids[1], json!({})).await.refusal(), refused(400, "901002,617025", "Date"));
    assert_eq!(put(id, ids[1], date("soon")).await.refusal(), refused(400, "901002,617025", "Date"));
    let wrong = json!({"Date": "2026-09-23T00:00:00", "ServiceStandardId": world.other_standard});
    assert_eq!(put(id, ids[1], wrong).await.refusal(), refused(400, "617029,617025", "ServiceStandardId"));
    let moved = put(id, ids[1], json!({"Date": "2026-09-23T10:13:20", "ServiceStandardId": 0})).await;
    assert_eq!(
        moved.json(),
        json!({"ServiceHistoryEntryId": ids[1], "Status": "Submitted", "EnglishDisplayName": "Submitted",
            "FrenchDisplayName": "Soumise", "Date": "2026-09-23T10:13:20", "ServiceCategoryCode": "ON",
            "ServiceStandardId": 0})
    );
    let path = format!("/api/v1/servicerequests/{id}/status-history-ex");
    let days = world.good("GET", &path, Value::Null).await[3]["ElapsedDays"].clone();
    assert_eq!(days, 3);
}

#[tokio::test]
async fn the_statuses_of_a_service_tell_whether_its_clock_runs() {
    let world = World::new().await;
    let all = world.good("GET", "/api/v1/servicerequests/statuses", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 23);
    assert_eq!(
        all[0],
        json!({"Id": 1, "Name": "InProgress", "EnglishDisplayName": "In-Progress", "FrenchDisplayName": "En cours",
            "ServiceCategoryCode": null})
    );
    let path = |service: i64| format!("/api/v1/servicerequests/statuses?serviceId={service}");
    let own = world.good("GET", &path(world.service), Value::Null).await;
    assert_eq!(
        (&own[0]["ServiceCategoryCode"], &own[1]["ServiceCategoryCode"]),
        (&json!("OFF"), &json!("ON"))
    );
    assert_eq!(world.get(&path(4711)).await.refusal(), refused(400, "4041004,617003", "serviceId"));
}
