//! `POST /resources/v1/messaging` (spec 3): takes a message for 1 to 1,000 destinations.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use waypost_core::time::Micros;

use crate::api::answer::{self, Units};
use crate::api::body;
use crate::api::gate::{self, Passed};
use crate::api::idempotency;
use crate::api::limits::ApiFamily;
use crate::api::seams::{OnceAnswer, Submission};
use crate::api::state::{MessagingState, Shared};
use crate::records::idempotency::{Known, Once};
use crate::rules::{self, Param, Plan, Refusal};
use crate::wire::{self, JsonFault};

/// Answers the request. 1001 is sent only after the request is durable.
pub(in crate::api) async fn handle(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    let app = app.shared();
    let now = app.seams.clock.now();
    let (parts, mut body) = request.into_parts();
    match take(app, &parts, &mut body, now).await {
        Ok(response) => response,
        Err(refusal) => {
            if !matches!(refusal, Refusal::Json(JsonFault::TooSlow | JsonFault::Cut)) {
                body::discard(&parts.headers, &mut body).await;
            }
            answer::refused(&refusal, app.mint_refused(now))
        }
    }
}

async fn take(app: &Shared, parts: &Parts, body: &mut Body, now: Micros) -> Result<Response, Refusal> {
    let passed = gate::pass(app, parts, ApiFamily::Messaging, now).await?;
    if !passed.caller.is_active {
        return Err(Refusal::ServiceInactive);
    }
    if passed.caller.profile_off {
        return Err(Refusal::ProfileInactive);
    }
    let body = body::read(&parts.headers, body, &app.settings).await?;
    let once = once(parts, &passed, &body)?;
    // Before the body is judged: what was good then may have expired since.
    if let Some(once) = once
        && let Some(known) = app.seams.accept.known(&passed.caller, once, now).await?
    {
        return repeated(known);
    }
    let plan = rules::validate(wire::parse(&body)?, &passed.caller.view, now)?;
    let passed = gate::pass_channel(app, passed, plan.channel, now)?;
    keep(app, plan, passed, once, now).await
}

fn once(parts: &Parts, passed: &Passed, body: &[u8]) -> Result<Option<Once>, Refusal> {
    if !idempotency::has_key(parts) {
        return Ok(None);
    }
    // Another service of the tenant could not look the first one's transaction up.
    let service = passed.caller.service.to_string();
    idempotency::once(parts, &service, body).map_err(|_| Param::IdempotencyKey.into())
}

fn repeated(known: Known) -> Result<Response, Refusal> {
    match known {
        Known::Same(answer) => Ok(idempotency::repeated(answer)),
        Known::Other => Err(Refusal::IdempotencyKeyReused),
    }
}

async fn keep(
    app: &Shared,
    plan: Plan,
    passed: Passed,
    once: Option<Once>,
    now: Micros,
) -> Result<Response, Refusal> {
    let count = plan.message_count();
    let (first, transid) = app.mint(now, count).ok_or(Refusal::Internal)?;
    let units = Units::of(&plan, transid, passed.in_burst);
    if count > 0 {
        let submission = Submission { plan, caller: passed.caller, transid, first, received_at: now };
        let accept = &app.seams.accept;
        match once {
            None => accept.accept(submission).await?,
            Some(once) => {
                let once = OnceAnswer { once, answer: units.body().to_owned() };
                if let Some(known) = accept.accept_once(submission, once).await? {
                    return repeated(known);
                }
            }
        }
    }
    Ok(units.respond())
}
