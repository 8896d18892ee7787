//! `GET` and `POST /resources/v1/templates`.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use serde_json::json;

use super::{answer, refused};
use crate::api::state::MessagingState;

/// Answers `{"templates": […]}`, by age.
pub(super) async fn list(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    let app = app.shared();
    answer(app, request, async |caller, _| {
        let found = app.seams.templates.list(caller.tenant).await.map_err(refused)?;
        Ok(json!({ "templates": found }))
    })
    .await
}

/// Makes a template of `name`, under `templateid` or a number of its own, without any content; answers it.
pub(super) async fn create(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    let app = app.shared();
    answer(app, request, async |caller, given| {
        let (id, name) = (given.optional_text("templateid")?, given.text("name")?);
        app.seams.templates.create(caller, id, name).await.map_err(refused)
    })
    .await
}
