//! Notices.

use serde_json::{Value, json};
use waypost_services::records::audit;

use crate::support::{World, refused, request};

const PATH: &str = "/api/v1/notices";

fn warning(service: i64) -> Value {
    json!({
        "NoticeType": "WarningNotice", "Services": [service], "EnglishHeaderText": "Storm", "FrenchHeaderText": "Tempête",
        "EnglishBodyText": "Stay in port.", "FrenchBodyText": "Restez au port.", "DisplayDate": "2026-09-21T09:00:00",
        "StartDate": "2026-09-22T00:00:00", "EndDate": "2026-09-23T00:00:00",
    })
}

#[tokio::test]
async fn a_notice_is_added_changed_shown_and_deleted() {
    for world in World::both().await {
        let added = world.call("POST", PATH, warning(world.service)).await;
        assert_eq!((added.http.as_u16(), added.header("etag")), (200, "\"r1\""), "{}", added.body);
        let id = added.json()["Id"].as_i64().unwrap();
        let mut expected = warning(world.service);
        expected["Id"] = json!(id);
        assert_eq!(added.json(), expected);
        let outage = json!({"Id": id, "Services": [world.other_service, world.service], "StartDate": "2026-09-22",
            "EndDate": "2026-09-23T00:00:00"});
        let changed = world.call("PUT", "/api/v1/outage-notices", outage).await;
        assert_eq!((changed.http.as_u16(), changed.header("etag")), (200, "\"r2\""), "{}", changed.body);
        let body = json!({
            "Id": id, "NoticeType": "PlannedOutage", "Services": [world.service, world.other_service],
            "EnglishHeaderText": null, "FrenchHeaderText": null, "EnglishBodyText": null, "FrenchBodyText": null,
            "DisplayDate": "2026-09-22T00:00:00", "StartDate": "2026-09-22T00:00:00", "EndDate": "2026-09-23T00:00:00",
        });
        assert_eq!(changed.json(), body);
        for path in [format!("{PATH}/{id}"), format!("/api/v1/outage-notices/{id}")] {
            assert_eq!(world.good("GET", &path, Value::Null).await, body);
        }
        assert_eq!(world.good("GET", PATH, Value::Null).await, json!([body]));
        world.good("DELETE", &format!("{PATH}/{id}"), Value::Null).await;
        assert_eq!(world.get(&format!("{PATH}/{id}")).await.refusal(), refused(404, "612002", "id"));
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("notice", id))).await;
        assert_eq!(
            story.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
            ["create", "update", "delete"]
        );
    }
}

#[tokio::test]
async fn every_rule_of_a_notice_has_its_code() {
    let world = World::new().await;
    let with = |changes: Value| {
        let mut body = warning(world.service);
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let services = json!([world.service, world.other_service]);
    let wrong = [
        (json!(null), "612007,901002", "body"),
        (with(json!({"Services": []})), "612001", "Services"),
        (with(json!({"StartDate": "2026-09-23T00:00:00"})), "612009", "StartDate"),
        (with(json!({"DisplayDate": "2026-09-24T00:00:00"})), "612010", "DisplayDate"),
        (with(json!({"Services": services})), "612011", "Services"),
        (with(json!({"FrenchBodyText": " "})), "612012", "FrenchBodyText"),
        (with(json!({"EnglishHeaderText": "é".repeat(151)})), "612013", "EnglishHeaderText"),
        (with(json!({"EnglishBodyText": "é".repeat(501)})), "612014", "EnglishBodyText"),
        (with(json!({"NoticeType": "UnplannedOutage"})), "612015", "EnglishHeaderText"),
        (with(json!({"NoticeType": "Rumour"})), "901002", "NoticeType"),
        (with(json!({"EndDate": "soon"})), "901002", "EndDate"),
        (with(json!({"Services": [4711]})), "4041004", "Services"),
    ];
    for (body, codes, field) in wrong {
        let answer = world.call("POST", PATH, body).await;
        assert_eq!(answer.refusal(), refused(400, &format!("{codes},612004"), field));
    }
    let unknown = world.call("PUT", PATH, with(json!({"Id": 4711}))).await;
    assert_eq!(unknown.refusal(), refused(400, "612002,612005", "Id"));
    let unknown = world.call("DELETE", &format!("{PATH}/4711"), Value::Null).await;
    assert_eq!(unknown.refusal(), refused(404, "612002,612006", "id"));
    assert_eq!(world.good("GET", PATH, Value::Null).await, json!([]));
}

#[tokio::test]
async fn an_expired_notice_is_shown_but_neither_changed_nor_deleted() {
    let world = World::new().await;
    let id = world.good("POST", PATH, warning(world.service)).await["Id"].as_i64().unwrap();
    let user = world.user;
    let of_user = async |rest: &str| {
        let path = format!("/api/v1/users/{user}/outage-notices{rest}");
        world.good("GET", &path, Value::Null).await.as_array().unwrap().len()
    };
    let counts =
        async || [of_user("").await, of_user("?onlyApplicableNotices=true").await, of_user("/expired").await];
    assert_eq!(counts().await, [1, 1, 0]);
    world.clock.advance_ms(3 * 86_400_000);
    assert_eq!(counts().await, [0, 0, 1]);
    let mut body = warning(world.service);
    body["Id"] = json!(id);
    assert_eq!(world.call("PUT", PATH, body).await.refusal(), refused(400, "901002,612005", "Id"));
    let gone = world.call("DELETE", &format!("{PATH}/{id}"), Value::Null).await;
    assert_eq!(gone.refusal(), refused(400, "901002,612006", "id"));
    assert_eq!(world.get(&format!("{PATH}/{id}")).await.http, 200);
}

#[tokio::test]
async fn a_notice_is_open_to_the_applications_of_its_services() {
    let world = World::new().await;
    let id = world.good("POST", PATH, warning(world.other_service)).await["Id"].as_i64().unwrap();
    let bound =
        async |method: &str, path: &str, body: Value| world.call_as(&world.bound, method, path, body).await;
    assert_eq!(bound("GET", PATH, Value::Null).await.json(), json!([]));
    let one = format!("{PATH}/{id}");
    assert_eq!(bound("GET", &one, Value::Null).await.refusal(), refused(403, "901006", "id"));
    assert_eq!(bound("DELETE", &one, Value::Null).await.refusal(), refused(403, "901006", "id"));
    let foreign = bound("POST", PATH, warning(world.other_service)).await;
    assert_eq!(foreign.refusal(), refused(403, "901006", "ServiceId"));
    let weak = world.call_by(world.staff, "POST", PATH, warning(world.service)).await;
    assert_eq!(weak.refusal(), refused(403, "901006", "current-user-id"));
    let mut stale = request(&world.key, "DELETE", &one, Value::Null);
    stale.headers_mut().insert("if-match", "\"r7\"".parse().unwrap());
    assert_eq!(world.send(stale).await.refusal(), refused(412, "901002,612006", "If-Match"));
}

#[tokio::test]
async fn the_types_of_notices_are_listed() {
    let world = World::new().await;
    let types = world.good("GET", &format!("{PATH}/types"), Value::Null).await;
    assert_eq!(types.as_array().unwrap().len(), 4);
    assert_eq!(
        types[3],
        json!({"Id": 4, "Name": "WarningNotice", "EnglishName": "Warning notice", "FrenchName": "Avis d'avertissement"})
    );
}
