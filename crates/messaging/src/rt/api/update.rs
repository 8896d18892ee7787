//! `POST /{appId}/profileupdate` (spec 8.2): a device's attributes, and its push token.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Fault, done};
use super::{RtState, body, device, gate, register};
use crate::rt::device::Change;

/// Longest push token, and web push subscription, that is kept.
const TOKEN_BYTES_MAX: usize = 4_096;

/// Answers success once it is kept.
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
    let (known, members) = device::call(state.parts(), app_id, request).await?;
    let attributes = register::told(&members)?;
    let update = members.get("data").and_then(|data| data.get("update"));
    let token = match update.and_then(|update| update.as_object()) {
        Some(update) => body::text(update, "pushId")?.map(str::to_owned),
        None => None,
    };
    if token.as_ref().is_some_and(|token| token.len() > TOKEN_BYTES_MAX) {
        return Err(Fault::Invalid("pushId", "at most 4096 bytes"));
    }
    if attributes.is_empty() && token.is_none() {
        return Err(Fault::Missing("data.update"));
    }
    let client = state
        .parts()
        .ledger
        .change(&state.parts().shared, &known, Change::Attributes(attributes, token))
        .await?;
    Ok(done(json!({"status": "Success", "clientId": client.to_string()})))
}
