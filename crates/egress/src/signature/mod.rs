//! Signatures over call-backs, so that a receiver can tell who sent them.

mod hub;
mod standard;

pub use hub::{HubHash, HubKey, X_HUB_SIGNATURE};
pub use standard::{
    SecretError, VerifyError, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, WebhookHeaders, WebhookKey,
};
