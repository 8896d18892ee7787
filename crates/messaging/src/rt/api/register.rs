//! `POST /{appId}/register` (spec 8.2): a device gets its token; without a user it is a guest's.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::fault::{Fault, done};
use super::{RtState, body, broker, gate, policy};
use crate::rt::inbox;
use crate::rt::register::Registration;

/// What a device may say of itself.
const TOLD: [&str; 4] = ["useragent", "os", "osversion", "language"];
/// Longest of these that is kept.
const TOLD_BYTES_MAX: usize = 512;

/// Answers the token.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (head, read) = request.into_parts();
    take(&state, &app_id, &head, read).await.unwrap_or_else(|fault| fault.respond())
}

async fn take(state: &RtState, app_id: &str, head: &Parts, read: Body) -> Result<Response, Fault> {
    let parts = state.parts();
    let app = gate::pass(parts, app_id, gate::key(&head.headers))?;
    let members = body::read(parts, &head.headers, read).await?;
    let user_id = body::id(&members, "userId")?;
    if let Some(user) = &user_id {
        gate::vouched(parts, &app, &head.headers, user)?;
    }
    let asked = Registration {
        user_id,
        device_id: body::id(&members, "deviceId")?.ok_or(Fault::Missing("deviceId"))?,
        attributes: told(&members)?,
    };
    let registered = parts.ledger.register(&parts.shared, &app, asked).await?;
    let key = parts.ledger.key_of(&app).map(|key| key.text());
    Ok(done(json!({
        "status": "Success", "userId": registered.client.user_id, "clientId": registered.client.to_string(),
        "accessToken": registered.tokens.access, "refreshToken": registered.tokens.refresh, "encryptionType": "AES",
        "encryptionKey": key.unwrap_or_default(), "broker": broker::member(&parts.settings, &head.headers),
        "policy": policy::policy(parts, &app), "appDomain": "",
        "server_inbox_version": if inbox::is_on(&app.account) { "1" } else { "0" }
    })))
}

/// `data.update`, the attributes of the profile.
pub(super) fn told(members: &Map<String, Value>) -> Result<BTreeMap<String, String>, Fault> {
    let update = match members.get("data").map(|data| data.get("update")) {
        None | Some(None) => return Ok(BTreeMap::new()),
        Some(Some(Value::Object(update))) => update,
        Some(Some(_)) => return Err(Fault::Invalid("data.update", "an object")),
    };
    let mut told = BTreeMap::new();
    for name in TOLD {
        if let Some(text) = body::text(update, name)? {
            if text.len() > TOLD_BYTES_MAX {
                return Err(Fault::Invalid(name, "at most 512 bytes"));
            }
            told.insert(name.to_owned(), text.to_owned());
        }
    }
    Ok(told)
}
