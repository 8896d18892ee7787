//! `GET /resources/v2/customerappprofile/<appid>/<customerId>`, `?customerId=a&customerId=b` and `?identifier=<userid>`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use waypost_core::time::Micros;

use crate::api::profile::query::{Query, checked};
use crate::api::profile::seams::ProfileAsk;
use crate::api::profile::{answer, gate, write};
use crate::api::state::{MessagingState, Shared};
use crate::rules::profile::ProfileRefusal;

/// Shows the profiles of the customer of the path.
pub(in crate::api) async fn one(
    State(app): State<MessagingState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let (app_id, id) = path.map(|Path(path)| path).unwrap_or_default();
    answered(app.shared(), request, &app_id, Some(id)).await
}

/// Shows the profiles of the query.
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
    find(app, &parts, app_id, id, now)
        .await
        .unwrap_or_else(|refusal| answer::refused(&refusal, app.mint_refused(now)))
}

async fn find(
    app: &Shared,
    parts: &Parts,
    app_id: &str,
    id: Option<String>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    let store = gate::store(app, &caller, Some(app_id))?.ok_or(ProfileRefusal::AppInvalid)?;
    let query = Query::of(&parts.uri);
    let (ids, user) = match (id, query.identifier.clone().filter(|_| query.ids.is_empty())) {
        (Some(id), _) => (checked(&id).map(|()| vec![id])?, None),
        (None, Some(user)) => (Vec::new(), Some(user)),
        (None, None) => (query.several()?, None),
    };
    let ask = ProfileAsk::App { app: store, ids, user };
    let found = app.seams.profiles.read(caller, ask).await.map_err(write::refusal)?;
    if found.profiles.is_empty() {
        return Err(ProfileRefusal::AppProfileNotFound);
    }
    Ok(answer::found(app.mint_refused(now), &found))
}
