//! `DELETE /apps/{appid}/topics/{topicid}` (spec 8.6): deletes a topic; nobody follows it any more.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::{done, with_topics};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, trans_id, versioned};

/// Answers success once it is gone.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, topic)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let deleted = async {
        let parts = state.parts();
        let app = actor::service(parts, Group::Topics, &app_id, &headers)?;
        with_topics(&app)?;
        match parts.ledger.delete_topic(&app, &topic).await? {
            true => Ok(done(json!({"id": topic, "trans_id": trans_id(parts)}))),
            false => Err(Fault::Topic),
        }
    };
    versioned(&version, deleted).await
}
