//! `PUT /resources/v1/voice/prompts/<media>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::{refused, shown, sound};
use crate::api::desk::answer;
use crate::api::state::MessagingState;

/// Octets of µ-law in a millisecond.
const OCTETS_A_MS: usize = 8;

/// Stores the WAV file of the body under its name, in place of the one that had it; answers `{"promptid", "media", "ms"}`.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    name: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let name = name.map(|Path(name)| name).unwrap_or_default();
    answer(app, request, async |caller, parts, body| {
        let sound = sound::read(&parts.headers, body, &app.settings).await?;
        let ms = i64::try_from(sound.len() / OCTETS_A_MS).unwrap_or(i64::MAX);
        let id = app.seams.prompts.put(caller, name.clone(), sound).await.map_err(refused)?;
        Ok(shown(&id, &name, ms))
    })
    .await
}
