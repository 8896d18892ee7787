//! `GET /resources/v1/content/properties`.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;

use super::query::Given;
use super::{door, shown};
use crate::api::ContentState;
use crate::records::objects;
use crate::wire::json::Json;

/// The tenant's hotels, by code.
pub(super) async fn handle(State(state): State<ContentState>, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        let mut given = Given::of(&call.parts.uri)?;
        let (after, limit) = given.page()?;
        given.end()?;
        let ctx = call.ctx;
        let found = call.read(move |tx| objects::hotels(tx, &ctx, (&after, limit))).await?;
        let last = found.last().map(|hotel| hotel.code.clone());
        let rows: Vec<Json> = found.iter().map(shown::object).collect();
        Ok(shown::page("properties", rows, last.as_deref(), limit))
    })
    .await
}
