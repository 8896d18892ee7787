//! `GET /apps/{appid}/threads` (spec 8.5): the threads of an app, newest first.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::{page, with_inbox};
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
        let app = actor::service(state.parts(), Group::Threads, &app_id, &headers)?;
        with_inbox(&app)?;
        let query = Query::of(&uri);
        let found = state.parts().ledger.threads_of_app(&app, query.start("start")?, query.limit()?).await?;
        Ok(page(&found))
    };
    versioned(&version, listed).await
}
