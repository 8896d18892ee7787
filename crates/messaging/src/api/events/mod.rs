//! `/resources/v1/events/externalevent` (spec 6): what happens at a customer's side.

mod answer;
pub(in crate::api) mod openapi;
mod post;

use std::sync::Arc;

use axum::Router;
use axum::routing;
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::directory::EventDefinition;

use super::seams::{AcceptError, BoxFuture, Caller, OnceAnswer};
use super::state::MessagingState;
use crate::records::idempotency::Known;
use crate::rules::event::EventPlan;

/// Path of the Events endpoint; also served with a slash at its end.
pub const EVENTS_PATH: &str = "/resources/v1/events/externalevent";

/// A request whose good events are to be kept.
#[derive(Clone, Debug)]
pub struct EventSubmission {
    /// What was told. At least one event is good.
    pub plan: EventPlan,
    /// By whom.
    pub caller: Arc<Caller>,
    /// Transaction id of the request.
    pub transid: TransactionId,
    /// Id of the first good event; the others follow it.
    pub first: MessageId,
    /// When it arrived.
    pub received_at: Micros,
    /// The idempotency key, if there is one, and the answer that is kept under it.
    pub once: Option<OnceAnswer>,
}

/// Where events are known and kept.
pub trait Events: Send + Sync {
    /// The event of the caller's tenant with this `evtid`; `None` when there is none or it is switched off.
    fn event(&self, caller: &Caller, id: i64) -> Option<Arc<EventDefinition>>;
    /// Keeps the good events and the work of the rules they wake; resolves when they are durable. What is known of the
    /// idempotency key when it was taken before, and nothing is written then.
    fn keep(&self, submission: EventSubmission) -> BoxFuture<'static, Result<Option<Known>, AcceptError>>;
}

/// No events, for servers without them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl Events for NoEvents {
    fn event(&self, _: &Caller, _: i64) -> Option<Arc<EventDefinition>> {
        None
    }

    fn keep(&self, _: EventSubmission) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }
}

/// The routes.
pub(super) fn routes() -> Router<MessagingState> {
    let post = || routing::post(post::handle);
    Router::new().route(EVENTS_PATH, post()).route(&format!("{EVENTS_PATH}/"), post())
}
