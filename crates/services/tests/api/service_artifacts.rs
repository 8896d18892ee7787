//! Artifacts of services.

use serde_json::{Value, json};

use crate::support::{World, refused};

fn post(service: i64, version: &str) -> String {
    format!("/api/v1/service-artifact?serviceId={service}&alias=form&version={version}")
}

#[tokio::test]
async fn an_artifact_of_a_service_is_found_by_its_row_and_by_its_alias() {
    for world in World::both().await {
        let made =
            world.send_raw("POST", &post(world.service, "1"), ("application/json", b"{ \"a\":1 }")).await;
        let id = made.json()["Id"].as_i64().unwrap();
        let info = |version: &str, date: &str| json!({"Id": id, "ServiceId": world.service, "Alias": "form", "Version": version, "DateUpdatedUtc": date});
        assert_eq!(made.json(), info("1", "2026-09-21T14:13:20"));
        let about = format!("/api/v1/service-artifact/{id}/info");
        assert_eq!(world.good("GET", &about, Value::Null).await, info("1", "2026-09-21T14:13:20"));
        assert_eq!(world.get(&format!("/api/v1/service-artifact/{id}")).await.body, "{ \"a\":1 }");
        world.send_raw("POST", &post(world.service, "2"), ("application/json", b"[2]")).await;
        let newest = format!("/api/v1/service-artifact?serviceId={}&alias=form", world.service);
        assert_eq!(world.get(&newest).await.body, "[2]");
        assert_eq!(world.get(&format!("{newest}&version=1")).await.body, "{ \"a\":1 }");
        world.clock.advance_ms(60_000);
        let path = format!("/api/v1/service-artifact/{id}?version=1.1");
        let changed = world.send_raw("PUT", &path, ("application/json", b"{}")).await;
        assert_eq!((changed.json(), changed.header("etag")), (info("1.1", "2026-09-21T14:14:20"), "\"r2\""));
        assert_eq!(world.good("DELETE", &path, Value::Null).await, Value::Null);
        assert_eq!(world.get(&about).await.refusal(), refused(404, "622000,622001", "id"));
    }
}

#[tokio::test]
async fn an_alias_has_a_version_once_and_its_content_is_json() {
    let world = World::new().await;
    let send = async |method: &str, path: &str, body: &[u8]| {
        world.send_raw(method, path, ("application/json", body)).await
    };
    let first = send("POST", &post(world.service, "1"), b"{}").await.json()["Id"].as_i64().unwrap();
    send("POST", &post(world.service, "2"), b"{}").await;
    let again = send("POST", &post(world.service, "1"), b"{}").await;
    assert_eq!(again.refusal(), refused(400, "622007,622002", "version"));
    let taken = send("PUT", &format!("/api/v1/service-artifact/{first}?version=2"), b"{}").await;
    assert_eq!(taken.refusal(), refused(400, "622007,622004", "version"));
    let odd = send("POST", &post(world.service, "3"), b"{").await;
    assert_eq!(odd.refusal(), refused(400, "622003,901002,622002", "body"));
    let odd = send("PUT", &format!("/api/v1/service-artifact/{first}"), b"").await;
    assert_eq!(odd.refusal(), refused(400, "622005,901002,622004", "body"));
    let nowhere = send("POST", &post(4711, "1"), b"{}").await;
    assert_eq!(nowhere.refusal(), refused(400, "4041004,622002", "serviceId"));
    let unknown = send("DELETE", "/api/v1/service-artifact/4711", b"").await;
    assert_eq!(unknown.refusal(), refused(404, "622000,622006", "id"));
    let closed = world.call_as(&world.bound, "POST", &post(world.other_service, "1"), json!({})).await;
    assert_eq!(closed.refusal(), refused(403, "901006", "ServiceId"));
}
