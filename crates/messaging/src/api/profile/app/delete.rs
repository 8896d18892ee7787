//! `DELETE /resources/v2/customerappprofile/<appid>/<customerId>`, `?customerId=a&customerId=b` and
//! `?identifier=<userid>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use waypost_core::time::Micros;

use crate::api::profile::query::{Query, checked};
use crate::api::profile::seams::DeviceDelete;
use crate::api::profile::{answer, gate, write};
use crate::api::state::{MessagingState, Shared};
use crate::rules::profile::ProfileRefusal;

/// Deletes the profiles of the customer of the path.
pub(in crate::api) async fn one(
    State(app): State<MessagingState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let (app_id, id) = path.map(|Path(path)| path).unwrap_or_default();
    answered(app.shared(), request, &app_id, Some(id)).await
}

/// Deletes the profiles of the query.
pub(in crate::api) async fn several(
    State(app): State<MessagingState>,
    app_id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app_id = app_id.map(|Path(app_id)| app_id).unwrap_or_default();
    answered(app.shared(), request, &app_id, None).await
}

async fn answered(app: &Shared, request: Request<Body>, app_id: &str, id: Option<String>) -> Response {
    let now = app.seams.clock.now();
    let (parts, _) = request.into_parts();
    take(app, &parts, app_id, id, now)
        .await
        .unwrap_or_else(|refusal| answer::refused(&refusal, app.mint_refused(now)))
}

async fn take(
    app: &Shared,
    parts: &Parts,
    app_id: &str,
    id: Option<String>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    let store = gate::store(app, &caller, Some(app_id))?.ok_or(ProfileRefusal::AppInvalid)?;
    let query = Query::of(&parts.uri);
    let ids = match (id, &query.identifier) {
        (Some(id), _) => checked(&id).map(|()| vec![id])?,
        (None, Some(user)) if query.ids.is_empty() => {
            let delete = DeviceDelete { app: store, user: Some(user.clone()), customer: None, device: None };
            return write::devices(app, parts, caller, delete, now).await;
        }
        (None, _) => query.several()?,
    };
    write::delete(app, parts, caller, Some(store), ids, now).await
}
