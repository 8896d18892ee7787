//! What is done around every request: its id, its metrics, a log line when it failed on our side.

use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Counter, Histogram, counter, histogram};

use super::MESSAGING_PATH;
use super::answer::AnswerCode;
use super::state::{MessagingState, Shared};

/// The header by which caller and operator speak of one request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a caller.
const REQUEST_ID_BYTES_MAX: usize = 64;
/// Route of requests that match no path.
const UNMATCHED: &str = "unmatched";
/// Code of answers without a body.
const NO_CODE: &str = "none";

/// The instruments of the busiest answer, looked up once.
pub(super) struct Instruments {
    accepted: Counter,
    messaging_seconds: Histogram,
}

impl Instruments {
    pub fn new() -> Self {
        Self {
            accepted: count(MESSAGING_PATH, StatusCode::OK, "1001"),
            messaging_seconds: seconds(MESSAGING_PATH),
        }
    }

    fn note(&self, route: &str, http: StatusCode, code: &'static str, started: Instant) {
        if route == MESSAGING_PATH {
            self.messaging_seconds.record(started.elapsed());
            if http == StatusCode::OK && code == "1001" {
                return self.accepted.increment(1);
            }
        } else {
            seconds(route).record(started.elapsed());
        }
        count(route, http, code).increment(1);
    }
}

fn count(route: &str, http: StatusCode, code: &'static str) -> Counter {
    let status = http.as_str().to_owned();
    counter!("waypost_http_requests_total", "route" => route.to_owned(), "status" => status, "code" => code)
}

fn seconds(route: &str) -> Histogram {
    histogram!("waypost_http_request_duration_seconds", "route" => route.to_owned())
}

/// The middleware.
pub(super) async fn watch(State(app): State<MessagingState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = taken_over(&request).unwrap_or_else(|| made(app.shared()));
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(UNMATCHED, |path| path.as_str().trim_end_matches('/'));
    let mut response = next.run(request).await;
    let code = response.extensions().get::<AnswerCode>().map_or(NO_CODE, |code| code.0);
    app.shared().instruments.note(route, response.status(), code, started);
    if response.status().is_server_error() {
        let id: Cow<'_, str> = String::from_utf8_lossy(request_id.as_bytes());
        tracing::warn!(request_id = %id, route, code, "a request failed on our side");
    }
    response.headers_mut().insert(REQUEST_ID, request_id);
    response
}

/// The caller's own id, if it is harmless.
fn taken_over(request: &Request) -> Option<HeaderValue> {
    let given = request.headers().get(REQUEST_ID)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = (1..=REQUEST_ID_BYTES_MAX).contains(&given.len()) && given.as_bytes().iter().all(plain);
    good.then(|| given.clone())
}

fn made(app: &Shared) -> HeaderValue {
    let id = app.seams.ids.next_range(app.seams.clock.now(), 1);
    HeaderValue::from_str(&format!("{:016x}", id.0)).unwrap_or(HeaderValue::from_static("none"))
}
