//! `PUT /resources/v1/templates/<templateid>/approval`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;

use super::given::absent;
use super::{answer, refused};
use crate::api::state::MessagingState;

/// Approves `version` on `channel` (`approved: true`), or takes its approval back.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let id = id.map(|Path(id)| id).unwrap_or_default();
    answer(app, request, async |caller, given| {
        let version = given.whole("version")?.ok_or_else(|| absent("version", "the number of a version"))?;
        let (version, approved) = ((given.channel()?, version), given.flag("approved")?);
        app.seams.templates.approve(caller, id, version, approved).await.map_err(refused)?;
        Ok(json!({ "approved": approved }))
    })
    .await
}
