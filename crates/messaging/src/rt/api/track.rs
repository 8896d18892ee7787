//! `GET /{appId}/trackDeliveryRequest?tid=&appId=` (spec 8.2): a browser showed a push. The service worker that calls has no
//! key; the transaction id is what it knows and nobody else.

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use waypost_core::id::TransactionRef;

use super::fault::{Fault, done};
use super::limits::Group;
use super::page::Query;
use super::{RtState, gate};
use crate::rt::Tracked;

/// Answers success once it is applied, or kept until its push is recorded.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let tracked = async {
        let query = Query::of(&uri);
        let named = query.text("appId").ok_or(Fault::AppIdMissing)?;
        if named != app_id {
            return Err(Fault::App);
        }
        let tid = query.text("tid").ok_or(Fault::Missing("tid"))?;
        let app = gate::keyless(state.parts(), Group::Device, &app_id)?;
        let tid: TransactionRef =
            tid.parse().map_err(|_| Fault::Invalid("tid", "a transaction id, as the push had it"))?;
        match state.parts().ledger.track(&state.parts().shared, &app, tid).await? {
            Tracked::Unknown => Err(Fault::Message),
            Tracked::Applied => Ok(done(json!({"status": "Success", "applied": true}))),
            Tracked::Held | Tracked::Ambiguous => Ok(done(json!({"status": "Success", "applied": false}))),
        }
    };
    tracked.await.unwrap_or_else(|fault: Fault| fault.respond())
}
