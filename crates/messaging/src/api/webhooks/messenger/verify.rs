//! `GET`: Messenger asks whether the address is ours.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use waypost_core::channel::Channel;

use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, is_same, named, parameter, plain, secret};

/// Longest challenge that is repeated.
const CHALLENGE_BYTES_MAX: usize = 256;

/// Repeats the challenge of who knows the verify token.
pub(in crate::api::webhooks) async fn handle(
    State(app): State<MessagingState>,
    app_id: AppId,
    RawQuery(query): RawQuery,
) -> Response {
    let app = app.shared();
    verify(app, &named(app_id), query.as_deref()).await.unwrap_or_else(|fault| fault.respond(app))
}

async fn verify(app: &Shared, app_id: &str, query: Option<&str>) -> Result<Response, Fault> {
    let asset = asset(app, app_id, Channel::Fb).await?;
    let expected = secret(&asset, "verify_token")?;
    let given = parameter(query, "hub.verify_token").ok_or(Fault::SignatureMissing("hub.verify_token"))?;
    let challenge = parameter(query, "hub.challenge").ok_or(Fault::SignatureMissing("hub.challenge"))?;
    let is_subscription = parameter(query, "hub.mode").as_deref() == Some("subscribe");
    if !is_subscription || !is_same(expected, &given) || challenge.len() > CHALLENGE_BYTES_MAX {
        return Err(Fault::SignatureMismatch);
    }
    Ok(plain(challenge))
}
