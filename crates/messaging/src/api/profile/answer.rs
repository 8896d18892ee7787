//! The bodies of answers (spec 2.5).

use axum::http::StatusCode;
use axum::response::Response;
use waypost_core::id::TransactionId;
use waypost_status::{ProfileCode, Status};

use super::code;
use super::seams::{BatchOutcome, ProfilesFound, RecordOutcome, ShownAttribute, ShownLink, ShownProfile};
use crate::api::answer::{Json, respond};
use crate::rules::profile::{ProfileRefusal, RecordFault, Verb};

/// Bytes of one result without its texts.
const RESULT_BYTES: usize = 160;
/// Bytes of one shown profile, give or take.
const PROFILE_BYTES: usize = 1_024;

/// A refused request: a flat object.
pub(super) fn refused(refusal: &ProfileRefusal, transid: TransactionId) -> Response {
    let status = code::request(refusal);
    let mut json = Json::with_capacity(320);
    json.raw("{");
    head(&mut json, &status, transid);
    json.detail(&refusal.detail()).raw("}");
    respond(code::http_status(refusal), status.code_str(), json.finish())
}

fn head(json: &mut Json, status: &Status, transid: TransactionId) {
    json.raw("\"code\":\"").raw(status.code_str()).raw("\",\"description\":").text(status.message());
    json.raw(",\"transid\":\"").plain(&transid).raw("\"");
}

/// The code of a whole batch: 1002 as soon as one record failed, also when all did. Deleting what is not there at all is
/// answered with the code that says so: the delete pages know no 1002.
fn overall(outcome: &BatchOutcome) -> Status {
    let mut faults = outcome.records.iter().map(|record| record.fault.as_ref());
    if faults.clone().all(|fault| fault.is_none()) {
        return ProfileCode::Success.status();
    }
    let absent = |fault: &RecordFault| {
        matches!(fault, RecordFault::CustomerNotFound { .. } | RecordFault::AppProfileNotFound)
    };
    let first = faults.next().flatten().filter(|_| outcome.verb == Verb::Delete);
    if let Some(first) = first.filter(|fault| absent(fault))
        && faults.all(|fault| fault.is_some_and(absent))
    {
        return code::record(first);
    }
    ProfileCode::PartialSuccess.status()
}

/// The body of a write that was done.
pub(super) fn written(transid: TransactionId, outcome: &BatchOutcome) -> String {
    let records = &outcome.records;
    let failed = records.iter().filter(|record| record.fault.is_some()).count();
    let mut json = Json::with_capacity(200 + records.len() * RESULT_BYTES);
    counts(&mut json, records.len(), records.len() - failed, failed);
    head(&mut json, &overall(outcome), transid);
    json.raw(",\"Results\":[");
    for (place, record) in records.iter().enumerate() {
        json.raw(if place == 0 { "" } else { "," });
        result(&mut json, record);
    }
    json.raw("]}");
    json.finish()
}

/// The body of a write that waits.
pub(super) fn queued(transid: TransactionId, count: usize) -> String {
    let mut json = Json::with_capacity(200);
    counts(&mut json, count, 0, 0);
    head(&mut json, &ProfileCode::Queued.status(), transid);
    json.raw(",\"Results\":[]}");
    json.finish()
}

fn counts(json: &mut Json, total: usize, good: usize, failed: usize) {
    json.raw("{\"TotalCount\":").plain(&total).raw(",\"SuccessCount\":").plain(&good);
    json.raw(",\"FailureCount\":").plain(&failed).raw(",");
}

fn result(json: &mut Json, record: &RecordOutcome) {
    let status = match &record.fault {
        None => ProfileCode::Success.status(),
        Some(fault) => code::record(fault),
    };
    json.raw("{\"customerId\":").text(&record.customer_id);
    if let Some(user_id) = &record.user_id {
        json.raw(",\"userId\":").text(user_id);
    }
    json.raw(",\"code\":\"").raw(status.code_str()).raw("\",\"description\":").text(status.message());
    if let Some(fault) = &record.fault {
        json.detail(&fault.detail());
    }
    json.raw("}");
}

/// What was read. A capital `Description` here, a small one everywhere else: so the contract has it.
pub(super) fn found(transid: TransactionId, found: &ProfilesFound) -> Response {
    let row = if found.missing == 0 { ProfileCode::Success } else { ProfileCode::PartialSuccess };
    let status = row.status();
    let mut json = Json::with_capacity(200 + found.profiles.len() * PROFILE_BYTES);
    let description =
        if found.missing == 0 { status.message().to_ascii_lowercase() } else { status.message().to_owned() };
    json.raw("{\"Status\":0,\"Description\":").text(&description);
    json.raw(",\"code\":\"").raw(status.code_str()).raw("\",\"transid\":\"").plain(&transid);
    json.raw("\",\"Records\":[");
    for (place, profile) in found.profiles.iter().enumerate() {
        json.raw(if place == 0 { "" } else { "," });
        shown(&mut json, profile);
    }
    json.raw("]}");
    respond(StatusCode::OK, status.code_str(), json.finish())
}

fn shown(json: &mut Json, profile: &ShownProfile) {
    json.raw("{\"Attributes\":");
    attributes(json, &profile.attributes);
    json.raw(",\"InwardLinks\":");
    links(json, &profile.inward);
    json.raw(",\"OutwardLinks\":");
    links(json, &profile.outward);
    json.raw("}");
}

fn attributes(json: &mut Json, list: &[ShownAttribute]) {
    json.raw("[");
    for (place, attribute) in list.iter().enumerate() {
        json.raw(if place == 0 { "" } else { "," });
        json.raw("{\"Name\":").text(&attribute.name).raw(",\"Value\":").text(&attribute.value);
        json.raw(",\"ID\":").plain(&attribute.id).raw("}");
    }
    json.raw("]");
}

fn links(json: &mut Json, list: &[ShownLink]) {
    json.raw("[");
    for (place, link) in list.iter().enumerate() {
        json.raw(if place == 0 { "" } else { "," });
        json.raw("{\"ProfileID\":").plain(&link.profile_id);
        json.raw(",\"ProfileName\":").text(&link.profile_name).raw(",\"Records\":[");
        for (place, record) in link.records.iter().enumerate() {
            json.raw(if place == 0 { "" } else { "," });
            attributes(json, record);
        }
        json.raw("]}");
    }
    json.raw("]");
}
