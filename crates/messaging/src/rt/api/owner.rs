//! `POST /{appId}/setUserId`, `setCustomerId`, `removeUserId`, `removeCustomerId` (spec 8.2): whose a device is.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::fault::{Fault, done};
use super::{RtState, body, device, gate};
use crate::rt::device::{Change, Known};

type Place = Path<(String, String)>;

/// `setUserId`: the device is a user's from now on, under the client id of the answer.
pub(super) async fn set_user(state: State<RtState>, place: Place, request: Request<Body>) -> Response {
    let (parts, headers) = (state.0.clone(), request.headers().clone());
    answer(state, place, request, |known, members| {
        let user = body::id(members, "userId")?.ok_or(Fault::Missing("userId"))?;
        gate::vouched(parts.parts(), &known.app, &headers, &user)?;
        Ok(Change::User(Some(user)))
    })
    .await
}

/// `removeUserId`: the device is a guest's again.
pub(super) async fn remove_user(state: State<RtState>, place: Place, request: Request<Body>) -> Response {
    answer(state, place, request, |_, _| Ok(Change::User(None))).await
}

/// `setCustomerId`: the device is a customer's.
pub(super) async fn set_customer(state: State<RtState>, place: Place, request: Request<Body>) -> Response {
    answer(state, place, request, |_, members| {
        let customer = body::id(members, "customerId")?.ok_or(Fault::Missing("customerId"))?;
        Ok(Change::Customer(Some(customer)))
    })
    .await
}

/// `removeCustomerId`: it is nobody's.
pub(super) async fn remove_customer(state: State<RtState>, place: Place, request: Request<Body>) -> Response {
    answer(state, place, request, |_, _| Ok(Change::Customer(None))).await
}

async fn answer(
    State(state): State<RtState>,
    Path((version, app_id)): Place,
    request: Request<Body>,
    read: impl FnOnce(&Known, &Map<String, Value>) -> Result<Change, Fault>,
) -> Response {
    if !gate::is_version(&version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let changed = async {
        let (known, members) = device::call(state.parts(), &app_id, request).await?;
        let change = read(&known, &members)?;
        let client = state.parts().ledger.change(&state.parts().shared, &known, change).await?;
        let body = json!({"status": "Success", "clientId": client.to_string(), "userId": client.user_id});
        Ok::<_, Fault>(done(body))
    };
    changed.await.unwrap_or_else(|fault| fault.respond())
}
