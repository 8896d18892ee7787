//! What all operations share: headers, paths, methods, bodies.

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::{World, refused, request};

#[tokio::test]
async fn a_success_carries_minus_one_and_forbids_caching() {
    let world = World::new().await;
    let answer = world.get("/api/v1/version").await;
    let headers = ["mtapistatus", "content-type", "cache-control", "pragma", "expires"];
    assert_eq!(
        headers.map(|name| answer.header(name)),
        ["-1", "application/json; charset=utf-8", "no-cache", "no-cache", "-1"]
    );
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_changes_nothing() {
    let world = World::new().await;
    assert_eq!(world.get("/api/v1/version/").await.json(), world.get("/api/v1/version").await.json());
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_carry_codes_too() {
    let world = World::new().await;
    for path in ["/api/v1/nothing", "/api/v2", "/api/v1/", "/api/v1/Users/1/x/y", "/api/v1/versions"] {
        assert_eq!(world.get(path).await.refusal(), refused(404, "901002", "path"), "{path}");
    }
    let answer = world.call("DELETE", "/api/v1/version", Value::Null).await;
    assert_eq!(answer.refusal(), refused(405, "901002", "method"));
    assert_eq!(answer.header("allow"), "GET");
    assert_eq!(world.call("HEAD", "/api/v1/version", Value::Null).await.http, 200);
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let world = World::new().await;
    let mut given = request(&world.key, "GET", "/api/v1/version", Value::Null);
    given.headers_mut().insert("x-request-id", "abc-1".parse().unwrap());
    assert_eq!(world.send(given).await.header("x-request-id"), "abc-1");
    assert_eq!(world.get("/api/v1/version").await.header("x-request-id").len(), 16);
}

#[tokio::test]
async fn a_body_is_json_whole_and_not_too_long() {
    let world = World::new().await;
    let path = "/api/v1/validate-apikey";
    let send = async |content_type: &str, body: Vec<u8>| {
        let mut request = request(&world.key, "POST", path, Value::Null);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        *request.body_mut() = Body::from(body);
        world.send(request).await.refusal()
    };
    assert_eq!(send("application/xml", b"{}".to_vec()).await, refused(415, "901002", "content-type"));
    assert_eq!(send("application/json", b"{\"ApiKey\"".to_vec()).await, refused(400, "901002", "body"));
    assert_eq!(send("application/json", b"\xff".to_vec()).await, refused(400, "901002", "body"));
    assert_eq!(send("text/json", vec![b' '; 64 * 1024 + 1]).await, refused(413, "901002", "body"));
    assert_eq!(send("application/json", vec![b'['; 60_000]).await, refused(400, "901002", "body"));
    assert_eq!(send("", b"[1]".to_vec()).await, refused(400, "603002,901002", "body"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let settings = waypost_services::api::ServicesSettings { body_ms_max: 1, ..crate::support::settings() };
    let world = World::with(settings).await;
    let mut request = request(&world.key, "POST", "/api/v1/validate-apikey", json!({}));
    *request.body_mut() = Body::from_stream(futures_util::stream::pending::<Result<&[u8], std::io::Error>>());
    assert_eq!(world.send(request).await.refusal(), refused(408, "901002", "body"));
}
