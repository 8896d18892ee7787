//! `GET /resources/v1/content/partners/<partner>/drift`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;

use super::query::Given;
use super::{door, shown};
use crate::api::ContentState;
use crate::records::desk::{self, Drift};
use crate::wire::json::{self, Json};

/// What a partner has otherwise than we sent it, as its last audits found it.
pub(super) async fn handle(
    State(state): State<ContentState>,
    path: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let slug = path.map(|Path(slug)| slug).unwrap_or_default();
    door::answer(state, request, async |call| {
        let partner = call.partner(&slug)?;
        let mut given = Given::of(&call.parts.uri)?;
        let property = given.take("property");
        given.end()?;
        let ctx = call.ctx;
        let found = call.read(move |tx| desk::drift(tx, &ctx, partner, property.as_deref())).await?;
        let row = |one: &Drift| {
            json::object([
                ("property", Json::from(one.lane.property.as_str())),
                ("kind", Json::from(one.kind.word())),
                ("code", Json::from(one.code.as_str())),
                ("differences", shown::differences(&one.differences)),
            ])
        };
        Ok((StatusCode::OK, json::object([("drift", Json::List(found.iter().map(row).collect()))])))
    })
    .await
}
