//! The WAV file of a body, as calls play it.

use axum::body::Body;
use axum::http::HeaderMap;
use waypost_channels::voice::rtp::wav;

use crate::api::body::{self, Whole};
use crate::api::desk::wrong;
use crate::api::state::ApiSettings;
use crate::rules::Refusal;
use crate::wire::JsonFault;

/// The largest file that is taken, in bytes: ten minutes at the rate that calls have, 16 bits, and room for its frame.
const FILE_BYTES_MAX: usize = 10 << 20;

/// Reads it, within the time for a body, and makes µ-law at 8 kHz of it.
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    settings: &ApiSettings,
) -> Result<Vec<u8>, Refusal> {
    let file = match body::whole(headers, body, FILE_BYTES_MAX, settings.body_ms_max).await {
        Ok(file) => file,
        Err(Whole::TooLarge) => return Err(wrong("body", "a WAV file of at most 10 MiB")),
        Err(Whole::TooSlow) => return Err(JsonFault::TooSlow.into()),
        Err(Whole::Cut) => return Err(JsonFault::Cut.into()),
    };
    // Ten minutes of sound are some hundred milliseconds of work.
    let read = tokio::task::spawn_blocking(move || wav::read(&file)).await;
    let read = read.map_err(|_| Refusal::Internal)?;
    read.map_err(|error| wrong("body", error.to_string()))
}
