//! The RT API: `/rtmsAPI/api/v1` to `v4` (spec 8.2 to 8.7). Apps and web pages call it with the client key.
//!
//! Everything that reached an endpoint is answered with HTTP 200 and a code in the body, save what went wrong with the
//! body itself (408, 413, 415) and what could not be kept (503).

mod actor;
mod body;
mod broker;
mod device;
mod fault;
mod gate;
mod limits;
mod media;
mod message;
mod mo;
mod openapi;
mod owner;
mod page;
mod policy;
mod receipt;
mod refresh;
mod register;
mod threads;
mod topics;
mod track;
mod unregister;
mod update;
mod vouch;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use waypost_core::id::TransactionId;

use self::fault::Fault;
use self::limits::Limits;
use super::ledger::Ledger;
use crate::api::MessagingState;
use crate::work::runtime::Shared;

pub use broker::BrokerPorts;
pub use openapi::openapi;
pub use vouch::Asker;

/// Uploads under way at most; each holds its file in memory.
const UPLOADS_MAX: usize = 8;

/// Settings of the RT API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtSettings {
    /// The host clients reach the broker at; empty: the one they called.
    pub public_host: String,
    /// The broker's ports as clients see them.
    pub ports: BrokerPorts,
    /// Whether the broker is one beside this server.
    pub is_external: bool,
    /// The broker beside this server that asks here whom it may let in; `None` where none does.
    pub asker: Option<Asker>,
    /// Longest body that is read; above it 413.
    pub body_bytes_max: usize,
    /// Longest time a body may take to arrive; above it 408.
    pub body_ms_max: u64,
}

/// State of the router; cheap to clone.
#[derive(Clone)]
pub struct RtState(Arc<RtParts>);

pub(super) struct RtParts {
    pub ledger: Ledger,
    pub shared: Arc<Shared>,
    pub settings: RtSettings,
    /// Files that are read at the same time.
    pub uploads: Semaphore,
    /// How often apps called.
    limits: Limits,
}

impl RtState {
    /// State over the running family.
    #[must_use]
    pub fn new(ledger: Ledger, shared: Arc<Shared>, settings: RtSettings) -> Self {
        let uploads = Semaphore::new(UPLOADS_MAX);
        Self(Arc::new(RtParts { ledger, shared, settings, uploads, limits: Limits::default() }))
    }

    fn parts(&self) -> &RtParts {
        &self.0
    }
}

/// The routes; requests are counted and named as those of the rest of the family.
pub fn router(state: RtState, family: MessagingState) -> Router {
    let questions = vouch::routes(state.parts().settings.asker.as_ref());
    crate::api::watched(routes().merge(questions).with_state(state), family)
}

fn routes() -> Router<RtState> {
    let app = |call: &str| format!("/rtmsAPI/api/{{version}}/{{appid}}/{call}");
    Router::new()
        .route(&app("verifyPolicy"), get(policy::handle))
        .route(&app("register"), post(register::handle))
        .route(&app("refreshToken"), post(refresh::handle))
        .route(&app("trackDeliveryRequest"), get(track::handle))
        .route(&app("setUserId"), post(owner::set_user))
        .route(&app("removeUserId"), post(owner::remove_user))
        .route(&app("setCustomerId"), post(owner::set_customer))
        .route(&app("removeCustomerId"), post(owner::remove_customer))
        .route(&app("profileupdate"), post(update::handle))
        .route(&app("unregister"), post(unregister::handle))
        .route(&app("mo"), post(mo::handle))
        .route(&app("deliveryupdate"), post(receipt::handle))
        .route(&app("message"), post(message::handle))
        .merge(threads::routes())
        .merge(topics::routes())
        .merge(media::routes())
}

/// Answers a call about threads or topics of a version of the API; another version is an unknown path.
async fn versioned(version: &str, made: impl Future<Output = Result<Response, Fault>>) -> Response {
    if !gate::is_version(version) {
        return StatusCode::NOT_FOUND.into_response();
    }
    made.await.unwrap_or_else(|fault| fault.respond_numbered())
}

/// The transaction id of a call.
fn trans_id(parts: &RtParts) -> String {
    let id = parts.shared.ids.next_range(parts.shared.clock.now(), 1);
    TransactionId::from_id(id, parts.shared.entropy()).to_string()
}
