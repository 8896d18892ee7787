//! `/resources/v1/media/<appid>`.

mod form;
pub(super) mod openapi;
mod post;
mod refusal;

use axum::Router;
use axum::routing;

use super::state::MessagingState;

/// Path of the media endpoint; also served with a slash at its end.
const PATH: &str = "/resources/v1/media/{appid}";

/// The routes.
pub(super) fn routes() -> Router<MessagingState> {
    let post = || routing::post(post::handle);
    Router::new().route(PATH, post()).route(&format!("{PATH}/"), post())
}
