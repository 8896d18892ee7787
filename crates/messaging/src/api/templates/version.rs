//! `POST /resources/v1/templates/<templateid>/versions`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;

use super::{answer, refused};
use crate::api::state::MessagingState;
use crate::rules::template;

/// Adds what the template says on `channel`: `channels` as in a request. Answers `{"version": n}`; it is not sent before
/// it is approved.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let id = id.map(|Path(id)| id).unwrap_or_default();
    answer(app, request, async |caller, given| {
        let channel = given.channel()?;
        let content = template::check(channel, &given.value("channels"))?;
        let version = app.seams.templates.add(caller, id, channel, content).await.map_err(refused)?;
        Ok(json!({ "version": version }))
    })
    .await
}
