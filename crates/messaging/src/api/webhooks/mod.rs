//! `/webhooks/<provider>/<appid>`: where the social providers tell what happened. Ours, not the contract's; the codes are
//! those of its inbound webhooks (spec 4.4, 9.6).

mod body;
mod fault;
mod messenger;
pub(super) mod openapi;
mod twitter;
mod wechat;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing;
use waypost_core::channel::Channel;

use self::fault::Fault;
use super::answer::respond;
use super::social::Asset;
use super::state::{MessagingState, Shared};
use crate::wire::social::Happening;

/// Where Messenger tells.
const MESSENGER: &str = "/webhooks/messenger/{appid}";
/// Where X tells.
const TWITTER: &str = "/webhooks/twitter/{appid}";
/// Where WeChat tells.
const WECHAT: &str = "/webhooks/wechat/{appid}";

/// The asset that a path names.
type AppId = Result<Path<String>, PathRejection>;

/// A path that is not UTF-8 names no asset.
fn named(app_id: AppId) -> String {
    app_id.map(|Path(app_id)| app_id).unwrap_or_default()
}

/// The routes.
pub(super) fn routes() -> Router<MessagingState> {
    Router::new()
        .route(MESSENGER, routing::get(messenger::verify).post(messenger::take))
        .route(TWITTER, routing::get(twitter::verify).post(twitter::take))
        .route(WECHAT, routing::get(wechat::verify).post(wechat::take))
}

/// What the metrics show for a webhook that was taken.
const TAKEN: &str = "taken";

/// The live asset of a channel; one made a moment ago is looked for once more.
async fn asset(app: &Shared, app_id: &str, channel: Channel) -> Result<Asset, Fault> {
    let find = || app.seams.social.asset(app_id);
    let found = match find() {
        Some(found) => Some(found),
        None => {
            app.seams.directory.refresh().await;
            find()
        }
    };
    found.filter(|asset| asset.is_active && asset.channel == channel).ok_or(Fault::Endpoint)
}

/// A credential of the asset. Without it nothing can be verified, so nothing is believed.
fn secret<'a>(asset: &'a Asset, name: &'static str) -> Result<&'a str, Fault> {
    waypost_channels::social::secret_text(&asset.account, name).ok_or(Fault::Unverifiable(name))
}

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Fault> {
    let value = headers.get(name).ok_or(Fault::SignatureMissing(name))?;
    value.to_str().map_err(|_| Fault::SignatureMismatch)
}

/// A parameter of the query.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// Keeps what came and only then says so, in the provider's words.
async fn keep(
    app: &Shared,
    asset: &Asset,
    happenings: Vec<Happening>,
    words: &'static str,
) -> Result<Response, Fault> {
    if !happenings.is_empty() {
        app.seams.social.keep(asset, happenings).await.map_err(|_| Fault::NotKept)?;
    }
    Ok(plain(words.to_owned()))
}

/// A text for the provider. It may repeat what a stranger sent, so that it must never be read as a page.
fn plain(text: String) -> Response {
    typed("text/plain; charset=utf-8", text)
}

fn typed(content_type: &'static str, text: String) -> Response {
    use axum::http::HeaderValue;
    use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
    let mut response = respond(StatusCode::OK, TAKEN, text);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Whether two secrets are the same; it takes the same time wherever they differ.
fn is_same(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
