//! `DELETE /resources/v2/customerappprofile/<appid>/<userid>/<deviceid>`; with the word `deviceid` in place of the user,
//! and an optional `?customerId=`, the device of whoever has it.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use waypost_core::time::Micros;

use crate::api::profile::query::Query;
use crate::api::profile::seams::DeviceDelete;
use crate::api::profile::{answer, gate, write};
use crate::api::state::{MessagingState, Shared};
use crate::rules::profile::ProfileRefusal;

/// What stands in place of a user's id when the device alone is meant.
const ANY_USER: &str = "deviceid";

/// Deletes the device of the path.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let now = app.seams.clock.now();
    let (parts, _) = request.into_parts();
    let path = path.map(|Path(path)| path).unwrap_or_default();
    take(app, &parts, path, now)
        .await
        .unwrap_or_else(|refusal| answer::refused(&refusal, app.mint_refused(now)))
}

async fn take(
    app: &Shared,
    parts: &Parts,
    (app_id, user, device): (String, String, String),
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    let store = gate::store(app, &caller, Some(&app_id))?.ok_or(ProfileRefusal::AppInvalid)?;
    let customer = Query::of(&parts.uri).ids.into_iter().next().filter(|_| user == ANY_USER);
    let user = (user != ANY_USER).then_some(user);
    let delete = DeviceDelete { app: store, user, customer, device: Some(device) };
    write::devices(app, parts, caller, delete, now).await
}
