//! The page and who may have it. What it does is tried in a browser, by `tests/tests/browser_chat.rs`.

use axum::body::{Body, to_bytes};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

async fn get(path: &str, host: &'static str) -> (StatusCode, Option<HeaderValue>, String) {
    let settings = Settings { app_id: "MU1", client_key: "ck-1".to_owned(), service_key: "wsk_1".to_owned() };
    let router = router(settings, Kept::default());
    let request = Request::get(path).header(HOST, host).body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (head.status, head.headers.get(CONTENT_TYPE).cloned(), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_has_its_parts_and_its_keys() {
    for (path, kind, holds) in [
        ("/demo/chat", "text/html; charset=utf-8", "/demo/chat/chat.js"),
        ("/demo/chat/chat.css", "text/css", "#talk"),
        ("/demo/chat/chat.js", "text/javascript", "/demo/chat/mqtt.js"),
        ("/demo/chat/mqtt.js", "text/javascript", "export class Session"),
    ] {
        let (status, found, text) = get(path, "127.0.0.1:8080").await;
        assert_eq!((status, found.unwrap().to_str().unwrap()), (StatusCode::OK, kind));
        assert!(text.contains(holds), "{path}");
    }
    let (_, _, text) = get("/demo/chat/settings.json", "localhost").await;
    let expected = json!({"app_id": "MU1", "client_key": "ck-1", "service_key": "wsk_1"});
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    assert_eq!(get("/demo/chat/received?after=7", "localhost:1").await.2, "[]");
}

#[tokio::test]
async fn a_page_of_another_name_gets_no_keys() {
    for host in ["evil.example", "evil.example:8080", "127.0.0.1.evil.example"] {
        let (status, _, text) = get("/demo/chat/settings.json", host).await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(text, "this page is served on 127.0.0.1\n");
    }
}
