//! `POST /{appId}/mo` (spec 8.4): what a user says, types or presses.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use waypost_core::time::rfc3339_utc;

use super::fault::{Fault, done};
use super::{RtState, body, device, gate};
use crate::rt::ids::ClientId;
use crate::rt::inbound::{Said, tid};
use crate::rt::say::{as_text, thread_members};

/// Longest text.
const TEXT_BYTES_MAX: usize = 65_536;

/// Answers its number once it is kept.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    take(&state, &app_id, request).await.unwrap_or_else(|fault| fault.respond())
}

async fn take(state: &RtState, app_id: &str, request: Request<Body>) -> Result<Response, Fault> {
    let parts = state.parts();
    let (known, members) = device::call(parts, app_id, request).await?;
    let said = said(known.client.clone(), &members)?;
    let at = parts.shared.clock.now();
    let id = parts.ledger.say(&parts.shared, &known, said, at).await?.ok_or(Fault::Thread)?;
    Ok(done(json!({"status": "Success", "tid": tid(id), "created_on": rfc3339_utc(at)})))
}

/// What the body says.
fn said(client: ClientId, members: &Map<String, Value>) -> Result<Said, Fault> {
    let text = body::text(members, "message")?.unwrap_or_default().to_owned();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Fault::Invalid("message", "at most 65536 bytes"));
    }
    let media = match members.get("media") {
        None | Some(Value::Null) => None,
        Some(Value::Array(media)) => Some(media).filter(|media| !media.is_empty()),
        Some(_) => return Err(Fault::Invalid("media", "an array")),
    };
    let typing = ["type", "payload_type"].into_iter().find_map(|name| {
        members.get(name).and_then(Value::as_str).filter(|word| matches!(*word, "typingStart" | "typingStop"))
    });
    let pressed = members.get("interactiveData").filter(|pressed| !pressed.is_null());
    let is_form = || {
        let of = |media: &Value| media.get("templateType").and_then(Value::as_str) == Some("form");
        media.is_some_and(|media| media.iter().any(of))
    };
    let event = match (typing, pressed) {
        (Some(_), _) => "TypingIndicator",
        (None, Some(_)) => "OnPostback",
        (None, None) if is_form() => "OnFormResponse",
        (None, None) if text.is_empty() && media.is_none() => return Err(Fault::Missing("message")),
        (None, None) => "MO",
    };
    let mut more = Map::new();
    if let Some(typing) = typing {
        more.insert("type".to_owned(), json!(typing));
    }
    if let Some(thread) = members.get("thread").filter(|thread| thread.is_object()) {
        thread_members(thread, &mut more);
    }
    for name in ["extras", "relatedTid", "interactiveData"] {
        if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
            more.insert(name.to_owned(), as_text(value));
        }
    }
    let thread = members.get("thread").and_then(Value::as_object);
    let thread_id = thread.map_or(Ok(None), |thread| body::text(thread, "id"))?.map(str::to_owned);
    let attachments = media.map(|media| Value::Array(media.clone()).to_string());
    Ok(Said { client, event, text, attachments, thread_id, more })
}
