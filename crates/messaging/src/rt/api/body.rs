//! Reading bodies, and members out of them.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};

use super::RtParts;
use super::fault::Fault;
use crate::rt::ids::{ID_BYTES_MAX, is_level};
use crate::rt::sealing::PayloadKey;

/// What an id of a user or device may be.
const ID_RULE: &str = "at most 128 bytes, without /, +, # and control characters";
const _: () = assert!(ID_BYTES_MAX == 128, "the rule below says so");

/// Reads a JSON object.
pub(super) async fn read(
    parts: &RtParts,
    headers: &HeaderMap,
    body: Body,
) -> Result<Map<String, Value>, Fault> {
    match read_json(parts, headers, body).await? {
        Value::Object(members) => Ok(members),
        _ => Err(Fault::Invalid("body", "a JSON object")),
    }
}

/// Reads JSON of any kind.
pub(super) async fn read_json(parts: &RtParts, headers: &HeaderMap, body: Body) -> Result<Value, Fault> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Fault::ContentType);
    }
    let most = parts.settings.body_bytes_max;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > most as u64) {
        return Err(Fault::TooLarge);
    }
    let whole = Limited::new(body, most).collect();
    let whole = match tokio::time::timeout(Duration::from_millis(parts.settings.body_ms_max), whole).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Fault::TooLarge),
        Ok(Err(_)) => return Err(Fault::Invalid("body", "whole")),
        Err(_) => return Err(Fault::TooSlow),
    };
    serde_json::from_slice(&whole).map_err(|_| Fault::Invalid("body", "JSON"))
}

/// The members of a body that was encrypted, as those of an app that encrypts are.
pub(super) fn opened(members: &Map<String, Value>, key: &PayloadKey) -> Result<Map<String, Value>, Fault> {
    let plain = key.open(members).and_then(|plain| serde_json::from_slice(&plain).ok());
    match plain {
        Some(Value::Object(members)) => Ok(members),
        // One answer to whatever is wrong with it: another for the padding would tell what is in it.
        _ => {
            Err(Fault::Invalid("encrypted", "the body, encrypted with the encryptionKey of the registration"))
        }
    }
}

/// A text that may be absent; blank is absent.
pub(super) fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, Fault> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => Err(Fault::Invalid(name, "without NUL")),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(Fault::Invalid(name, "a text")),
    }
}

/// The user of a path.
pub(super) fn is_user(user: &str) -> Result<(), Fault> {
    if is_level(user) { Ok(()) } else { Err(Fault::Invalid("userid", ID_RULE)) }
}

/// A user or device id that may be absent.
pub(super) fn id(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Fault> {
    let Some(text) = text(members, name)? else { return Ok(None) };
    if !is_level(text) {
        return Err(Fault::Invalid(name, ID_RULE));
    }
    Ok(Some(text.to_owned()))
}
