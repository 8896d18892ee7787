//! `GET /apps/{appid}/streams` (spec 8.5): what topics were called before.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use waypost_core::time::rfc3339_utc;

use super::{done, with_topics};
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, versioned};

/// Answers id, name and date of a page of them, from `start` on, at most `limit`.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let listed = async {
        let app = actor::pass(state.parts(), Group::Topics, &app_id, None, &headers).await?;
        with_topics(&app)?;
        let query = Query::of(&uri);
        let page = state.parts().ledger.topics(&app, query.start("start")?, query.limit()?).await?;
        let streams: Vec<Value> = page
            .topics
            .iter()
            .map(|topic| {
                json!({"id": topic.topic_id, "created_on": rfc3339_utc(topic.created_at), "name": topic.of.name})
            })
            .collect();
        Ok(done(json!({"status": "Success", "streams": streams})))
    };
    versioned(&version, listed).await
}
