//! Threads of the server side inbox (spec 8.5).

mod all;
mod create;
mod given;
mod messages;
mod of_user;
mod unread;
mod update;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, put};
use serde_json::{Value, json};
use waypost_status::RealtimeCode;

use super::RtState;
use super::fault::Fault;
use crate::api::answer::respond;
use crate::rt::inbox::{self, Thread, ThreadPage};
use crate::rt::ledger::RtApp;

/// The routes.
pub(super) fn routes() -> Router<RtState> {
    let of = |rest: &str| format!("/rtmsAPI/api/{{version}}/apps/{{appid}}/{rest}");
    Router::new()
        .route(&of("threads"), get(all::handle).post(create::handle))
        .route(&of("user/{userid}/threads"), get(of_user::handle))
        .route(&of("user/{userid}/threads/{threadid}"), put(update::handle))
        .route(&of("user/{userid}/threads/{threadid}/messages"), get(messages::handle))
        .route(&of("user/{userid}/unreadthreads"), get(unread::handle))
}

/// An answer of 0, whose code is a text and whose description is written small here (spec 8.5).
fn done(mut body: Value) -> Response {
    let status = RealtimeCode::Success.status();
    if let Value::Object(members) = &mut body {
        members.insert("code".to_owned(), json!(status.code_str()));
        members.insert("description".to_owned(), json!(status.message().to_ascii_lowercase()));
    }
    respond(StatusCode::OK, status.code_str(), body.to_string())
}

/// The app, if it keeps an inbox.
fn with_inbox(app: &RtApp) -> Result<(), Fault> {
    if inbox::is_on(&app.account) { Ok(()) } else { Err(Fault::Inbox) }
}

fn page(page: &ThreadPage) -> Response {
    let threads: Vec<Value> = page.threads.iter().map(Thread::json).collect();
    done(json!({"total": page.total, "count": threads.len(), "threads": threads}))
}
