//! `GET /resources/v1/content/partners`, and `POST /resources/v1/content/partners/<partner>/<action>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;

use super::door::{self, Fault};
use super::query::Given;
use super::shown::number;
use crate::api::ContentState;
use crate::records::{desk, lane, model};
use crate::wire::json::{self, Json};

/// The tenant's partners that are pushed to, with what each is owed and where it differs.
pub(super) async fn handle(State(state): State<ContentState>, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        Given::of(&call.parts.uri)?.end()?;
        let (env, ctx) = (call.env()?, call.ctx);
        let rows = call
            .read(move |tx| {
                let mut rows = Vec::new();
                for partner in model::targets(&env.directory, ctx.tenant.0) {
                    let totals = desk::totals(tx, partner.id)?;
                    rows.push(json::object([
                        ("partner", Json::from(partner.slug.as_str())),
                        ("enabled", Json::Flag(partner.enabled)),
                        ("paused", lane::paused(tx, partner.id)?.map_or(Json::Null, Json::Text)),
                        ("lanes", number(totals.lanes)),
                        ("parked", number(totals.parked)),
                        ("owed", number(totals.owed)),
                        ("drifted", number(totals.drifted)),
                    ]));
                }
                Ok(rows)
            })
            .await?;
        Ok((StatusCode::OK, json::object([("partners", Json::List(rows))])))
    })
    .await
}

/// Pauses or resumes a partner.
pub(super) async fn act(
    State(state): State<ContentState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let (slug, action) = path.map(|Path(path)| path).unwrap_or_default();
    door::answer(state, request, async |call| {
        let (partner, tenant) = (call.partner(&slug)?, call.tenant);
        Given::of(&call.parts.uri)?.end()?;
        let woken = match action.as_str() {
            "pause" => {
                call.write(move |tx, env| lane::pause(tx, env, partner, "the tenant paused it")).await?;
                0
            }
            "resume" => call.write(move |tx, env| lane::resume(tx, env, partner, tenant)).await?,
            _ => return Err(Fault::Nowhere("action", "pause or resume")),
        };
        Ok((StatusCode::OK, json::object([("done", Json::Text(action)), ("lanes", number(woken))])))
    })
    .await
}
