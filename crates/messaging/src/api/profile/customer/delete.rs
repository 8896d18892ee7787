//! `DELETE /resources/v2/customerprofile/<customerId>` and `?customerId=a&customerId=b`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use waypost_core::time::Micros;

use crate::api::profile::query::{Query, checked};
use crate::api::profile::{answer, gate, write};
use crate::api::state::{MessagingState, Shared};
use crate::rules::profile::ProfileRefusal;

/// Deletes the customer of the path.
pub(in crate::api) async fn one(
    State(app): State<MessagingState>,
    id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    answered(app.shared(), request, Some(id)).await
}

/// Deletes the customers of the query.
pub(in crate::api) async fn several(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    answered(app.shared(), request, None).await
}

async fn answered(app: &Shared, request: Request<Body>, id: Option<String>) -> Response {
    let now = app.seams.clock.now();
    let (parts, _) = request.into_parts();
    take(app, &parts, id, now)
        .await
        .unwrap_or_else(|refusal| answer::refused(&refusal, app.mint_refused(now)))
}

async fn take(
    app: &Shared,
    parts: &Parts,
    id: Option<String>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    gate::store(app, &caller, None)?;
    let ids = match id {
        Some(id) => checked(&id).map(|()| vec![id])?,
        None => Query::of(&parts.uri).several()?,
    };
    write::delete(app, parts, caller, None, ids, now).await
}
