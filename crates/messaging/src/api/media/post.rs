//! `POST /resources/v1/media/<appid>` (spec 3.10): uploads a file to the provider of an app asset.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_channels::social::Media;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::form;
use super::refusal::MediaRefusal;
use crate::api::answer::{Json, respond};
use crate::api::limits::ApiFamily;
use crate::api::seams::{Caller, OnceAnswer};
use crate::api::social::Asset;
use crate::api::state::{MessagingState, Shared};
use crate::api::{body, gate, idempotency};
use crate::records::idempotency::{Known, Once};
use crate::rules::{Param, Refusal};

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
        Ok(response) => response,
        Err(refusal) => {
            body::discard(&parts.headers, &mut body).await;
            refusal.respond(app)
        }
    }
}

/// The gate of the Messaging API, whose limit it shares; then the asset; then the file.
async fn take(app: &Shared, app_id: &str, parts: &Parts, body: &mut Body) -> Result<Response, MediaRefusal> {
    let now = app.seams.clock.now();
    let caller = gate::pass(app, parts, ApiFamily::Messaging, now).await?.caller;
    if !caller.is_active {
        return Err(Refusal::ServiceInactive.into());
    }
    let asset = asset(app, app_id, caller.tenant.0)?;
    let media = form::read(app, parts, body).await?;
    let once = once(parts, &caller, &media)?;
    if let Some(once) = once
        && let Some(known) = app.seams.accept.known(&caller, once, now).await.map_err(Refusal::from)?
    {
        return repeated(known);
    }
    let channel = asset.channel;
    let uploaded = app.seams.social.upload(&asset, media).await;
    let id = uploaded.map_err(|fault| MediaRefusal::Media(channel, fault))?;
    let mut json = Json::with_capacity(64);
    json.raw("{\"mediaid\":").text(&id).raw("}");
    let answer = json.finish();
    let known = keep(app, &caller, once, &answer, now).await?;
    Ok(known.unwrap_or_else(|| respond(StatusCode::OK, TAKEN, answer)))
}

/// The idempotency key of an upload. Another service's assets may differ, so it belongs to the service.
fn once(parts: &Parts, caller: &Caller, media: &Media) -> Result<Option<Once>, Refusal> {
    if !idempotency::has_key(parts) {
        return Ok(None);
    }
    let pieces = [media.kind.word().as_bytes(), media.file_name.as_bytes(), &media.bytes[..]];
    let once = idempotency::once_of(parts, &caller.service.to_string(), &pieces);
    once.map_err(|_| Param::IdempotencyKey.into())
}

/// Keeps the answer under its key. The provider has the file by then: when nothing can be kept the client is told so and
/// uploads once more, which a provider takes as another file. The answer of who came first, when two came at once.
async fn keep(
    app: &Shared,
    caller: &Caller,
    once: Option<Once>,
    answer: &str,
    now: Micros,
) -> Result<Option<Response>, MediaRefusal> {
    let Some(once) = once else { return Ok(None) };
    let once = OnceAnswer { once, answer: answer.to_owned() };
    let known = app.seams.accept.keep_answer(caller, once, now).await.map_err(Refusal::from)?;
    known.map(repeated).transpose()
}

fn repeated(known: Known) -> Result<Response, MediaRefusal> {
    match known {
        Known::Same(answer) => Ok(idempotency::repeated(answer)),
        Known::Other => Err(Refusal::IdempotencyKeyReused.into()),
    }
}

/// The caller's own live asset whose provider keeps media: that of Messenger fetches them by their addresses.
fn asset(app: &Shared, app_id: &str, tenant: i64) -> Result<Asset, MediaRefusal> {
    let found = app.seams.social.asset(app_id).filter(|asset| asset.tenant == tenant && asset.is_active);
    found.filter(|asset| matches!(asset.channel, Channel::Twitter | Channel::Wechat)).ok_or(MediaRefusal::App)
}
