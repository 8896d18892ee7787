//! The HTTP face: one endpoint per file, and what the endpoints share.
//!
//! Everything that reached an endpoint is answered with HTTP 200 and a code in the body, as the contract has it. The
//! exceptions are ours, and each still carries a code: 408 and 413 for the body, 415 for its type, 503 when a request
//! could not be kept. An unknown path is 404 and a wrong method 405 with `Allow`, both without a body.

pub(crate) mod answer;
mod auth;
mod body;
mod client;
mod code;
mod desk;
mod events;
mod gate;
mod idempotency;
mod limits;
mod link;
mod media;
mod messaging;
pub(crate) mod openapi;
pub mod profile;
mod seams;
mod social;
mod state;
mod templates;
mod voice;
mod watch;
mod webhooks;

use axum::Router;
use axum::middleware;
use axum::routing;

use crate::work::links::LINK_PATH;

pub use client::client_ip;
pub use desk::{DeskFault, Desked};
pub use events::{EVENTS_PATH, EventSubmission, Events, NoEvents};
pub use limits::{BurstUsed, channel_limit};
pub use link::{Followed, Links, NoLinks};
pub use openapi::openapi;
pub use seams::{
    Accept, AcceptError, BoxFuture, Caller, DirectoryView, Entropy, Lookup, LookupError, OnceAnswer,
    ServiceLogin, StatusRecord, Submission, SystemEntropy, Tps,
};
pub use social::{Asset, NoSocial, Social};
pub use state::{ApiSettings, MessagingState, Seams};
pub use templates::{NoTemplates, PreviewRequest, Templates, WholeTemplate};
pub use voice::{NoPrompts, Prompts};

/// Path of the Messaging endpoint; also served with a slash at its end.
pub const MESSAGING_PATH: &str = "/resources/v1/messaging";
/// Path of the Transaction Status endpoint; also served with a slash at its end.
pub const STATUS_PATH: &str = "/resources/v1/messaging/status/{transactionid}";

/// The routes of the family. The metrics recorder must be installed before.
pub fn router(state: MessagingState) -> Router {
    let post = || routing::post(messaging::post::handle);
    let status = || routing::get(messaging::status::handle);
    Router::new()
        .route(MESSAGING_PATH, post())
        .route(&format!("{MESSAGING_PATH}/"), post())
        .route(STATUS_PATH, status())
        .route(LINK_PATH, routing::get(link::handle))
        .route(&format!("{STATUS_PATH}/"), status())
        .merge(events::routes())
        .merge(profile::routes())
        .merge(media::routes())
        .merge(templates::routes())
        .merge(voice::routes())
        .merge(webhooks::routes())
        .layer(middleware::from_fn_with_state(state.clone(), watch::watch))
        .with_state(state)
}

/// Routes of another room, whose requests are counted and named like those of this one.
pub(crate) fn watched(routes: Router, state: MessagingState) -> Router {
    routes.layer(middleware::from_fn_with_state(state, watch::watch))
}
