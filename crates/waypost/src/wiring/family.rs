//! The messaging family, built from the configuration and kept in step with the directory.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waypost_channels::push::{PushConnector, SystemRandomness};
use waypost_channels::social::SocialConnectors;
use waypost_core::id::IdGenerator;
use waypost_core::retry::Schedule;
use waypost_core::time::Clock;
use waypost_delivery::Policy;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_messaging::api::{ApiSettings, MessagingState, Seams, SystemEntropy};
use waypost_messaging::rt::RtConnector;
use waypost_messaging::rt::api::BrokerPorts;
use waypost_messaging::work::doors::Doors;
use waypost_messaging::work::links::LinkCodes;
use waypost_messaging::work::runtime::{Parts, Runtime, Settings};
use waypost_messaging::work::send::Connectors;
use waypost_store::Store;
use waypost_store::directory::DirectoryHandle;
use waypost_store::seal::MasterKey;

use super::realtime::{self, Realtime};
use super::{bursts, keeper, outside, retention};
use crate::config::{Config, SUBMIT_ANSWER_MS_MAX};

/// The running family.
pub struct Family {
    runtime: Runtime,
    state: MessagingState,
    keeper: JoinHandle<()>,
    retention: JoinHandle<()>,
    bursts: JoinHandle<()>,
    realtime: Realtime,
    stop: CancellationToken,
}

/// Provider ids remembered in memory: about 50 bytes each.
const RECENT_IDS_MAX: usize = 100_000;
/// Keys of held receipts remembered in memory.
const HELD_KEYS_MAX: usize = 100_000;
/// How often the sweep for missing receipts looks.
const SWEEP_PERIOD: Duration = Duration::from_secs(60);
/// One deadline for an attempt on the IP channels.
const SEND_DEADLINE_MS: u64 = 10_000;
/// What resolving the address may take beside it.
const SEND_MARGIN_MS: u64 = 5_000;
/// Attempts in flight on the IP channels, over all apps.
const SEND_IN_FLIGHT_MAX: usize = 1_000;
/// Jitter of submit attempts, so that a recovered provider is not met by all at once.
const SUBMIT_JITTER_PERCENT: u8 = 20;

impl Family {
    /// Recovers what the last run left behind, connects to the providers, starts the workers.
    ///
    /// # Errors
    /// When the directory cannot be read (a wrong master key), or the settings contradict each other.
    pub async fn start(
        config: &Config,
        store: &Store,
        master_key: &Arc<MasterKey>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let bound = realtime::bind(config)?;
        let directory = DirectoryHandle::open(store, Arc::clone(master_key))
            .await
            .context("reading tenants, services and connections")?;
        let ids = Arc::new(IdGenerator::new(config.store.node)?);
        let egress = egress(config, &clock)?;
        let external = outside::external(config, &clock)?;
        let handle = external.as_ref().map(|(handle, _)| handle.clone());
        let ledger = realtime::ledger(config, store, &clock, &ids, &directory, master_key, handle);
        let connectors = connectors(&egress, &clock);
        let rt = RtConnector::new(ledger.clone(), connectors.push.clone());
        let connectors = Connectors { rt: Some(Arc::new(rt)), ..connectors };
        let parts = Parts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            directory,
            egress,
            connectors,
            links: LinkCodes::new(
                &config.links.base_url(config.server.listen),
                &master_key.derive("smart links"),
            ),
            settings: settings(config)?,
            random,
        };
        let (runtime, applied) = Runtime::start(parts, keeper::apply).await?;
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keeper::run(Arc::clone(runtime.shared()), applied, stop.clone()));
        let pruning = retention::run(
            store.clone(),
            retention::days(&config.retention),
            ledger.media().clone(),
            Arc::clone(&clock),
            stop.clone(),
        );
        let retention = tokio::spawn(pruning);
        let doors = Arc::new(Doors::new(Arc::clone(runtime.shared())));
        let seams = Seams {
            directory: Arc::clone(&doors) as _,
            accept: Arc::clone(&doors) as _,
            lookup: Arc::clone(&doors) as _,
            templates: Arc::clone(&doors) as _,
            prompts: Arc::clone(&doors) as _,
            events: Arc::clone(&doors) as _,
            links: Arc::clone(&doors) as _,
            social: doors,
            profiles: Arc::new(runtime.shared().profiles.clone()),
            clock,
            ids,
            entropy: Arc::new(SystemEntropy),
        };
        let state = MessagingState::new(seams, api_settings(config));
        bursts::restore(store, &state).await.context("reading what burst mode has used")?;
        let bursts = tokio::spawn(bursts::run(store.clone(), state.clone(), stop.clone()));
        let realtime =
            Realtime::start(config, bound, ledger, external, runtime.shared(), state.clone()).await?;
        Ok(Self { runtime, state, keeper, retention, bursts, realtime, stop })
    }

    /// What other families share with this one: the store, the directory, ids and the time.
    pub fn shared(&self) -> &Arc<waypost_messaging::work::runtime::Shared> {
        self.runtime.shared()
    }

    /// The family's endpoints.
    pub fn router(&self) -> Router {
        waypost_messaging::router(self.state.clone()).merge(self.realtime.router())
    }

    /// The ports of the MQTT listeners.
    pub const fn mqtt_ports(&self) -> BrokerPorts {
        self.realtime.ports()
    }

    /// Stops handing out work, waits for what is in flight, unbinds.
    pub async fn close(self, drain_ms: u64) {
        self.stop.cancel();
        self.realtime.close().await;
        let out = self.runtime.drain(drain_ms).await;
        if out > 0 {
            tracing::warn!(
                out,
                "attempts were still under way at the end of the drain time; they are made again"
            );
        }
        // It writes once more, and ends.
        if self.bursts.await.is_err() {
            tracing::warn!("what burst mode has used was not kept at the end");
        }
        self.keeper.abort();
        self.retention.abort();
    }
}

/// What carries the channels that have a provider.
fn connectors(egress: &Egress, clock: &Arc<dyn Clock>) -> Connectors {
    let push = PushConnector::new(egress.clone(), Arc::clone(clock), Arc::new(SystemRandomness));
    let social = SocialConnectors::new(egress, clock);
    Connectors { push: Some(Arc::new(push)), ..Connectors::default() }.with_social(&social)
}

/// A random number, where only jitter depends on it.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    // Only jitter depends on it; without randomness every delay is its middle.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

fn egress(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Egress> {
    let policy = EgressPolicy {
        allowed: config.callbacks.allow_cidrs.iter().map(|cidr| cidr.0).collect(),
        idle_per_host_max: config.callbacks.per_endpoint,
        ..EgressPolicy::default()
    };
    Ok(Egress::new(policy, Arc::new(SystemResolver::default()), Arc::clone(clock))?)
}

fn api_settings(config: &Config) -> ApiSettings {
    ApiSettings {
        body_bytes_max: config.server.body_bytes_max,
        body_ms_max: config.server.body_timeout_ms,
        trusted_proxies: config.server.trusted_proxies.iter().map(|cidr| cidr.0).collect(),
    }
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let (sms, callbacks) = (&config.sms, &config.callbacks);
    let lease_ms = i64::try_from(config.delivery.lease_ms)?;
    let mut sms_policy =
        Policy::new("sms", i64::try_from(sms.submit_deadline_ms + SUBMIT_ANSWER_MS_MAX)?, lease_ms);
    sms_policy.memory_items_max = config.delivery.memory_items_max;
    sms_policy.per_queue_items_max = config.delivery.memory_items_max;
    sms_policy.dest_in_flight_max = sms.in_flight_max;
    let mut send_policy = Policy::new("send", i64::try_from(SEND_DEADLINE_MS + SEND_MARGIN_MS)?, lease_ms);
    send_policy.memory_items_max = config.delivery.memory_items_max;
    send_policy.per_queue_items_max = config.delivery.memory_items_max;
    let mut callback_policy = Policy::new("callback", i64::try_from(callbacks.timeout_ms)?, lease_ms);
    callback_policy.memory_items_max = config.delivery.memory_items_max;
    callback_policy.dest_in_flight_max = callbacks.per_endpoint;
    Ok(Settings {
        submit_deadline_ms: sms.submit_deadline_ms,
        sms_in_flight_max: sms.in_flight_max,
        sms_schedule: schedule(&sms.retry_delays_s, SUBMIT_JITTER_PERCENT)?,
        send_deadline_ms: SEND_DEADLINE_MS,
        send_in_flight_max: SEND_IN_FLIGHT_MAX,
        send_schedule: schedule(&sms.retry_delays_s, SUBMIT_JITTER_PERCENT)?,
        receipt_window_ms: i64::try_from(sms.receipt_window_h)? * 3_600_000,
        unmatched_receipt_ms: i64::try_from(sms.unmatched_receipt_h)? * 3_600_000,
        callback_concurrency: callbacks.concurrency,
        callback_timeout_ms: callbacks.timeout_ms,
        callback_schedule: schedule(&callbacks.retry_delays_s, 0)?,
        retry_after_max_ms: callbacks.retry_after_max_s * 1_000,
        recent_ids_max: RECENT_IDS_MAX,
        held_keys_max: HELD_KEYS_MAX,
        sweep_period: SWEEP_PERIOD,
        tts_command: config.voice.tts_command.clone(),
        sms_policy,
        send_policy,
        callback_policy,
    })
}

fn schedule(delays_s: &[u64], jitter_percent: u8) -> anyhow::Result<Schedule> {
    Ok(Schedule::new(delays_s.iter().map(|delay_s| delay_s * 1_000).collect(), jitter_percent)?)
}
