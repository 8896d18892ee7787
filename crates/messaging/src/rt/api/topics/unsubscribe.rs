//! `DELETE /apps/{appid}/topics/{topicid}/users` (spec 8.6): removes users from a topic.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;

use super::{given, told, with_topics};
use crate::rt::api::fault::Fault;
use crate::rt::api::limits::Group;
use crate::rt::api::{RtState, actor, body, trans_id, versioned};

/// Answers who was removed and who did not follow it.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id, topic)): Path<(String, String, String)>,
    request: Request<Body>,
) -> Response {
    let removed = async {
        let (head, read) = request.into_parts();
        let parts = state.parts();
        let users = given::users(&body::read_json(parts, &head.headers, read).await?)?;
        let app = actor::of_users(parts, Group::Topics, &app_id, &users, &head.headers).await?;
        with_topics(&app)?;
        let done = parts.ledger.unsubscribe(&app, &topic, users).await?.ok_or(Fault::Topic)?;
        Ok(told(&done, &trans_id(parts)))
    };
    versioned(&version, removed).await
}
