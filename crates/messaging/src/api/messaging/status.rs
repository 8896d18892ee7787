//! `GET /resources/v1/messaging/status/<transactionid>` (spec 5): what became of a transaction.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::id::TransactionRef;
use waypost_core::outcome::transaction_status;
use waypost_core::time::status_timestamp;
use waypost_status::{MessagingCode, Status, TransactionStatusCode};

use crate::api::answer::{Json, refused_lookup, respond};
use crate::api::code::StatusRefusal;
use crate::api::gate;
use crate::api::limits::ApiFamily;
use crate::api::seams::{Caller, LookupError, StatusRecord};
use crate::api::state::{MessagingState, Shared};
use crate::rules::Detail;

/// Longest asked id that is repeated in an answer, in characters: a transaction id has at most 40.
const ASKED_CHARS_MAX: usize = 64;
/// Bytes of a record without its text.
const RECORD_BYTES: usize = 320;
/// What the metrics show for an answer with records.
const FOUND: &str = "found";

/// Answers the look-up.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    asked: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    // A path that is not UTF-8 names no transaction.
    let asked = asked.map(|Path(asked)| asked).unwrap_or_default();
    match find(app.shared(), &asked, request).await {
        Ok((caller, records)) => respond(StatusCode::OK, FOUND, write(&caller, &records)),
        Err(refusal) => {
            let echo: String = asked.chars().take(ASKED_CHARS_MAX).collect();
            refused_lookup(&refusal.status(), refusal.http_status(), &echo, &detail(refusal))
        }
    }
}

async fn find(
    app: &Shared,
    asked: &str,
    request: Request<Body>,
) -> Result<(Arc<Caller>, Vec<StatusRecord>), StatusRefusal> {
    let (parts, _) = request.into_parts();
    let caller = gate::pass(app, &parts, ApiFamily::Status, app.seams.clock.now()).await?.caller;
    let asked: TransactionRef = asked.parse().map_err(|_| StatusRefusal::Unknown)?;
    match app.seams.lookup.find(Arc::clone(&caller), asked).await {
        Ok(records) if records.is_empty() => Err(StatusRefusal::Unknown),
        Ok(records) => Ok((caller, records)),
        Err(LookupError::Unknown) => Err(StatusRefusal::Unknown),
        Err(LookupError::Foreign) => Err(StatusRefusal::NotYours),
        Err(LookupError::Unavailable) => Err(StatusRefusal::Internal),
    }
}

fn detail(refusal: StatusRefusal) -> Detail {
    let (field, rule, remedy) = match refusal {
        StatusRefusal::KeyMissing => ("key", "mandatory header", "send the service key in the header `key`"),
        StatusRefusal::NotYours => {
            ("key", "the current key of the service that sent the message", "use that service's key")
        }
        StatusRefusal::SourceIp => (
            "source address",
            "an address of the tenant's allowlist",
            "send from an allowed address or have this one added",
        ),
        StatusRefusal::Rate => ("request", "the tenant's look-ups per second", "slow down and ask again"),
        StatusRefusal::Unknown => (
            "transactionid",
            "the transid of an accepted message within its retention",
            "send the transid as it was answered",
        ),
        StatusRefusal::Internal => ("request", "the ledger could be read", "ask again after a second"),
    };
    Detail { field: field.into(), rule: rule.into(), remedy: remedy.into() }
}

/// The bare array of the contract.
fn write(caller: &Caller, records: &[StatusRecord]) -> String {
    let text_bytes: usize = records.iter().map(|record| record.body.len()).sum();
    let mut json = Json::with_capacity(records.len() * RECORD_BYTES + text_bytes);
    for (place, record) in records.iter().enumerate() {
        json.raw(if place == 0 { "[" } else { "," });
        write_record(&mut json, caller, record);
    }
    json.raw("]");
    json.finish()
}

fn write_record(json: &mut Json, caller: &Caller, record: &StatusRecord) {
    let word = transaction_status(record.channel, record.code);
    json.raw("{\"transactionid\":\"").plain(&record.transid).raw("\",\"clientid\":").text(&caller.client_id);
    json.raw(",\"api_version\":\"v1\",\"type\":\"outbound-api\",\"from\":").text(&record.from);
    json.raw(",\"to\":").text(&record.to).raw(",\"body\":").text(&record.body);
    json.raw(",\"channel\":").text(record.channel.wire_name()).raw(",\"status\":").text(word.as_str());
    if let Some(callflow) = &record.callflow {
        json.raw(",\"callflowid\":").text(callflow);
    }
    json.raw(",\"date_created\":\"").raw(&status_timestamp(record.created_at));
    json.raw("\",\"last_updated\":\"").raw(&status_timestamp(record.updated_at));
    match record.code.filter(|_| word.shows_error()) {
        Some(code) => {
            json.raw("\",\"error_code\":\"").plain(&code).raw("\",\"error_message\":");
            match error(record, code) {
                Some(status) => json.text(status.message()),
                None => json.raw("null"),
            };
        }
        None => drop(json.raw("\",\"error_code\":null,\"error_message\":null")),
    }
    json.raw("}");
}

/// The row of a record's code. Some codes are published for notifications only; their text is better than none.
fn error(record: &StatusRecord, code: u16) -> Option<Status> {
    let channel = record.channel.wire_name();
    let own = TransactionStatusCode::for_outcome(code, channel).map(TransactionStatusCode::status);
    own.or_else(|| MessagingCode::for_outcome(code, channel).map(MessagingCode::status))
}
