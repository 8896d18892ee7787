//! The RT API: `/rtmsAPI/api/v1` to `v4` (spec 8.2 to 8.7). Apps and web pages call it with the client key.
//!
//! Everything that reached an endpoint is answered with HTTP 200 and a code in the body, save what went wrong with the
//! body itself (408, 413, 415) and what could not be kept (503).

mod body;
mod broker;
mod device;
mod fault;
mod gate;
mod message;
mod mo;
mod owner;
mod policy;
mod receipt;
mod register;
mod unregister;
mod update;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::ledger::Ledger;
use crate::api::MessagingState;
use crate::work::runtime::Shared;

pub use broker::BrokerPorts;

/// Settings of the RT API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtSettings {
    /// The host clients reach the broker at; empty: the one they called.
    pub public_host: String,
    /// The broker's ports as clients see them.
    pub ports: BrokerPorts,
    /// Whether the broker is one beside this server.
    pub is_external: bool,
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
}

impl RtState {
    /// State over the running family.
    #[must_use]
    pub fn new(ledger: Ledger, shared: Arc<Shared>, settings: RtSettings) -> Self {
        Self(Arc::new(RtParts { ledger, shared, settings }))
    }

    fn parts(&self) -> &RtParts {
        &self.0
    }
}

/// The routes; requests are counted and named as those of the rest of the family.
pub fn router(state: RtState, family: MessagingState) -> Router {
    let app = |call: &str| format!("/rtmsAPI/api/{{version}}/{{appid}}/{call}");
    let routes = Router::new()
        .route(&app("verifyPolicy"), get(policy::handle))
        .route(&app("register"), post(register::handle))
        .route(&app("setUserId"), post(owner::set_user))
        .route(&app("removeUserId"), post(owner::remove_user))
        .route(&app("setCustomerId"), post(owner::set_customer))
        .route(&app("removeCustomerId"), post(owner::remove_customer))
        .route(&app("profileupdate"), post(update::handle))
        .route(&app("unregister"), post(unregister::handle))
        .route(&app("mo"), post(mo::handle))
        .route(&app("deliveryupdate"), post(receipt::handle))
        .route(&app("message"), post(message::handle))
        .with_state(state);
    crate::api::watched(routes, family)
}
