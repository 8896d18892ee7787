//! `GET`: WeChat asks whether the address is ours.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use waypost_core::channel::Channel;

use super::take::check;
use crate::api::state::{MessagingState, Shared};
use crate::api::webhooks::fault::Fault;
use crate::api::webhooks::{AppId, asset, named, parameter, plain};

/// Longest text that is repeated.
const ECHO_BYTES_MAX: usize = 256;

/// Repeats the text of who knows the token.
pub(in crate::api::webhooks) async fn handle(
    State(app): State<MessagingState>,
    app_id: AppId,
    RawQuery(query): RawQuery,
) -> Response {
    let app = app.shared();
    verify(app, &named(app_id), query.as_deref()).await.unwrap_or_else(|fault| fault.respond(app))
}

async fn verify(app: &Shared, app_id: &str, query: Option<&str>) -> Result<Response, Fault> {
    let asset = asset(app, app_id, Channel::Wechat).await?;
    check(app, &asset, query, "signature", None)?;
    let echo = parameter(query, "echostr").ok_or(Fault::SignatureMissing("echostr"))?;
    if echo.len() > ECHO_BYTES_MAX {
        return Err(Fault::SignatureMismatch);
    }
    Ok(plain(echo))
}
