//! `POST`: events of a page.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use waypost_channels::social;
use waypost_core::channel::Channel;
use waypost_egress::signature::{HubHash, HubKey};

use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, body, header, keep, named, secret};
use crate::wire::social::messenger;

/// Over the raw body, with the app's secret.
const SIGNATURE: &str = "x-hub-signature-256";

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
    let asset = asset(app, app_id, Channel::Fb).await?;
    let (parts, mut body) = request.into_parts();
    let signature = header(&parts.headers, SIGNATURE)?;
    let key = HubKey::new(HubHash::Sha256, secret(&asset, "app_secret")?.as_bytes());
    let body = body::read(app, &parts.headers, &mut body).await?;
    if !key.verify(signature.as_bytes(), &body) {
        return Err(Fault::SignatureMismatch);
    }
    let happenings = messenger::read(&body, social::text(&asset.account, "page_id")).ok_or(Fault::Json)?;
    keep(app, &asset, happenings, "EVENT_RECEIVED").await
}
