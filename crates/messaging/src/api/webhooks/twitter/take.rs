//! `POST`: activity of an account.

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use waypost_channels::social;
use waypost_core::channel::Channel;

use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, body, header, keep, named, secret};
use crate::wire::social::twitter;

/// `sha256=` and the HMAC of the raw body by the app's secret, in base64.
const SIGNATURE: &str = "x-twitter-webhooks-signature";

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
    let asset = asset(app, app_id, Channel::Twitter).await?;
    let (parts, mut body) = request.into_parts();
    let signature = header(&parts.headers, SIGNATURE)?;
    let secret = secret(&asset, "consumer_secret")?;
    let body = body::read(app, &parts.headers, &mut body).await?;
    if !is_signed(secret, &body, signature) {
        return Err(Fault::SignatureMismatch);
    }
    let happenings = twitter::read(&body, social::text(&asset.account, "user_id")).ok_or(Fault::Json)?;
    keep(app, &asset, happenings, "").await
}

/// Compares in constant time.
fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let tag = signature.strip_prefix("sha256=").and_then(|tag| STANDARD.decode(tag).ok());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    tag.is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok())
}
