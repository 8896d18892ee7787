//! `POST /{appId}/unregister` (spec 8.2): the device is removed with all that waits for it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Fault, done};
use super::{RtState, device, gate};

/// Answers success once it is gone.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let removed = async {
        let (known, _) = device::call(state.parts(), &app_id, request).await?;
        state.parts().ledger.unregister(&known).await?;
        Ok::<_, Fault>(done(json!({"status": "Success"})))
    };
    removed.await.unwrap_or_else(|fault| fault.respond())
}
