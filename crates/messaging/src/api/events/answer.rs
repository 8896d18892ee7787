//! The bodies of the Events API (spec 2.3), and the rows its refusals are told with.

use axum::http::StatusCode;
use axum::response::Response;
use waypost_core::id::{TransactionId, TransactionRef};
use waypost_status::{EventCode as E, Status};

use crate::api::answer::{Json, respond};
use crate::api::code;
use crate::rules::Refusal;
use crate::rules::event::{EventPlan, EventRefusal, EventUnit};

/// What the contract says in place of 1002's own text when burst mode applies (spec 3.12).
const IN_BURST_MODE: &str = "Queued in burst mode";

/// The row of a refusal.
fn row(refusal: &EventRefusal) -> Status {
    match refusal {
        EventRefusal::Shared(shared) => shared_row(shared),
        EventRefusal::Missing(_, param) => E::MandatoryParameterMissing.status_with(&[("param", param)]),
        EventRefusal::Empty => E::EventsEmpty.status(),
        EventRefusal::Wrong(_, param, _) => E::ParamInvalid.status_with(&[("param", param)]),
        EventRefusal::Unusable(..) => E::InvalidValue.status(),
        EventRefusal::Mandatory(..) => E::CustomParametersMissing.status(),
        EventRefusal::NotKept => E::InternalErrorWhileQueueing.status(),
        EventRefusal::Internal => E::InternalErrorOccurred.status(),
    }
}

/// The rows of what the APIs share; what only a message can be refused with does not occur here.
fn shared_row(refusal: &Refusal) -> Status {
    match refusal {
        Refusal::Json(_) => E::InvalidJson.status(),
        Refusal::KeyUnknown | Refusal::TokenInvalid => E::AuthenticationFailed.status(),
        Refusal::KeyMissing => E::ServiceKeyMissing.status(),
        Refusal::Invalid(param) => E::ParamInvalid.status_with(&[("param", param.name())]),
        Refusal::IdempotencyKeyReused => E::IdempotencyKeyReused.status(),
        Refusal::ServiceInactive => E::ServiceInactive.status(),
        Refusal::SourceIp => E::SourceIpNotWhitelisted.status(),
        Refusal::Expired => E::RequestExpiredAtAcceptance.status(),
        Refusal::Rate => E::TransactionLimitReached.status(),
        _ => E::InternalErrorOccurred.status(),
    }
}

/// A refused request: an object.
pub(super) fn refused(refusal: &EventRefusal, transid: TransactionId) -> Response {
    let http = match refusal {
        EventRefusal::Shared(shared) => code::http_status(shared),
        EventRefusal::NotKept | EventRefusal::Internal => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let status = row(refusal);
    let mut json = Json::with_capacity(256);
    json.raw("{\"response\":").head(&status, "", &transid).detail(&refusal.detail()).raw("}}");
    respond(http, status.code_str(), json.finish())
}

/// The body for a request that was taken, one element per event, and the code the metrics show.
pub(super) fn units(plan: &EventPlan, transid: TransactionId, in_burst: bool) -> (String, &'static str) {
    let queued = E::Queued.status();
    let several = plan.units.len() > 1;
    let mut json = Json::with_capacity(plan.units.len() * 128 + 32);
    let mut code = None;
    json.raw("{\"response\":[");
    for (place, unit) in plan.units.iter().enumerate() {
        if place > 0 {
            json.raw(",");
        }
        let unit_place = several.then(|| u16::try_from(place).unwrap_or(u16::MAX));
        let transid = TransactionRef { transid, unit: unit_place };
        match unit {
            EventUnit::Taken(event) => {
                code = Some(queued.code_str());
                if in_burst {
                    json.raw("{\"code\":\"")
                        .raw(queued.code_str())
                        .raw("\",\"description\":")
                        .text(IN_BURST_MODE);
                    json.raw(",\"transid\":\"").plain(&transid).raw("\"");
                } else {
                    json.head(&queued, "", &transid);
                }
                correlation(&mut json, event.correlation.as_deref());
            }
            EventUnit::Refused { refusal, correlation: own } => {
                let status = row(refusal);
                code = code.or(Some(status.code_str()));
                json.head(&status, "", &transid);
                correlation(&mut json, own.as_deref());
                json.detail(&refusal.detail());
            }
        }
        json.raw("}");
    }
    json.raw("]}");
    (json.finish(), code.unwrap_or(queued.code_str()))
}

fn correlation(json: &mut Json, correlation: Option<&str>) {
    if let Some(correlation) = correlation {
        json.raw(",\"correlationid\":").text(correlation);
    }
}
