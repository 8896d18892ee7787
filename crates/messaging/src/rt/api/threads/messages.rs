//! `GET /apps/{appid}/user/{userid}/threads/{threadid}/messages` (spec 8.5): what was said in a thread, newest first.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::{done, with_inbox};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, body, versioned};
use crate::rt::inbox::Held;

/// Answers a page of it: `from` are passed over, at most `limit` are shown.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, user, thread)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let listed = async {
        body::is_user(&user)?;
        let app = actor::pass(state.parts(), Group::Threads, &app_id, Some(&user), &headers).await?;
        with_inbox(&app)?;
        let query = Query::of(&uri);
        let (from, limit) = (query.start("from")?, query.limit()?);
        let found = state.parts().ledger.messages(&app, (&user, &thread), from, limit).await?;
        let found = found.ok_or(Fault::Thread)?;
        let messages: Vec<Value> = found.messages.into_iter().map(Held::json).collect();
        Ok(done(json!({"total": found.total, "count": messages.len(), "messages": messages})))
    };
    versioned(&version, listed).await
}
