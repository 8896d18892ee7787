//! `POST /resources/v1/templates/<templateid>/preview`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::{PreviewRequest, answer, refused};
use crate::api::state::MessagingState;

/// Answers what the template says on `channel` with `parameters`: text, alphabet, segments and the price to `msisdn`.
pub(super) async fn handle(
    State(app): State<MessagingState>,
    id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let id = id.map(|Path(id)| id).unwrap_or_default();
    answer(app, request, async |caller, given| {
        let asked = PreviewRequest {
            channel: given.channel()?,
            version: given.whole("version")?,
            parameters: given.texts("parameters")?,
            msisdn: given.optional_text("msisdn")?,
        };
        app.seams.templates.preview(caller.tenant, id, asked).await.map_err(refused)
    })
    .await
}
