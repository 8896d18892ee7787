//! `POST /resources/v2/customerappprofile/<appid>`: creates 1 to 100 app profiles.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use crate::api::profile::write;
use crate::api::state::MessagingState;
use crate::rules::profile::Verb;

/// Answers the request when it is durable.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    app_id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    // A path that is not UTF-8 names no app.
    let app_id = app_id.map(|Path(app_id)| app_id).unwrap_or_default();
    write::records(app.shared(), request, Some(&app_id), Verb::Create).await
}
