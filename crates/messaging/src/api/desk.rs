//! What the endpoints for a tenant's own tools share: the gate of the Messaging API before, its refusals, and JSON after.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::answer::{self, respond};
use super::limits::ApiFamily;
use super::seams::{BoxFuture, Caller};
use super::state::Shared;
use super::{body, gate};
use crate::rules::{Field, Refusal};
use crate::wire::JsonFault;

/// What the metrics show for an answer that is no refusal.
const FOUND: &str = "found";

/// Why the desk did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskFault {
    /// It breaks a rule, in words for whoever asked.
    Refused(String),
    /// The store failed.
    Unavailable,
}

/// The answer of the desk, boxed.
pub type Desked<T> = BoxFuture<'static, Result<T, DeskFault>>;

/// 7004 with the name of a parameter and its rule.
pub(super) fn wrong(param: &'static str, rule: impl Into<String>) -> Refusal {
    Refusal::Wrong(Field { path: param.to_owned(), param, rule: rule.into().into() })
}

/// Answers with what `work` makes of the caller, the head and the unread body of a request, or with its refusal.
pub(super) async fn answer<T: Serialize>(
    app: &Shared,
    request: Request<Body>,
    work: impl AsyncFnOnce(&Caller, &Parts, &mut Body) -> Result<T, Refusal>,
) -> Response {
    let now = app.seams.clock.now();
    let (parts, mut unread) = request.into_parts();
    let done = async {
        let passed = gate::pass(app, &parts, ApiFamily::Messaging, now).await?;
        if !passed.caller.is_active {
            return Err(Refusal::ServiceInactive);
        }
        work(&passed.caller, &parts, &mut unread).await
    };
    match done.await {
        Ok(value) => match serde_json::to_string(&value) {
            Ok(text) => respond(StatusCode::OK, FOUND, text),
            Err(_) => answer::refused(&Refusal::Internal, app.mint_refused(now)),
        },
        Err(refusal) => {
            if !matches!(refusal, Refusal::Json(JsonFault::TooSlow | JsonFault::Cut)) {
                body::discard(&parts.headers, &mut unread).await;
            }
            answer::refused(&refusal, app.mint_refused(now))
        }
    }
}
