//! `GET /resources/v2/profile/status/<transid>`: the results of a queued batch.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::id::TransactionId;
use waypost_core::time::Micros;

use crate::api::answer::respond;
use crate::api::profile::{answer, gate, write};
use crate::api::state::{MessagingState, Shared};
use crate::rules::profile::ProfileRefusal;

/// What the metrics show for an answer with results.
const FOUND: &str = "found";

/// Answers the look-up.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    asked: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let now = app.seams.clock.now();
    let (parts, _) = request.into_parts();
    let asked = asked.map(|Path(asked)| asked).unwrap_or_default();
    find(app, &parts, &asked, now)
        .await
        .unwrap_or_else(|refusal| answer::refused(&refusal, app.mint_refused(now)))
}

async fn find(app: &Shared, parts: &Parts, asked: &str, now: Micros) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    let transid: TransactionId = asked.parse().map_err(|_| ProfileRefusal::NoResults)?;
    let results = app.seams.profiles.results(caller, transid).await.map_err(write::refusal)?;
    let outcome = results.ok_or(ProfileRefusal::NoResults)?;
    Ok(respond(StatusCode::OK, FOUND, answer::written(transid, &outcome)))
}
