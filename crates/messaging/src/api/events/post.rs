//! `POST /resources/v1/events/externalevent` (spec 6): takes 1 to 100 events.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::time::Micros;

use super::{EventSubmission, answer};
use crate::api::answer::respond;
use crate::api::gate::{self, Passed};
use crate::api::limits::ApiFamily;
use crate::api::seams::OnceAnswer;
use crate::api::state::{MessagingState, Shared};
use crate::api::{body, idempotency};
use crate::records::idempotency::{Known, Once};
use crate::rules::event::{self, EventPlan, EventRefusal, EventUnit};
use crate::rules::{Param, Refusal};
use crate::wire::{self, JsonFault};

/// Answers the request. 1002 is sent only after its events are durable.
pub(super) async fn handle(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    let app = app.shared();
    let now = app.seams.clock.now();
    let (parts, mut body) = request.into_parts();
    match take(app, &parts, &mut body, now).await {
        Ok(response) => response,
        Err(refusal) => {
            let cut = EventRefusal::Shared(Refusal::Json(JsonFault::Cut));
            let slow = EventRefusal::Shared(Refusal::Json(JsonFault::TooSlow));
            if refusal != cut && refusal != slow {
                body::discard(&parts.headers, &mut body).await;
            }
            answer::refused(&refusal, app.mint_refused(now))
        }
    }
}

async fn take(app: &Shared, parts: &Parts, body: &mut Body, now: Micros) -> Result<Response, EventRefusal> {
    let passed = gate::pass(app, parts, ApiFamily::Events, now).await?;
    if !passed.caller.is_active {
        return Err(Refusal::ServiceInactive.into());
    }
    let body = body::read(&parts.headers, body, &app.settings).await?;
    let once = once(parts, &passed, &body)?;
    // Before the body is judged: what was good then may have expired since.
    if let Some(once) = once {
        let known = app.seams.accept.known(&passed.caller, once, now).await;
        if let Some(known) = known.map_err(|_| EventRefusal::Internal)? {
            return repeated(known);
        }
    }
    let given = wire::parse_object(&body)?;
    let plan = event::read(&given, now, |id| app.seams.events.event(&passed.caller, id))?;
    keep(app, plan, passed, once, now).await
}

fn once(parts: &Parts, passed: &Passed, body: &[u8]) -> Result<Option<Once>, EventRefusal> {
    if !idempotency::has_key(parts) {
        return Ok(None);
    }
    let service = passed.caller.service.to_string();
    idempotency::once(parts, &service, body).map_err(|_| Param::IdempotencyKey.into())
}

fn repeated(known: Known) -> Result<Response, EventRefusal> {
    match known {
        Known::Same(answer) => Ok(idempotency::repeated(answer)),
        Known::Other => Err(Refusal::IdempotencyKeyReused.into()),
    }
}

async fn keep(
    app: &Shared,
    plan: EventPlan,
    passed: Passed,
    once: Option<Once>,
    now: Micros,
) -> Result<Response, EventRefusal> {
    let taken = plan.units.iter().filter(|unit| matches!(unit, EventUnit::Taken(_))).count();
    let (first, transid) = app.mint(now, taken.max(1)).ok_or(EventRefusal::Internal)?;
    let (text, code) = answer::units(&plan, transid, passed.in_burst);
    if taken > 0 {
        let once = once.map(|once| OnceAnswer { once, answer: text.clone() });
        let caller = passed.caller;
        let submission = EventSubmission { plan, caller, transid, first, received_at: now, once };
        let kept = app.seams.events.keep(submission).await;
        if let Some(known) = kept.map_err(|_| EventRefusal::NotKept)? {
            return repeated(known);
        }
    }
    Ok(respond(StatusCode::OK, code, text))
}
