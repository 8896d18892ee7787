//! `POST /{appId}/refreshToken`: a new pair of tokens for the refresh token that came with the last.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Fault, done};
use super::{RtState, body, device, gate};
use crate::rt::device::NotKnown;

/// Answers the tokens.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    take(&state, &app_id, request).await.unwrap_or_else(|fault| fault.respond())
}

async fn take(state: &RtState, app_id: &str, request: Request<Body>) -> Result<Response, Fault> {
    let (head, read) = request.into_parts();
    let parts = state.parts();
    let app = gate::pass(parts, app_id, gate::key(&head.headers))?;
    let members = body::read(parts, &head.headers, read).await?;
    let client = device::named(&members, app_id)?;
    let presented = body::text(&members, "refreshToken")?.ok_or(Fault::Missing("refreshToken"))?;
    let tokens = parts.ledger.refresh(&app, &client, presented).await?.map_err(|why| match why {
        NotKnown::Device => Fault::Device,
        NotKnown::Wrong => Fault::RefreshWrong,
        NotKnown::Ended => Fault::RefreshEnded,
    })?;
    Ok(done(json!({
        "status": "Success", "clientId": client.to_string(), "accessToken": tokens.access,
        "refreshToken": tokens.refresh
    })))
}
