//! What the gate before the prompts of calls lets through, and what a body that is none is answered.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;
use waypost_messaging::api::ApiSettings;

use crate::support::{Answer, KEY, Server};

const PROMPTS: &str = "/resources/v1/voice/prompts";
const ONE: &str = "/resources/v1/voice/prompts/hello.wav";
const EACH: [(Method, &str); 3] = [(Method::GET, PROMPTS), (Method::PUT, ONE), (Method::DELETE, ONE)];

async fn ask(server: &Server, method: Method, path: &str, key: Option<&str>, body: Body) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("key", key);
    }
    server.call(request.body(body).unwrap()).await
}

fn refused(http: u16, code: &str, text: &str) -> (u16, String, String) {
    (http, code.to_owned(), text.to_owned())
}

#[tokio::test]
async fn nobody_without_a_live_services_key_gets_in() {
    let server = Server::new();
    for (method, path) in EACH {
        let missing = ask(&server, method.clone(), path, None, Body::empty()).await;
        assert_eq!(missing.refusal(), refused(200, "7002", "Service Key Missing"));
        let unknown = ask(&server, method, path, Some("nobody's"), Body::empty()).await;
        assert_eq!(unknown.refusal(), refused(200, "7001", "Authentication failed"));
    }
    server.set_caller(|caller| caller.is_active = false);
    for (method, path) in EACH {
        let answer = ask(&server, method, path, Some(KEY), Body::empty()).await;
        assert_eq!(answer.refusal().1, "7007");
    }
}

#[tokio::test]
async fn the_limit_is_that_of_the_messaging_api() {
    let server = Server::new();
    server.limit(1, false);
    let first = ask(&server, Method::GET, PROMPTS, Some(KEY), Body::empty()).await;
    // This server keeps no prompts.
    assert_eq!(first.refusal(), refused(200, "7004", "invalid value for param media"));
    let second = ask(&server, Method::GET, PROMPTS, Some(KEY), Body::empty()).await;
    assert_eq!(second.refusal().1, "7020");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_does_not_come_is_408_after_its_time() {
    let server = Server::with(ApiSettings { body_ms_max: 500, ..ApiSettings::default() });
    let never = Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let answer = ask(&server, Method::PUT, ONE, Some(KEY), never).await;
    assert_eq!(answer.refusal(), refused(408, "7000", "Invalid JSON"));
}

#[tokio::test]
async fn what_is_no_sound_is_named() {
    let server = Server::new();
    let cases = [
        (b"hello".to_vec(), "the file is no WAV file; it must begin with RIFF and WAVE"),
        (vec![0; (10 << 20) + 1], "a WAV file of at most 10 MiB"),
    ];
    for (file, rule) in cases {
        let answer = ask(&server, Method::PUT, ONE, Some(KEY), Body::from(file)).await;
        assert_eq!(answer.refusal(), refused(200, "7004", "invalid value for param body"));
        let detail = &answer.json()["response"]["detail"];
        assert_eq!((&detail["field"], &detail["rule"]), (&json!("body"), &json!(rule)));
    }
}
