//! `POST /{appId}/user/{userid}/generatemedia` (spec 8.4): a fresh link in place of one that has ended.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::rt::api::fault::{Fault, done};
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, body, gate};

/// Answers the link, as `url` and `file`.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, user)): Path<(String, String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let made = async {
        let (head, read) = request.into_parts();
        let parts = state.parts();
        body::is_user(&user)?;
        let app = actor::pass(parts, Group::Device, &app_id, Some(&user), &head.headers).await?;
        let members = body::read(parts, &head.headers, read).await?;
        let url = body::text(&members, "url")?.ok_or(Fault::Missing("url"))?;
        let (id, link) = parts.ledger.fresh_link(&app, url).await?.ok_or(Fault::MediaUnknown)?;
        Ok::<_, Fault>(done(json!({"status": "Success", "mediaId": id, "url": link, "file": link})))
    };
    made.await.unwrap_or_else(|fault| fault.respond())
}
