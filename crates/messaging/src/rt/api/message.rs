//! `POST /{appId}/message` (spec 8.4): a device deletes a message; it is not sent to it again.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Fault, done};
use super::{RtState, body, device, gate};

/// Answers success once it is deleted.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let deleted = async {
        let (known, members) = device::call(state.parts(), &app_id, request).await?;
        let tid = body::text(&members, "tid")?.ok_or(Fault::Missing("tid"))?;
        match state.parts().ledger.forget(&known, tid.to_owned()).await? {
            true => Ok(done(json!({"status": "Success", "tid": tid}))),
            false => Err(Fault::Message),
        }
    };
    deleted.await.unwrap_or_else(|fault: Fault| fault.respond())
}
