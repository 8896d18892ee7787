//! `POST /rtmsAPI/api/v1/media/{appId}/upload` (spec 8.4): a device or a service uploads a file.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::form;
use crate::rt::api::fault::{Fault, done};
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, gate};
use crate::rt::media::{MediaType, NewMedia, Uploaded};

/// Answers its id and a signed link to it.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    take(&state, &app_id, request).await.unwrap_or_else(|fault| fault.respond())
}

async fn take(state: &RtState, app_id: &str, request: Request<Body>) -> Result<Response, Fault> {
    let (head, read) = request.into_parts();
    let parts = state.parts();
    let app = actor::device_or_service(parts, Group::Device, app_id, &head.headers).await?;
    // Each holds a whole file in memory: the others wait.
    let _turn = parts.uploads.acquire().await.map_err(|_| Fault::Unavailable)?;
    let (name, bytes) = form::read(parts, &head.headers, read).await?;
    let kind = kind(&head.headers, &bytes)?;
    match parts.ledger.upload(&app, NewMedia { kind, name, bytes }).await? {
        Uploaded::As(id) => {
            let file = parts.ledger.media().links.sign(&id, parts.shared.clock.now());
            let body = json!({"status": "Success", "mediaId": id, "file": file, "contentType": kind.mime});
            Ok(done(body))
        }
        Uploaded::Full => Err(Fault::NoRoom),
        Uploaded::Failed => Err(Fault::Unavailable),
    }
}

/// What the file is; what the header `media-type` calls it must be of the same kind.
fn kind(headers: &HeaderMap, bytes: &[u8]) -> Result<MediaType, Fault> {
    let called = headers.get("media-type").and_then(|word| word.to_str().ok()).unwrap_or_default();
    let kind = MediaType::sniff(bytes).ok_or(Fault::Invalid(
        "media",
        "a PNG, JPEG, GIF, WebP, MP4, 3GP, WebM, MP3, AAC, Ogg, WAV, AMR, PDF or ZIP file",
    ))?;
    if kind.may_be_called(called) {
        Ok(kind)
    } else {
        Err(Fault::Invalid("media-type", "the kind of file that was sent"))
    }
}
