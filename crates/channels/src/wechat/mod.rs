//! WeChat: customer-service messages of an official account, and its media (spec 3.10).
//!
//! Settings of an account: `base_url` (default `https://api.weixin.qq.com`). Credentials: `app_id`, `app_secret`; of its
//! webhook `token` and `encoding_aes_key`, which this module does not use.

mod amr;
mod api;
mod body;
mod send;
mod token;
mod upload;

use std::sync::{Arc, LazyLock};

use waypost_core::time::Clock;
use waypost_egress::Egress;

use crate::connector::{AppAccount, BoxFuture, Connector, Handed, Outgoing};
use crate::social::{Meanings, Media, MediaFault};

pub use upload::check as check_media;

/// The built-in table's text.
const TABLE: &str = include_str!("../../data/wechat-outcomes.toml");

/// What the provider's errors mean.
#[must_use]
pub fn meanings() -> &'static Meanings {
    // The file is part of the build and a test reads it; with an empty table every meaning is "unknown".
    static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| Meanings::parse(TABLE).unwrap_or_default());
    &MEANINGS
}

/// The connector.
pub struct Wechat {
    api: Arc<api::Api>,
}

impl Wechat {
    /// A connector that goes out through `egress`.
    #[must_use]
    pub fn new(egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self { api: Arc::new(api::Api { egress, clock, tokens: token::Tokens::default() }) }
    }

    /// Uploads a file; the id by which a message names it. The provider forgets it after three days.
    #[must_use]
    pub fn upload(
        &self,
        account: Arc<AppAccount>,
        media: Media,
        deadline_ms: u64,
    ) -> BoxFuture<'static, Result<String, MediaFault>> {
        Box::pin(upload::upload(Arc::clone(&self.api), account, media, deadline_ms))
    }
}

impl Connector for Wechat {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        Box::pin(send::send(Arc::clone(&self.api), outgoing))
    }
}
