//! FCM's errors: a `google.rpc.Status` with an `FcmError` or a `BadRequest` among its details.

use serde_json::{Value, json};
use waypost_channels::push::outcomes::{Provider, Row};

use super::super::forced::named;
use super::super::reply::Reply;
use super::message::Wrong;

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

/// The answer of a row.
pub(super) fn of_row(row: &Row) -> Reply {
    if row.error.starts_with("HTTP ") {
        return Reply::new(row.http, &row.error, String::new());
    }
    let (status, is_fcm_error) = status_of(&row.error);
    let mut details = Vec::new();
    if is_fcm_error {
        details.push(json!({"@type": FCM_ERROR, "errorCode": row.error}));
    }
    let text = row.text.as_deref().unwrap_or_default();
    if let Some(field) = &row.field {
        details.push(violation(field, text));
    }
    error(row.http, status, &row.error, text, details)
}

/// The answer of the first row with this word.
pub(super) fn of_word(word: &str) -> Reply {
    let row = named(Provider::Fcm, word);
    row.map_or_else(|| Reply::new(500, "HTTP 500", String::new()), of_row)
}

/// The answer to a message that is not of its form.
pub(super) fn invalid(wrong: &Wrong) -> Reply {
    let mut details = vec![json!({"@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT"})];
    if let Some(field) = &wrong.field {
        details.push(violation(field, &wrong.text));
    }
    error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", &wrong.text, details)
}

fn violation(field: &str, text: &str) -> Value {
    json!({"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": text}]})
}

fn error(http: u16, status: &str, word: &str, text: &str, details: Vec<Value>) -> Reply {
    let mut error = json!({"code": http, "message": text, "status": status});
    if !details.is_empty() {
        error["details"] = Value::from(details);
    }
    Reply::json(http, word, &json!({"error": error}))
}

/// The status word that goes with an error, and whether the error is one of FCM's own.
fn status_of(error: &str) -> (&str, bool) {
    match error {
        "UNREGISTERED" => ("NOT_FOUND", true),
        "SENDER_ID_MISMATCH" => ("PERMISSION_DENIED", true),
        "QUOTA_EXCEEDED" => ("RESOURCE_EXHAUSTED", true),
        "THIRD_PARTY_AUTH_ERROR" => ("UNAUTHENTICATED", true),
        "UNSPECIFIED_ERROR" => ("UNKNOWN", true),
        "INVALID_ARGUMENT" | "UNAVAILABLE" | "INTERNAL" => (error, true),
        _ => (error, false),
    }
}
