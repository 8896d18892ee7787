//! `GET`: the challenge-response check of X, once an hour.

use aws_lc_rs::hmac;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use waypost_core::channel::Channel;

use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, named, parameter, secret, typed};

/// Longest token that is signed.
const TOKEN_BYTES_MAX: usize = 256;

/// Signs the token with the app's secret.
pub(in crate::api::webhooks) async fn handle(
    State(app): State<MessagingState>,
    app_id: AppId,
    RawQuery(query): RawQuery,
) -> Response {
    let app = app.shared();
    verify(app, &named(app_id), query.as_deref()).await.unwrap_or_else(|fault| fault.respond(app))
}

async fn verify(app: &Shared, app_id: &str, query: Option<&str>) -> Result<Response, Fault> {
    let asset = asset(app, app_id, Channel::Twitter).await?;
    let secret = secret(&asset, "consumer_secret")?;
    let token = parameter(query, "crc_token").filter(|token| !token.is_empty());
    let token = token.ok_or(Fault::SignatureMissing("crc_token"))?;
    // Whoever asks gets a signature: of a short token only, which is no webhook.
    if token.len() > TOKEN_BYTES_MAX || token.starts_with('{') {
        return Err(Fault::SignatureMismatch);
    }
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), token.as_bytes());
    let body = format!("{{\"response_token\":\"sha256={}\"}}", STANDARD.encode(tag));
    Ok(typed("application/json", body))
}
