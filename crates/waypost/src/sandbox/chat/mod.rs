//! `/demo/chat`: both ends of an in-app conversation on one page, over the server's own contracts.

use axum::extract::{Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Received;
use super::receiver::Kept;

/// Call-backs told at once.
const TOLD_MAX: usize = 100;

/// What the page needs to be both ends. It holds keys: those of a world that reaches nobody, on loopback.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// The in-app messaging app.
    pub app_id: &'static str,
    /// Its client key.
    pub client_key: String,
    /// The service's key.
    pub service_key: String,
}

#[derive(Clone)]
struct Shared {
    settings: Settings,
    kept: Kept,
}

/// The page, its parts, and what the service was told.
pub fn router(settings: Settings, kept: Kept) -> Router {
    Router::new()
        .route("/demo/chat", get(|| file("text/html; charset=utf-8", include_str!("page.html"))))
        .route("/demo/chat/chat.css", get(|| file("text/css", include_str!("chat.css"))))
        .route("/demo/chat/chat.js", get(|| file("text/javascript", include_str!("chat.js"))))
        .route("/demo/chat/mqtt.js", get(|| file("text/javascript", include_str!("mqtt.js"))))
        .route("/demo/chat/settings.json", get(show))
        .route("/demo/chat/received", get(received))
        .layer(middleware::from_fn(only_here))
        .with_state(Shared { settings, kept })
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    // A page of another origin must not frame it, and it loads nothing from elsewhere.
    let policy = "default-src 'self'; connect-src 'self' ws:; frame-ancestors 'none'";
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

async fn show(State(shared): State<Shared>) -> Json<Settings> {
    Json(shared.settings)
}

/// Since when.
#[derive(Deserialize)]
struct Asked {
    /// `at_us` of the newest known.
    #[serde(default)]
    after: i64,
}

/// What the service was told since, oldest first.
async fn received(State(shared): State<Shared>, Query(asked): Query<Asked>) -> Json<Vec<Received>> {
    Json(shared.kept.after(asked.after, TOLD_MAX))
}

/// A name that somebody else's DNS points to this machine must not lead a browser to the keys.
async fn only_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "this page is served on 127.0.0.1\n").into_response()
}

#[cfg(test)]
mod tests;
