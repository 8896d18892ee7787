//! `GET`, `PUT` and `DELETE /resources/v1/content/properties/<property>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::object::{self, Named};
use crate::api::ContentState;
use crate::kind::Kind;

type Given = Result<Path<String>, PathRejection>;

fn named(path: Given) -> Named {
    // A path that is no UTF-8 names nothing.
    let property = path.map(|Path(property)| property).unwrap_or_default();
    Named { kind: Ok(Kind::Hotel), code: property.clone(), property }
}

/// Shows the hotel.
pub(super) async fn show(State(state): State<ContentState>, path: Given, request: Request<Body>) -> Response {
    object::show(state, named(path), request).await
}

/// Puts the hotel in place of what is there.
pub(super) async fn put(State(state): State<ContentState>, path: Given, request: Request<Body>) -> Response {
    object::put(state, named(path), request).await
}

/// Disables the hotel.
pub(super) async fn delete(
    State(state): State<ContentState>,
    path: Given,
    request: Request<Body>,
) -> Response {
    object::delete(state, named(path), request).await
}
