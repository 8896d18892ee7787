//! Reading a body: its type, its size, its time.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::state::ServicesSettings;
use crate::rules::Refusal;

/// Types under which a JSON body is taken; no type at all is taken too.
const JSON_TYPES: &[&str] = &["application/json", "text/json", "application/octet-stream", "text/plain"];

/// Reads the whole body, which must be JSON by its type.
///
/// # Errors
/// 901002 with HTTP 415, 413, 408 or 400.
pub(super) async fn read_json(
    headers: &HeaderMap,
    body: &mut Body,
    settings: &ServicesSettings,
) -> Result<Bytes, Refusal> {
    if !is_json(headers) {
        return Err(Refusal::argument("content-type", "application/json").with_http(415));
    }
    read(headers, body, settings).await
}

/// Reads the whole body, whatever its type.
///
/// # Errors
/// 901002 with HTTP 413, 408 or 400.
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    settings: &ServicesSettings,
) -> Result<Bytes, Refusal> {
    let bytes_max = settings.body_bytes_max;
    let too_large = || Refusal::argument("body", format!("at most {bytes_max} bytes")).with_http(413);
    // An announced length is refused before a byte of it is read.
    if announced(headers).is_some_and(|bytes| bytes > bytes_max as u64) {
        return Err(too_large());
    }
    let whole = Limited::new(body, bytes_max).collect();
    match tokio::time::timeout(Duration::from_millis(settings.body_ms_max), whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Refusal::argument("body", "sent to its end")),
        Err(_) => Err(Refusal::argument("body", "sent in time").with_http(408)),
    }
}

/// Most bytes of a refused body that are read for nothing.
const DISCARDED_BYTES_MAX: usize = 4 << 20;
/// Longest time that is spent on them.
const DISCARDED_MS_MAX: u64 = 1_000;

/// Reads what is left of a refused body and throws it away, so that the client reads its answer before the connection ends.
pub(super) async fn discard(headers: &HeaderMap, body: &mut Body) {
    if headers.contains_key(EXPECT) {
        // This client waits to be asked for its body, and will not be.
        return;
    }
    let rest = async {
        let mut left = DISCARDED_BYTES_MAX;
        while left > 0
            && let Some(Ok(frame)) = body.frame().await
        {
            left = left.saturating_sub(frame.data_ref().map_or(1, Bytes::len));
        }
    };
    // What is not read by then may cost the client its answer, and us nothing more.
    let _ = tokio::time::timeout(Duration::from_millis(DISCARDED_MS_MAX), rest).await;
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(given) = given.to_str() else { return false };
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty() || JSON_TYPES.contains(&essence.as_str()) || essence.ends_with("+json")
}
