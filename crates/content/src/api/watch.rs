//! What is done around every request: its metrics, and a log line when it failed on our side.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};

use super::respond::AnswerCode;

/// Code of answers without a body.
const NO_CODE: &str = "none";

/// The middleware.
pub(super) async fn watch(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", |path| path.as_str().trim_end_matches('/')).to_owned();
    let response = next.run(request).await;
    let code = response.extensions().get::<AnswerCode>().map_or(NO_CODE, |code| code.0);
    if response.status().is_server_error() {
        tracing::warn!(route, code, "a request failed on our side");
    }
    histogram!("waypost_http_request_duration_seconds", "route" => route.clone()).record(started.elapsed());
    let status = response.status().as_str().to_owned();
    counter!("waypost_http_requests_total", "route" => route, "status" => status, "code" => code)
        .increment(1);
    response
}
