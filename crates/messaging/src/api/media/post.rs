//! `POST /resources/v1/media/<appid>` (spec 3.10): uploads a file to the provider of an app asset.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::channel::Channel;

use super::form;
use super::refusal::MediaRefusal;
use crate::api::answer::{Json, respond};
use crate::api::body;
use crate::api::gate;
use crate::api::limits::ApiFamily;
use crate::api::social::Asset;
use crate::api::state::{MessagingState, Shared};
use crate::rules::Refusal;

/// What the metrics show for an upload.
const TAKEN: &str = "taken";

/// Answers `{"mediaid":"…"}` once the provider has the file.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    app_id: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let app_id = app_id.map(|Path(app_id)| app_id).unwrap_or_default();
    let (parts, mut body) = request.into_parts();
    match take(app, &app_id, &parts, &mut body).await {
        Ok(id) => {
            let mut json = Json::with_capacity(64);
            json.raw("{\"mediaid\":").text(&id).raw("}");
            respond(StatusCode::OK, TAKEN, json.finish())
        }
        Err(refusal) => {
            body::discard(&parts.headers, &mut body).await;
            refusal.respond(app)
        }
    }
}

/// The gate of the Messaging API, whose limit it shares; then the asset; then the file.
async fn take(app: &Shared, app_id: &str, parts: &Parts, body: &mut Body) -> Result<String, MediaRefusal> {
    let passed = gate::pass(app, parts, ApiFamily::Messaging, app.seams.clock.now()).await?;
    if !passed.caller.is_active {
        return Err(Refusal::ServiceInactive.into());
    }
    let asset = asset(app, app_id, passed.caller.tenant.0)?;
    let media = form::read(app, parts, body).await?;
    let channel = asset.channel;
    let uploaded = app.seams.social.upload(&asset, media).await;
    uploaded.map_err(|fault| MediaRefusal::Media(channel, fault))
}

/// The caller's own live asset whose provider keeps media: that of Messenger fetches them by their addresses.
fn asset(app: &Shared, app_id: &str, tenant: i64) -> Result<Asset, MediaRefusal> {
    let found = app.seams.social.asset(app_id).filter(|asset| asset.tenant == tenant && asset.is_active);
    found.filter(|asset| matches!(asset.channel, Channel::Twitter | Channel::Wechat)).ok_or(MediaRefusal::App)
}
