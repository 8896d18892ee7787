//! Media of an app (spec 8.4): upload, fresh links, and the files behind the links.

mod form;
mod generate;
mod serve;
mod upload;

use axum::Router;
use axum::routing::{get, post};

use super::RtState;
use crate::rt::media::MEDIA_PATH;

/// The routes.
pub(super) fn routes() -> Router<RtState> {
    Router::new()
        .route("/rtmsAPI/api/{version}/media/{appid}/upload", post(upload::handle))
        .route("/rtmsAPI/api/{version}/{appid}/user/{userid}/generatemedia", post(generate::handle))
        .route(MEDIA_PATH, get(serve::handle))
}
