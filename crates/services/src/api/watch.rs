//! What is done around every request: its id, its metrics, a log line when it failed on our side.

use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use metrics::{counter, histogram};

use super::answer::AnswerCode;
use super::state::Random;

/// The header by which caller and operator speak of one request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a caller.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// One request under way.
pub(super) struct Watch {
    started: Instant,
    id: HeaderValue,
}

impl Watch {
    pub fn start(headers: &HeaderMap, random: &dyn Random) -> Self {
        Self { started: Instant::now(), id: taken_over(headers).unwrap_or_else(|| made(random)) }
    }

    /// Counts the answer under its route and gives it the request's id.
    pub fn end(self, route: &'static str, method: &'static str, mut response: Response) -> Response {
        let code = response.extensions().get::<AnswerCode>().map_or("none", |code| code.0);
        let status = response.status().as_str().to_owned();
        histogram!("waypost_http_request_duration_seconds", "route" => route).record(self.started.elapsed());
        counter!("waypost_http_requests_total", "route" => route, "method" => method, "status" => status, "code" => code)
            .increment(1);
        if response.status().is_server_error() {
            let id = String::from_utf8_lossy(self.id.as_bytes());
            tracing::warn!(request_id = %id, route, code, "a request failed on our side");
        }
        response.headers_mut().insert(REQUEST_ID, self.id);
        response
    }
}

/// The caller's own id, if it is harmless.
fn taken_over(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(REQUEST_ID)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = (1..=REQUEST_ID_BYTES_MAX).contains(&given.len()) && given.as_bytes().iter().all(plain);
    good.then(|| given.clone())
}

fn made(random: &dyn Random) -> HeaderValue {
    let mut bytes = [0; 8];
    // Only the label of a log line depends on it.
    let _ = random.fill(&mut bytes);
    HeaderValue::from_str(&format!("{:016x}", u64::from_be_bytes(bytes)))
        .unwrap_or(HeaderValue::from_static("none"))
}
