//! Topics of an app, who follows them, and streams, their older name (spec 8.5, 8.6). Codes are numbers here.

mod all;
mod create;
mod delete;
mod given;
mod of_user;
mod streams;
mod subscribe;
mod subscribers;
mod unsubscribe;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde_json::{Value, json};
use waypost_core::time::rfc3339_utc;
use waypost_status::RealtimeCode;

use super::RtState;
use super::fault::Fault;
use crate::api::answer::respond;
use crate::rt::ledger::RtApp;
use crate::rt::topics::{self, Done, Followed, Topic};

/// The routes.
pub(super) fn routes() -> Router<RtState> {
    let of = |rest: &str| format!("/rtmsAPI/api/{{version}}/apps/{{appid}}/{rest}");
    let users = get(subscribers::handle).delete(unsubscribe::handle);
    Router::new()
        .route(&of("topics"), get(all::handle).post(create::handle))
        .route(&of("topics/{topicid}"), delete(delete::handle))
        .route(&of("topics/{topicid}/users"), post(subscribe::handle).merge(users))
        .route(&of("user/{userid}/topics"), get(of_user::handle))
        .route(&of("streams"), get(streams::handle))
}

/// An answer of 0, a number.
fn done(mut body: Value) -> Response {
    let status = RealtimeCode::Success.status();
    if let Value::Object(members) = &mut body {
        members.insert("code".to_owned(), json!(status.code()));
        members.insert("description".to_owned(), json!(status.message().to_ascii_lowercase()));
    }
    respond(StatusCode::OK, status.code_str(), body.to_string())
}

/// The app, if it has topics.
fn with_topics(app: &RtApp) -> Result<(), Fault> {
    if topics::is_on(&app.account) { Ok(()) } else { Err(Fault::Topics) }
}

/// A topic as it is listed.
fn shown(topic: &Topic) -> Value {
    let mut json = json!({
        "id": topic.topic_id, "name": topic.of.name, "ref": topic.of.reference.as_deref().unwrap_or_default(),
        "topic_group": topic.of.group.as_deref().unwrap_or_default(), "description": topic.of.description,
        "created_on": rfc3339_utc(topic.created_at)
    });
    if topic.followed != Followed::Unasked
        && let Some(members) = json.as_object_mut()
    {
        members.insert("subscribed".to_owned(), json!(topic.followed == Followed::Yes));
    }
    json
}

/// What came of subscribing or removing users.
fn told(done_to: &Done, trans_id: &str) -> Response {
    done(json!({"success_users": done_to.done, "fail_users": done_to.failed, "trans_id": trans_id}))
}
