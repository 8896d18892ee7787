//! `POST /apps/{appid}/topics` (spec 8.6): makes a topic.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::json;

use super::{done, given, with_topics};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, body, trans_id, versioned};
use crate::rt::topics::Made;

/// Answers its id.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let made = async {
        let (head, read) = request.into_parts();
        let parts = state.parts();
        let app = actor::service(parts, Group::Topics, &app_id, &head.headers)?;
        with_topics(&app)?;
        let new = given::new(&body::read(parts, &head.headers, read).await?)?;
        match parts.ledger.make_topic(&parts.shared, &app, new).await? {
            Made::As(id) => Ok(done(json!({"id": id, "trans_id": trans_id(parts)}))),
            Made::Exists => Err(Fault::TopicExists),
            Made::Full => Err(Fault::TopicsFull),
        }
    };
    versioned(&version, made).await
}
