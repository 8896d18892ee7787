//! `GET /apps/{appid}/topics` (spec 8.6): the topics of an app, newest first.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::{done, shown, with_topics};
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, versioned};

/// Answers a page of them, from `start` on, at most `limit`.
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
        let topics: Vec<Value> = page.topics.iter().map(shown).collect();
        Ok(done(json!({"total": page.total, "count": topics.len(), "topics": topics})))
    };
    versioned(&version, listed).await
}
