//! X (Twitter): direct messages through API v1.1 with OAuth 1.0a (spec 3.10).
//!
//! Settings of an account: `base_url` (default `https://api.twitter.com`), `upload_url` (default
//! `https://upload.twitter.com`). Credentials: `consumer_key`, `consumer_secret`, `access_token`, `access_token_secret`.

mod api;
mod body;
pub mod oauth;
mod send;
mod upload;

use std::sync::{Arc, LazyLock};

use waypost_core::time::Clock;
use waypost_egress::Egress;

use crate::connector::{AppAccount, BoxFuture, Connector, Handed, Outgoing};
use crate::social::{Meanings, Media, MediaFault};

pub use upload::check as check_media;

/// The built-in table's text.
const TABLE: &str = include_str!("../../data/twitter-outcomes.toml");

/// What the provider's errors mean.
#[must_use]
pub fn meanings() -> &'static Meanings {
    // The file is part of the build and a test reads it; with an empty table every meaning is "unknown".
    static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| Meanings::parse(TABLE).unwrap_or_default());
    &MEANINGS
}

/// The connector.
pub struct Twitter {
    egress: Egress,
    clock: Arc<dyn Clock>,
}

impl Twitter {
    /// A connector that goes out through `egress`.
    #[must_use]
    pub fn new(egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self { egress, clock }
    }

    /// Uploads a picture for direct messages; its media id.
    #[must_use]
    pub fn upload(
        &self,
        account: Arc<AppAccount>,
        media: Media,
        deadline_ms: u64,
    ) -> BoxFuture<'static, Result<String, MediaFault>> {
        Box::pin(upload::upload(self.egress.clone(), Arc::clone(&self.clock), account, media, deadline_ms))
    }
}

impl Connector for Twitter {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        Box::pin(send::send(self.egress.clone(), Arc::clone(&self.clock), outgoing))
    }
}
