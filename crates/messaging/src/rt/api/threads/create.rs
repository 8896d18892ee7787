//! `POST /apps/{appid}/threads` (spec 8.5): makes a thread.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;
use waypost_core::time::rfc3339_utc;

use super::{done, given, with_inbox};
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, body, versioned};

/// Answers its id and when it was made.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let made = async {
        let (head, read) = request.into_parts();
        let parts = state.parts();
        let app = actor::pass(parts, Group::Threads, &app_id, None, &head.headers).await?;
        with_inbox(&app)?;
        let new = given::new(&body::read(parts, &head.headers, read).await?)?;
        let (id, at) = parts.ledger.make_thread(&parts.shared, &app, new).await?;
        Ok(done(json!({"thread": {"id": id, "created_on": rfc3339_utc(at)}})))
    };
    versioned(&version, made).await
}
