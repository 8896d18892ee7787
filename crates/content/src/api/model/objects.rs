//! `GET /resources/v1/content/properties/<property>/<kind>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::query::Given;
use super::{door, shown};
use crate::api::ContentState;
use crate::kind::Kind;
use crate::records::objects;
use crate::rules::Refusal;

/// The objects of a kind, by code.
pub(super) async fn handle(
    State(state): State<ContentState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let (property, word) = path.map(|Path(path)| path).unwrap_or_default();
    door::answer(state, request, async |call| {
        let kind = shown::kind(&word)?;
        let mut given = Given::of(&call.parts.uri)?;
        let (after, limit) = given.page()?;
        given.end()?;
        let (ctx, of) = (call.ctx, property.clone());
        let found = call
            .read(move |tx| {
                let known = objects::find(tx, &ctx, &of, Kind::Hotel, &of)?.is_some();
                Ok((known, objects::list(tx, &ctx, &of, kind, (&after, limit))?))
            })
            .await?;
        let (true, found) = found else { return Err(Refusal::NotFound(Kind::Hotel, property).into()) };
        let last = found.last().map(|object| object.code.clone());
        Ok(shown::page("objects", found.iter().map(shown::object).collect(), last.as_deref(), limit))
    })
    .await
}
