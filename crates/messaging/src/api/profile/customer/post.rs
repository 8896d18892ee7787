//! `POST /resources/v2/customerprofile`: creates 1 to 100 customers.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;

use crate::api::profile::write;
use crate::api::state::MessagingState;
use crate::rules::profile::Verb;

/// Answers the request when it is durable.
pub(in crate::api) async fn handle(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    write::records(app.shared(), request, None, Verb::Create).await
}
