//! `PUT /apps/{appid}/user/{userid}/threads/{threadid}` (spec 8.5): changes a thread for a user, whose devices are told.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;
use waypost_core::time::rfc3339_utc;

use super::{done, given, with_inbox};
use crate::rt::Changed;
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, body, versioned};

/// Answers its id and when it was changed.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, user, thread)): Path<(String, String, String, String)>,
    request: Request<Body>,
) -> Response {
    let changed = async {
        let (head, read) = request.into_parts();
        let parts = state.parts();
        body::is_user(&user)?;
        let app = actor::pass(parts, Group::Threads, &app_id, Some(&user), &head.headers).await?;
        with_inbox(&app)?;
        let change = given::change(&body::read(parts, &head.headers, read).await?)?;
        match parts.ledger.change_thread(&parts.shared, &app, (&user, &thread), change).await? {
            Changed::Done(after) => {
                let updated_on = rfc3339_utc(after.updated_at);
                Ok(done(json!({"thread": {"id": after.thread_id, "updated_on": updated_on}})))
            }
            Changed::NoThread => Err(Fault::Thread),
            Changed::NoUser => Err(Fault::User),
        }
    };
    versioned(&version, changed).await
}
