//! `GET /apps/{appid}/topics/{topicid}/users` (spec 8.6): who follows a topic, by name.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::json;

use super::{done, with_topics};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, versioned};

/// Answers a page of them, from `start` on, at most `limit`.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, topic)): Path<(String, String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let listed = async {
        let parts = state.parts();
        let app = actor::service(parts, Group::Topics, &app_id, &headers)?;
        with_topics(&app)?;
        let query = Query::of(&uri);
        let page = (query.start("start")?, query.limit()?);
        let (total, users) = parts.ledger.subscribers(&app, &topic, page).await?.ok_or(Fault::Topic)?;
        Ok(done(json!({"total": total, "count": users.len(), "users": users})))
    };
    versioned(&version, listed).await
}
