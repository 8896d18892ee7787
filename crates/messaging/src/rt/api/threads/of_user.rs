//! `GET /apps/{appid}/user/{userid}/threads` (spec 8.5): the threads of a user, the last used first.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::{page, with_inbox};
use crate::rt::AskedThreads;
use crate::rt::api::limits::Group;
use crate::rt::api::page::Query;
use crate::rt::api::{RtState, actor, body, versioned};

/// Answers a page of them, from `start` on, at most `limit`; with `fetchunreadcount` what is unread in each.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, user)): Path<(String, String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let listed = async {
        body::is_user(&user)?;
        let app = actor::pass(state.parts(), Group::Threads, &app_id, Some(&user), &headers).await?;
        with_inbox(&app)?;
        let query = Query::of(&uri);
        let asked = AskedThreads {
            start: query.start("start")?,
            limit: query.limit()?,
            count_unread: query.flag("fetchunreadcount")?,
            only_unread: false,
        };
        Ok(page(&state.parts().ledger.threads_of_user(&app, &user, asked).await?))
    };
    versioned(&version, listed).await
}
