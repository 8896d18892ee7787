//! `POST /{appId}/deliveryupdate` (spec 8.4): what became of messages on a device. 2 is delivered (7500), 3 read (7502),
//! 4 clicked (7528).

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::fault::{Fault, done};
use super::{RtState, body, device, gate};
use crate::rt::receipts::Receipt;

/// Messages in one report.
const TIDS_MAX: usize = 100;

/// Answers success once it is applied.
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
    let (receipt, tids) = (status(&members)?, tids(&members)?);
    if parts.ledger.receipt(&parts.shared, &known, receipt, tids).await? {
        Ok(done(json!({"status": "Success"})))
    } else {
        Err(Fault::Message)
    }
}

/// A number, also as a text.
fn status(members: &Map<String, Value>) -> Result<Receipt, Fault> {
    let number = match members.get("status") {
        None | Some(Value::Null) => return Err(Fault::Missing("status")),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    match number {
        Some(2) => Ok(Receipt::Delivered),
        Some(3) => Ok(Receipt::Read),
        Some(4) => Ok(Receipt::Clicked),
        _ => Err(Fault::Invalid("status", "2 delivered, 3 read or 4 clicked")),
    }
}

/// `tid`, or `tids` for several.
fn tids(members: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    const RULE: Fault = Fault::Invalid("tids", "an array of 1 to 100 transaction ids");
    let several = match members.get("tids") {
        None | Some(Value::Null) => None,
        Some(Value::Array(several)) => Some(several),
        Some(_) => return Err(RULE),
    };
    let Some(several) = several else {
        let tid = body::text(members, "tid")?.ok_or(Fault::Missing("tid"))?;
        return Ok(vec![tid.to_owned()]);
    };
    if several.is_empty() || several.len() > TIDS_MAX {
        return Err(RULE);
    }
    several.iter().map(|tid| tid.as_str().map(str::to_owned).ok_or(RULE)).collect()
}
