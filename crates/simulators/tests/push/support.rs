//! One app, one connector, all clouds.

use std::sync::Arc;

use serde_json::{Value, json};
use waypost_channels::connector::{Address, AddressKind, AppAccount, Connector, Handed, Outgoing};
use waypost_channels::push::{PushConnector, SystemRandomness};
use waypost_core::time::{Clock, ManualClock, Micros};
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_simulators::push::PushSims;

pub const NOW: Micros = Micros::from_secs(1_700_000_000);
/// A token of the form APNs gives.
pub const DEVICE: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991deff0";
pub const TID: &str = "0189c6f0-1111-7222-8333-444455556666";

pub struct Bench {
    pub sims: PushSims,
    pub clock: Arc<ManualClock>,
    pub connector: PushConnector,
    pub account: AppAccount,
}

pub fn connector(clock: &Arc<ManualClock>) -> PushConnector {
    let resolver = Arc::new(SystemResolver::default());
    let egress = Egress::new(EgressPolicy::sandbox(), resolver, clock.clone()).unwrap();
    PushConnector::new(egress, clock.clone(), Arc::new(SystemRandomness))
}

impl Bench {
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let sims = PushSims::start_with(clock.clone()).await.unwrap();
        let account = AppAccount {
            id: 7,
            app_id: "AP7".to_owned(),
            revision: 1,
            config: sims.app_config(),
            secrets: sims.app_secrets(),
            sandbox: true,
        };
        let connector = connector(&clock);
        Self { sims, clock, connector, account }
    }

    pub fn outgoing(&self, kind: AddressKind, value: &str, block: Value) -> Outgoing {
        Outgoing {
            account: Arc::new(self.account.clone()),
            block: Arc::new(block),
            address: Address { kind, value: value.to_owned(), device: None },
            tid: TID.to_owned(),
            expires_at: None,
            deadline_ms: 5_000,
        }
    }

    pub async fn send(&self, kind: AddressKind, value: &str, block: Value) -> Handed {
        self.connector.hand_over(self.outgoing(kind, value, block)).await
    }

    pub fn clock_after(&self, secs: i64) -> Micros {
        self.clock.now().add_ms(secs * 1_000)
    }

    /// A text to one address, whatever its platform.
    pub async fn text(&self, kind: AddressKind, value: &str) -> Handed {
        self.send(kind, value, everywhere()).await
    }
}

pub fn everywhere() -> Value {
    json!({"android": {"text": "Hello"}, "ios": {"text": "Hello"}, "web": {"text": "Hello"}})
}

pub fn refused(code: u16, detail: &str) -> Handed {
    Handed::Refused { code, detail: detail.to_owned(), address_is_dead: false }
}

pub fn dead(code: u16, detail: &str) -> Handed {
    Handed::Refused { code, detail: detail.to_owned(), address_is_dead: true }
}

pub fn later(code: u16, detail: &str, failing: bool) -> Handed {
    Handed::Later { code, detail: detail.to_owned(), retry_after: None, failing }
}

pub fn taken(handed: &Handed) -> String {
    match handed {
        Handed::Taken { provider_ref, receipt_follows: true } => provider_ref.clone(),
        other => panic!("not taken: {other:?}"),
    }
}

pub fn code(handed: &Handed) -> u16 {
    match handed {
        Handed::Taken { .. } | Handed::Calling { .. } | Handed::Full { .. } => 7501,
        Handed::Refused { code, .. } | Handed::Later { code, .. } => *code,
    }
}
