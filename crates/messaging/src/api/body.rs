//! Reading a body: its type, its size, its time.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::state::ApiSettings;
use crate::wire::JsonFault;

/// Reads the whole body.
///
/// # Errors
/// [`JsonFault::ContentType`], [`JsonFault::TooLarge`], [`JsonFault::TooSlow`], [`JsonFault::Cut`].
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    settings: &ApiSettings,
) -> Result<Bytes, JsonFault> {
    if !is_json(headers) {
        return Err(JsonFault::ContentType);
    }
    let bytes_max = settings.body_bytes_max;
    whole(headers, body, bytes_max, settings.body_ms_max).await.map_err(|fault| match fault {
        Whole::TooLarge => JsonFault::TooLarge { bytes_max },
        Whole::TooSlow => JsonFault::TooSlow,
        Whole::Cut => JsonFault::Cut,
    })
}

/// Why there is no whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// Over the limit.
    TooLarge,
    /// Not whole in time.
    TooSlow,
    /// The client broke it off.
    Cut,
}

/// Reads the whole body, of whatever type, of at most `bytes_max` within `ms_max`.
pub(super) async fn whole(
    headers: &HeaderMap,
    body: &mut Body,
    bytes_max: usize,
    ms_max: u64,
) -> Result<Bytes, Whole> {
    // An announced length is refused before a byte of it is read.
    if announced(headers).is_some_and(|bytes| bytes > bytes_max as u64) {
        return Err(Whole::TooLarge);
    }
    let whole = Limited::new(body, bytes_max).collect();
    match tokio::time::timeout(Duration::from_millis(ms_max), whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Whole::TooLarge),
        Ok(Err(_)) => Err(Whole::Cut),
        Err(_) => Err(Whole::TooSlow),
    }
}

/// Most bytes of a refused body that are read for nothing.
const DISCARDED_BYTES_MAX: usize = 4 << 20;
/// Longest time that is spent on them.
const DISCARDED_MS_MAX: u64 = 1_000;

/// Reads what is left of a refused body and throws it away. A connection that is closed while the client still writes is
/// reset, and with it the answer may be lost.
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

/// `application/json`, a type that ends in `+json`, or no type at all: old clients send none.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(given) = given.to_str() else { return false };
    let essence = given.split(';').next().unwrap_or_default().trim();
    let suffix = essence.len().checked_sub(5).and_then(|at| essence.get(at..));
    essence.eq_ignore_ascii_case("application/json")
        || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}
