//! Messenger: messages of a page through the Send API of the Graph API (spec 3.9).
//!
//! Settings of an account: `base_url` (default `https://graph.facebook.com`), `version` (default `v23.0`), `page_id`
//! (default `me`, the page of the token). Credentials: `page_token`, `app_secret`.

mod body;
mod limits;
mod send;

use std::sync::{Arc, LazyLock};

use waypost_core::time::Clock;
use waypost_egress::Egress;

use crate::connector::{BoxFuture, Connector, Handed, Outgoing};
use crate::social::Meanings;

/// The built-in table's text.
const TABLE: &str = include_str!("../../data/messenger-outcomes.toml");

/// What the Graph API's errors mean.
#[must_use]
pub fn meanings() -> &'static Meanings {
    // The file is part of the build and a test reads it; with an empty table every meaning is "unknown".
    static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| Meanings::parse(TABLE).unwrap_or_default());
    &MEANINGS
}

/// The connector.
pub struct Messenger {
    egress: Egress,
    clock: Arc<dyn Clock>,
}

impl Messenger {
    /// A connector that goes out through `egress`.
    #[must_use]
    pub fn new(egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self { egress, clock }
    }
}

impl Connector for Messenger {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        Box::pin(send::send(self.egress.clone(), Arc::clone(&self.clock), outgoing))
    }
}
