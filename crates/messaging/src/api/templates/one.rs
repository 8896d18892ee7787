//! `GET /resources/v1/templates/<templateid>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::{answer, refused};
use crate::api::state::MessagingState;

/// Answers the template with all of its versions.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let id = id.map(|Path(id)| id).unwrap_or_default();
    answer(app, request, async |caller, _| app.seams.templates.show(caller.tenant, id).await.map_err(refused))
        .await
}
