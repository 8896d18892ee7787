//! As much of EMQX's REST API, version 5, as ends sessions.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::front::Front;

/// The API key.
pub const KEY: &str = "waypost-test";
/// Its secret.
pub const SECRET: &str = "a-secret-of-this-test-only";

/// What a list is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    username: String,
    limit: usize,
}

pub fn router(front: Front) -> Router {
    Router::new()
        .route("/api/v5/clients", get(list))
        .route("/api/v5/clients/{clientid}", get(show).delete(discard))
        .route("/api/v5/clients/{clientid}/subscribe", post(subscribe))
        .route("/api/v5/clients/{clientid}/subscriptions", get(subscriptions))
        .route("/api/v5/topics/{topic}", get(routes))
        .with_state(front)
}

fn is_known(headers: &HeaderMap) -> bool {
    let expected = format!("Basic {}", STANDARD.encode(format!("{KEY}:{SECRET}")));
    headers.get("authorization").is_some_and(|shown| shown.to_str().is_ok_and(|shown| shown == expected))
}

fn stranger() -> Response {
    let told = json!({"code": "BAD_API_KEY_OR_SECRET", "message": "Check api_key/api_secret"});
    (StatusCode::UNAUTHORIZED, Json(told)).into_response()
}

fn unknown() -> Response {
    let told = json!({"code": "CLIENTID_NOT_FOUND", "message": "Client ID not found"});
    (StatusCode::NOT_FOUND, Json(told)).into_response()
}

fn client((client_id, username, connected): &(String, String, bool)) -> Value {
    json!({"clientid": client_id, "username": username, "connected": connected, "proto_ver": 4})
}

async fn list(State(front): State<Front>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    let all = front.sessions();
    let of_name: Vec<_> = all.iter().filter(|(_, name, _)| *name == asked.username).collect();
    let data: Vec<Value> = of_name.iter().take(asked.limit).map(|session| client(session)).collect();
    let has_next = of_name.len() > data.len();
    let meta = json!({"page": 1, "limit": asked.limit, "hasnext": has_next, "count": of_name.len()});
    Json(json!({"data": data, "meta": meta})).into_response()
}

async fn show(State(front): State<Front>, headers: HeaderMap, Path(client_id): Path<String>) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    let found = front.sessions().into_iter().find(|(id, ..)| *id == client_id);
    found.map_or_else(unknown, |session| Json(client(&session)).into_response())
}

async fn discard(State(front): State<Front>, headers: HeaderMap, Path(client_id): Path<String>) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    if front.discard(&client_id).await { StatusCode::NO_CONTENT.into_response() } else { unknown() }
}

/// A subscription.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    topic: String,
    qos: u8,
}

async fn subscribe(
    State(front): State<Front>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
    Json(topic): Json<Topic>,
) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    if !front.subscribe(&client_id, &topic.topic, topic.qos) {
        return unknown();
    }
    Json(json!({"clientid": client_id, "topic": topic.topic, "qos": topic.qos})).into_response()
}

async fn subscriptions(
    State(front): State<Front>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    let Some(topics) = front.subscribed(&client_id) else { return unknown() };
    let told = |topic: String| json!({"clientid": client_id, "topic": topic, "qos": 2});
    Json(topics.into_iter().map(told).collect::<Vec<_>>()).into_response()
}

async fn routes(State(front): State<Front>, headers: HeaderMap, Path(topic): Path<String>) -> Response {
    if !is_known(&headers) {
        return stranger();
    }
    if front.is_routed(&topic) {
        return Json(json!([{"topic": topic, "node": "emqx@127.0.0.1"}])).into_response();
    }
    let told = json!({"code": "TOPIC_NOT_FOUND", "message": "Topic not found"});
    (StatusCode::NOT_FOUND, Json(told)).into_response()
}
