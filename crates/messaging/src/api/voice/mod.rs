//! `/resources/v1/voice/prompts`: what the tenant's calls play, for its own tools. Not part of the published contract, which
//! names uploaded files (`promptid`, `media`) and leaves their upload to a console; it shares the key, the limits and the
//! refusals of the Messaging API.

mod list;
pub(super) mod openapi;
mod put;
mod remove;
mod sound;

use axum::Router;
use axum::routing;
use serde_json::{Value, json};
use waypost_store::TenantId;
use waypost_store::directory::admin::VoicePrompt;

use super::desk::{self, DeskFault, Desked};
use super::seams::Caller;
use super::state::MessagingState;
use crate::rules::Refusal;

/// Path of the prompts.
const PATH: &str = "/resources/v1/voice/prompts";

/// Where prompts are kept.
pub trait Prompts: Send + Sync {
    /// All of the tenant's, by id.
    fn list(&self, tenant: TenantId) -> Desked<Vec<VoicePrompt>>;
    /// Stores a sound (µ-law at 8 kHz) under a name, in place of the one that had it; its `promptid`, which stays the same
    /// then.
    fn put(&self, caller: &Caller, name: String, sound: Vec<u8>) -> Desked<String>;
    /// Removes the prompt of a name.
    fn remove(&self, caller: &Caller, name: String) -> Desked<()>;
}

/// A server without prompts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPrompts;

fn none<T: Send + 'static>() -> Desked<T> {
    Box::pin(std::future::ready(Err(DeskFault::Refused("there are no prompts".to_owned()))))
}

impl Prompts for NoPrompts {
    fn list(&self, _: TenantId) -> Desked<Vec<VoicePrompt>> {
        none()
    }
    fn put(&self, _: &Caller, _: String, _: Vec<u8>) -> Desked<String> {
        none()
    }
    fn remove(&self, _: &Caller, _: String) -> Desked<()> {
        none()
    }
}

/// The routes.
pub(super) fn routes() -> Router<MessagingState> {
    Router::new()
        .route(PATH, routing::get(list::handle))
        .route(&format!("{PATH}/{{media}}"), routing::put(put::handle).delete(remove::handle))
}

/// A prompt as it is shown.
fn shown(prompt_id: &str, name: &str, ms: i64) -> Value {
    json!({"promptid": prompt_id, "media": name, "ms": ms})
}

/// A refusal of the desk, as one of the prompt's name.
fn refused(fault: DeskFault) -> Refusal {
    match fault {
        DeskFault::Refused(rule) => desk::wrong("media", rule),
        DeskFault::Unavailable => Refusal::Internal,
    }
}
