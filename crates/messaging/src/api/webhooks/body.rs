//! Reading the body of a webhook, whatever its type: the signature is over its bytes.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::fault::{BODY_BYTES_MAX, Fault};
use crate::api::state::Shared;

/// Reads the whole body.
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::TooSlow`]; [`Fault::Json`] for one that was cut off.
pub(super) async fn read(app: &Shared, headers: &HeaderMap, body: &mut Body) -> Result<Bytes, Fault> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX as u64) {
        return Err(Fault::TooLarge);
    }
    let whole = Limited::new(body, BODY_BYTES_MAX).collect();
    match tokio::time::timeout(Duration::from_millis(app.settings.body_ms_max), whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Fault::TooLarge),
        Ok(Err(_)) => Err(Fault::Json),
        Err(_) => Err(Fault::TooSlow),
    }
}
