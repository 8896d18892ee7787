//! `GET /resources/v1/content/partners/<partner>/lanes`.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::time::rfc3339_utc;

use super::door;
use super::query::Given;
use super::shown::number;
use crate::api::ContentState;
use crate::records::desk;
use crate::records::lane::{self, Lane, LaneState};
use crate::wire::json::{self, Json};

/// The queues of a partner's properties: what each owes, and why it stands still.
pub(super) async fn handle(
    State(state): State<ContentState>,
    path: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let slug = path.map(|Path(slug)| slug).unwrap_or_default();
    door::answer(state, request, async |call| {
        let partner = call.partner(&slug)?;
        let mut given = Given::of(&call.parts.uri)?;
        let (parked, property) = (given.flag("parked")?.unwrap_or(false), given.take("property"));
        given.end()?;
        let ctx = call.ctx;
        let (lanes, owed, paused) = call
            .read(move |tx| {
                let lanes = lane::list(tx, &ctx, partner, property.as_deref(), parked)?;
                Ok((lanes, desk::owed(tx, partner)?, lane::paused(tx, partner)?))
            })
            .await?;
        let owed: HashMap<String, i64> = owed.into_iter().collect();
        let rows = lanes.iter().map(|(lane, state)| row(lane, state, &owed)).collect();
        let paused = paused.map_or(Json::Null, Json::Text);
        Ok((StatusCode::OK, json::object([("paused", paused), ("lanes", Json::List(rows))])))
    })
    .await
}

fn row(lane: &Lane, state: &LaneState, owed: &HashMap<String, i64>) -> Json {
    let parked = if state.parked {
        let object = desk::parked_on(&state.parked_on).map(|(kind, code)| format!("{} {code}", kind.word()));
        json::object([
            ("since", Json::Text(rfc3339_utc(state.parked_at))),
            ("reason", Json::from(state.reason.as_str())),
            ("object", object.map_or(Json::Null, Json::Text)),
        ])
    } else {
        Json::Null
    };
    json::object([
        ("property", Json::from(lane.property.as_str())),
        ("owed", number(owed.get(&lane.property).copied().unwrap_or(0))),
        ("parked", parked),
    ])
}
