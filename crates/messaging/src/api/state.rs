//! What every request of the family shares.

use std::sync::Arc;

use ipnet::IpNet;
use waypost_core::id::{IdGenerator, MessageId, TransactionId};
use waypost_core::time::{Clock, Micros};

use super::events::Events;
use super::limits::{BurstUsed, Limits};
use super::link::Links;
use super::profile::Profiles;
use super::seams::{Accept, DirectoryView, Entropy, Lookup};
use super::social::Social;
use super::templates::Templates;
use super::voice::Prompts;
use super::watch::Instruments;

/// Settings of the endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Longest body that is read; above it 413.
    pub body_bytes_max: usize,
    /// Longest time a body may take to arrive; above it 408.
    pub body_ms_max: u64,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ApiSettings {
    /// 1 MiB, 30 seconds, no proxy.
    fn default() -> Self {
        Self { body_bytes_max: 1 << 20, body_ms_max: 30_000, trusted_proxies: Vec::new() }
    }
}

/// The rest of the server, as the endpoints see it.
#[derive(Clone)]
pub struct Seams {
    /// Keys and services.
    pub directory: Arc<dyn DirectoryView>,
    /// Where accepted requests go.
    pub accept: Arc<dyn Accept>,
    /// Where look-ups are answered.
    pub lookup: Arc<dyn Lookup>,
    /// Where profiles are kept.
    pub profiles: Arc<dyn Profiles>,
    /// Where templates are kept.
    pub templates: Arc<dyn Templates>,
    /// Where prompts of calls are kept.
    pub prompts: Arc<dyn Prompts>,
    /// Where events are known and kept.
    pub events: Arc<dyn Events>,
    /// Where short links lead.
    pub links: Arc<dyn Links>,
    /// The app assets of the social channels: webhooks and media.
    pub social: Arc<dyn Social>,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Message ids.
    pub ids: Arc<IdGenerator>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// State of the router; cheap to clone.
#[derive(Clone)]
pub struct MessagingState(Arc<Shared>);

/// What [`MessagingState`] shares.
pub(super) struct Shared {
    pub seams: Seams,
    pub settings: ApiSettings,
    pub limits: Limits,
    pub instruments: Instruments,
}

impl MessagingState {
    /// State over the given seams.
    #[must_use]
    pub fn new(seams: Seams, settings: ApiSettings) -> Self {
        let instruments = Instruments::new();
        Self(Arc::new(Shared { seams, settings, limits: Limits::default(), instruments }))
    }

    /// Takes over what burst mode had used before this process; before the first request.
    pub fn restore_bursts(&self, used: Vec<BurstUsed>) {
        self.0.limits.restore(used);
    }

    /// What burst mode has used, to be kept over a restart.
    #[must_use]
    pub fn bursts(&self) -> Vec<BurstUsed> {
        self.0.limits.used()
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// Ids of a request with `count` messages; `None` when there is no randomness.
    pub fn mint(&self, now: Micros, count: usize) -> Option<(MessageId, TransactionId)> {
        let first = self.seams.ids.next_range(now, u16::try_from(count).unwrap_or(u16::MAX));
        Some((first, TransactionId::from_id(first, self.seams.entropy.next()?)))
    }

    /// The transaction id of a refused request. It leads to no message, so that it need not be unguessable.
    pub fn mint_refused(&self, now: Micros) -> TransactionId {
        let first = self.seams.ids.next_range(now, 1);
        TransactionId::from_id(first, self.seams.entropy.next().unwrap_or_default())
    }
}
