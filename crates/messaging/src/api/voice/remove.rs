//! `DELETE /resources/v1/voice/prompts/<media>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;

use super::refused;
use crate::api::desk::answer;
use crate::api::state::MessagingState;

/// Removes the prompt of this name; answers `{"removed": "<media>"}`.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    name: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let name = name.map(|Path(name)| name).unwrap_or_default();
    answer(app, request, async |caller, _, _| {
        app.seams.prompts.remove(caller, name.clone()).await.map_err(refused)?;
        Ok(json!({ "removed": name }))
    })
    .await
}
