//! `GET /{appId}/verifyPolicy` (spec 8.2): what the app may do and where the broker is.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fault::done;
use super::{RtParts, RtState, broker, gate};
use crate::rt::ledger::RtApp;

/// Answers the policy. The client key may stand in the query, as the contract has it, or in the header.
pub(super) async fn handle(
    State(state): State<RtState>,
    Path((version, app_id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let parts = state.parts();
    let key = query.get("secretKey").map(String::as_str).or_else(|| gate::key(&headers));
    match gate::pass(parts, &app_id, key) {
        Ok(app) => {
            let broker = broker::member(&parts.settings, &headers);
            done(json!({
                "status": "Success", "policy": policy(parts, &app), "broker": broker, "appType": app_type(&app),
                "appDomain": ""
            }))
        }
        Err(fault) => fault.respond(),
    }
}

/// The `policy` member. Switches travel as texts.
pub(super) fn policy(parts: &RtParts, app: &RtApp) -> Value {
    let switch = |on: bool| if on { "1" } else { "0" };
    json!({"features": {
        "realtimemessaging": switch(app.app.rt), "basicpush": switch(app.app.push),
        "encryption": switch(parts.ledger.key_of(app).is_some()), "securedconnection": "0"
    }})
}

fn app_type(app: &RtApp) -> &'static str {
    match (app.app.rt, app.app.push) {
        (true, true) => "both",
        (true, false) => "rt",
        (false, true) => "push",
        (false, false) => "none",
    }
}
