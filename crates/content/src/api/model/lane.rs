//! `POST /resources/v1/content/partners/<partner>/lanes/<property>/<action>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;

use super::door::{self, Fault};
use super::query::Given;
use super::shown::number;
use crate::api::ContentState;
use crate::kind::Kind;
use crate::records::lane::{self, Lane};
use crate::records::{desk, objects};
use crate::rules::Refusal;
use crate::wire::json::{self, Json};

/// Goes on, leaves out, sends anew, audits or repairs one property at one partner.
pub(super) async fn handle(
    State(state): State<ContentState>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let (slug, property, action) = path.map(|Path(path)| path).unwrap_or_default();
    door::answer(state, request, async |call| {
        let lane = Lane { partner: call.partner(&slug)?, tenant: call.tenant, property: property.clone() };
        Given::of(&call.parts.uri)?.end()?;
        let ctx = call.ctx;
        let of = property.clone();
        let known = call.read(move |tx| objects::find(tx, &ctx, &of, Kind::Hotel, &of)).await?.is_some();
        if !known {
            return Err(Refusal::NotFound(Kind::Hotel, property).into());
        }
        let objects = match action.as_str() {
            "retry" => call.write(move |tx, env| lane::unpark(tx, env, &lane)).await.map(|()| 0)?,
            "skip" => match call.write(move |tx, env| desk::skip(tx, env, &lane)).await? {
                true => 0,
                false => return Err(Fault::Conflict("property", "one whose queue is parked".to_owned())),
            },
            "replay" => call.write(move |tx, env| desk::replay(tx, env, &lane)).await?,
            "audit" => call.write(move |tx, env| desk::audit(tx, env, &lane)).await.map(|()| 0)?,
            "repair" => {
                let job = move |tx: &mut dyn waypost_store::Sql, env: &crate::records::env::Env| {
                    desk::repair(tx, env, &ctx, lane.partner, Some(&lane.property))
                };
                u64::try_from(call.write(job).await?.len()).unwrap_or(u64::MAX)
            }
            _ => return Err(Fault::Nowhere("action", "retry, skip, replay, audit or repair")),
        };
        Ok((StatusCode::OK, json::object([("done", Json::Text(action)), ("objects", number(objects))])))
    })
    .await
}
