//! Pages that belong to no family: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use waypost_messaging::api::client_ip;

/// Whether the server can take messages, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether a message sent now would be accepted durably.
    pub ready: bool,
    /// What is in the way, in words; empty when ready.
    pub because: Vec<String>,
}

/// Asks whether the server is ready now.
pub type Ask = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Readiness> + Send>> + Send + Sync>;

/// What the pages show.
#[derive(Clone)]
pub struct Pages {
    /// Asked for `/readyz`.
    pub ready: Ask,
    /// Rendered for `/metrics`; none: the page is off.
    pub metrics: Option<PrometheusHandle>,
    /// Who may read `/metrics`.
    pub metrics_allow: Vec<IpNet>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The OpenAPI document, served as it is.
    pub openapi: Arc<str>,
}

/// The router of the pages.
pub fn operations(pages: Pages) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .route("/openapi.json", get(openapi))
        .with_state(pages)
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(pages): State<Pages>) -> Response {
    let readiness = (pages.ready)().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

async fn metrics_page(
    State(pages): State<Pages>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let client = client_ip(Some(peer), &headers, &pages.trusted_proxies);
    let allowed = client.is_some_and(|client| pages.metrics_allow.iter().any(|net| net.contains(&client)));
    match pages.metrics.filter(|_| allowed) {
        Some(metrics) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render())
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn openapi(State(pages): State<Pages>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], pages.openapi.as_ref().to_owned())
}
