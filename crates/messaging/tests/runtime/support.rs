//! A runtime without providers.

use std::sync::Arc;
use std::time::Duration;

use waypost_core::id::IdGenerator;
use waypost_core::retry::Schedule;
use waypost_core::time::{ManualClock, Micros};
use waypost_delivery::Policy;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_messaging::work::runtime::{Parts, Runtime, Settings};
use waypost_messaging::work::send::Connectors;
use waypost_store::Store;
use waypost_store::directory::DirectoryHandle;
use waypost_store::seal::MasterKey;

pub const NOW: Micros = Micros::from_secs(1_790_000_000);

fn settings(sweep_period: Duration) -> Settings {
    let schedule = || Schedule::new(vec![1_000], 0).unwrap();
    let policy = |name| Policy::new(name, 1_000, 60_000);
    Settings {
        submit_deadline_ms: 1_000,
        sms_in_flight_max: 10,
        sms_schedule: schedule(),
        send_deadline_ms: 1_000,
        send_in_flight_max: 10,
        send_schedule: schedule(),
        receipt_window_ms: 1_000,
        unmatched_receipt_ms: 1_000,
        callback_concurrency: 10,
        callback_timeout_ms: 1_000,
        callback_schedule: schedule(),
        retry_after_max_ms: 1_000,
        recent_ids_max: 10,
        held_keys_max: 10,
        sweep_period,
        tts_command: Vec::new(),
        sms_policy: policy("sms"),
        send_policy: policy("send"),
        callback_policy: policy("callback"),
    }
}

/// A runtime on a store, whose sweeps come so often.
pub async fn running(store: &Store, sweep_period: Duration) -> Runtime {
    let clock = Arc::new(ManualClock::new(NOW));
    let egress =
        Egress::new(EgressPolicy::default(), Arc::new(SystemResolver::default()), clock.clone()).unwrap();
    let parts = Parts {
        store: store.clone(),
        clock,
        ids: Arc::new(IdGenerator::new(1).unwrap()),
        directory: DirectoryHandle::open(store, Arc::new(MasterKey::generate().unwrap())).await.unwrap(),
        egress,
        connectors: Connectors::default(),
        links: waypost_messaging::work::links::LinkCodes::new("http://localhost", &[7; 32]),
        settings: settings(sweep_period),
        random: || 7,
    };
    Runtime::start(parts, |_| ()).await.unwrap().0
}
