//! What webhooks and media need from the rest of the server.

use std::sync::Arc;

use waypost_channels::connector::AppAccount;
use waypost_channels::social::{Media, MediaFault};
use waypost_core::channel::Channel;

use super::seams::{AcceptError, BoxFuture};
use crate::wire::social::Happening;

/// An app asset of a social channel, opened for use.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The row of its tenant.
    pub tenant: i64,
    /// Its channel.
    pub channel: Channel,
    /// Whether it and its tenant are live.
    pub is_active: bool,
    /// Its settings and credentials.
    pub account: Arc<AppAccount>,
}

/// The app assets, what happens at their providers, and their media.
pub trait Social: Send + Sync {
    /// The asset with this `appid`, whoever owns it; `None` when there is none of a social channel.
    fn asset(&self, app_id: &str) -> Option<Asset>;

    /// Keeps what a webhook brought; resolves when it is durable. What was brought before changes nothing.
    fn keep(&self, asset: &Asset, happenings: Vec<Happening>) -> BoxFuture<'static, Result<(), AcceptError>>;

    /// Uploads a file to the provider; the id by which a message names it.
    fn upload(&self, asset: &Asset, media: Media) -> BoxFuture<'static, Result<String, MediaFault>>;
}
