//! `GET /apps/{appid}/user/{userid}/topics` (spec 8.6): the topics of an app as a user sees them.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::{done, shown, with_topics};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, body, versioned};
use crate::rt::topics::Wanted;

/// Answers a page of them, from `start` on, at most `limit`: those the user follows (`subscribed=true`), the others
/// (`false`), or `both`.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, user)): Path<(String, String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let listed = async {
        body::is_user(&user)?;
        let app = actor::pass(state.parts(), Group::Topics, &app_id, Some(&user), &headers).await?;
        with_topics(&app)?;
        let query = Query::of(&uri);
        let wanted = match query.text("subscribed") {
            None | Some("true") => Wanted::Subscribed,
            Some("false") => Wanted::Others,
            Some("both") => Wanted::Both,
            Some(_) => return Err(Fault::Invalid("subscribed", "true, false or both")),
        };
        let part = (query.start("start")?, query.limit()?);
        let page = state.parts().ledger.topics_of_user(&app, &user, wanted, part).await?;
        let topics: Vec<Value> = page.topics.iter().map(shown).collect();
        Ok(done(json!({"total": page.total, "count": topics.len(), "topics": topics})))
    };
    versioned(&version, listed).await
}
