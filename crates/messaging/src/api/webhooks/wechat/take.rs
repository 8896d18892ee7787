//! `POST`: what users send to an official account.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use waypost_channels::social;
use waypost_core::channel::Channel;

use crate::api::social::Asset;
use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, body, keep, named, parameter, secret};
use crate::wire::social::{wechat, wechat_seal};

/// How far the signature's time may be from ours. In plain mode the signature does not cover the body, so that who has
/// seen one could send anything under it.
const AGE_SECS_MAX: i64 = 600;

/// Takes what happened; the answer comes when it is durable.
pub(in crate::api::webhooks) async fn handle(
    State(app): State<MessagingState>,
    app_id: AppId,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    take(app, &named(app_id), request).await.unwrap_or_else(|fault| fault.respond(app))
}

async fn take(app: &Shared, app_id: &str, request: Request<Body>) -> Result<Response, Fault> {
    let asset = asset(app, app_id, Channel::Wechat).await?;
    let (parts, mut body) = request.into_parts();
    let query = parts.uri.query();
    check(app, &asset, query, "signature", None)?;
    let body = body::read(app, &parts.headers, &mut body).await?;
    let elements = wechat::elements(&body).ok_or(Fault::Xml)?;
    let elements = opened(app, &asset, query, elements)?;
    let happenings = wechat::read(&elements).ok_or(Fault::Xml)?;
    keep(app, &asset, happenings, "success").await
}

/// An asset with an encryption key takes encrypted messages only: otherwise the key would protect nothing.
fn opened(
    app: &Shared,
    asset: &Asset,
    query: Option<&str>,
    elements: HashMap<String, String>,
) -> Result<HashMap<String, String>, Fault> {
    let Some(key) = social::secret_text(&asset.account, "encoding_aes_key") else { return Ok(elements) };
    let sealed = elements.get("Encrypt").ok_or(Fault::SignatureMissing("Encrypt"))?;
    check(app, asset, query, "msg_signature", Some(sealed))?;
    let plain = wechat_seal::open(key, secret(asset, "app_id")?, sealed).ok_or(Fault::SignatureMismatch)?;
    wechat::elements(&plain).ok_or(Fault::Xml)
}

/// Checks the signature in parameter `name` over token, time, nonce and the encrypted message.
pub(super) fn check(
    app: &Shared,
    asset: &Asset,
    query: Option<&str>,
    name: &'static str,
    sealed: Option<&str>,
) -> Result<(), Fault> {
    let token = secret(asset, "token")?;
    let given = |name: &'static str| parameter(query, name).ok_or(Fault::SignatureMissing(name));
    let (presented, timestamp, nonce) = (given(name)?, given("timestamp")?, given("nonce")?);
    let texts: Vec<&str> = [token, &timestamp, &nonce].into_iter().chain(sealed).collect();
    let age = timestamp.parse().map(|secs: i64| app.seams.clock.now().as_secs().saturating_sub(secs));
    let is_fresh = age.is_ok_and(|age| age.saturating_abs() <= AGE_SECS_MAX);
    if is_fresh && wechat_seal::is_signed(&presented, &texts) {
        Ok(())
    } else {
        Err(Fault::SignatureMismatch)
    }
}
