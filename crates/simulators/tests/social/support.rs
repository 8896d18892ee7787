//! The providers on loopback, and a connector for each that goes out through the real client.

use std::sync::Arc;

use serde_json::Value;
use waypost_channels::connector::{Address, AddressKind, AppAccount, Handed, Outgoing};
use waypost_channels::social::{Media, MediaFault, MediaKind, SocialConnectors};
use waypost_core::channel::Channel;
use waypost_core::time::{Clock, ManualClock, Micros};
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_simulators::social::{SocialKind, SocialSims};

pub const NOW: Micros = Micros::from_secs(1_790_000_000);
pub const DEADLINE_MS: u64 = 10_000;

pub struct World {
    pub sims: SocialSims,
    pub clock: Arc<ManualClock>,
    pub connectors: SocialConnectors,
}

impl World {
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let shared: Arc<dyn Clock> = clock.clone();
        let resolver = Arc::new(SystemResolver::default());
        let egress = Egress::new(EgressPolicy::sandbox(), resolver, Arc::clone(&shared)).unwrap();
        let connectors = SocialConnectors::new(&egress, &shared);
        Self { sims: SocialSims::start_at(Arc::clone(&shared)).await.unwrap(), clock, connectors }
    }

    pub fn account(&self, kind: SocialKind) -> AppAccount {
        AppAccount {
            id: 7,
            app_id: "app".to_owned(),
            revision: 1,
            config: self.sims.app_config(kind),
            secrets: self.sims.app_secrets(kind),
            sandbox: true,
        }
    }

    /// Sends `block` to `address` with the good account.
    pub async fn send(&self, kind: SocialKind, address: &str, block: Value) -> Handed {
        self.send_as(self.account(kind), kind, address, block).await
    }

    pub async fn send_as(
        &self,
        account: AppAccount,
        kind: SocialKind,
        address: &str,
        block: Value,
    ) -> Handed {
        let (channel, address_kind) = match kind {
            SocialKind::Fb => (Channel::Fb, AddressKind::Psid),
            SocialKind::Twitter => (Channel::Twitter, AddressKind::TwitterId),
            SocialKind::Wechat => (Channel::Wechat, AddressKind::WechatId),
        };
        let outgoing = Outgoing {
            account: Arc::new(account),
            block: Arc::new(block),
            address: Address { kind: address_kind, value: address.to_owned(), device: None },
            tid: "tid".to_owned(),
            expires_at: None,
            deadline_ms: DEADLINE_MS,
        };
        self.connectors.of(channel).unwrap().hand_over(outgoing).await
    }

    pub async fn upload(
        &self,
        kind: SocialKind,
        as_kind: MediaKind,
        bytes: Vec<u8>,
    ) -> Result<String, MediaFault> {
        let channel = if kind == SocialKind::Twitter { Channel::Twitter } else { Channel::Wechat };
        let media = Media { kind: as_kind, file_name: "file.bin".to_owned(), bytes: bytes.into() };
        self.connectors.upload(channel, Arc::new(self.account(kind)), media, DEADLINE_MS).unwrap().await
    }
}

/// Code of a refusal; panics for anything else.
pub fn refused(handed: &Handed) -> u16 {
    match handed {
        Handed::Refused { code, .. } => *code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The provider's id of a message that was taken.
pub fn taken(handed: Handed) -> String {
    match handed {
        Handed::Taken { provider_ref, .. } => provider_ref,
        other => panic!("not taken: {other:?}"),
    }
}
