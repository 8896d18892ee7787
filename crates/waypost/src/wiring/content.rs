//! The content family: the receiver's endpoints, and what pushes.

use std::sync::Arc;

use axum::Router;
use waypost_content::api::{ContentState, PREFIX, ReceiverSettings};
use waypost_content::records::env::Timing;
use waypost_content::work::{AlertMail, Parts, Runtime, Settings};
use waypost_delivery::Policy;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_mail::Outbox;
use waypost_messaging::work::runtime::Shared;

use crate::config::Config;

/// How often the upkeep looks for what commands and the time have changed.
const UPKEEP_MS: u64 = 1_000;
/// Shortest time between two letters about alerts.
const ALERT_MAIL_MS: i64 = 60_000;
/// Failures in a row that open a partner's breaker: never. Each lane counts its own retries, and then it stops.
const BREAKER_NEVER: u32 = 1_000_000;
/// Idle connections kept to one partner.
const IDLE_PER_PARTNER_MAX: usize = 256;

/// The running family.
pub struct Content {
    state: ContentState,
    runtime: Runtime,
}

impl Content {
    /// Starts it over what the families share.
    ///
    /// # Errors
    /// When the settings contradict each other or the store fails.
    pub async fn start(
        config: &Config,
        shared: &Arc<Shared>,
        outbox: Option<&Outbox>,
    ) -> anyhow::Result<Self> {
        let parts = Parts {
            store: shared.store.clone(),
            clock: Arc::clone(&shared.clock),
            ids: Arc::clone(&shared.ids),
            directory: shared.directory.clone(),
            egress: egress(config, shared)?,
            settings: settings(config)?,
        };
        let runtime = Runtime::start(parts).await?;
        let to = config.content.alert_recipients().map_err(anyhow::Error::msg)?;
        if let Some(outbox) = outbox.filter(|_| !to.is_empty()) {
            runtime.shared().mail_alerts(AlertMail { outbox: outbox.clone(), to, every_ms: ALERT_MAIL_MS });
        }
        let receiver = ReceiverSettings {
            body_bytes_max: config.content.body_bytes_max,
            body_ms_max: config.server.body_timeout_ms,
        };
        let state = ContentState::feeding(runtime.shared(), receiver);
        Ok(Self { state, runtime })
    }

    /// The receiver's endpoints below their prefix.
    pub fn router(&self) -> Router {
        waypost_content::router(self.state.clone(), PREFIX)
    }

    /// The receiver's endpoints at the root.
    pub fn root_router(&self) -> Router {
        waypost_content::router(self.state.clone(), "")
    }

    /// Ends the messages on their way.
    pub async fn close(self, drain_ms: u64) {
        let out = self.runtime.drain(drain_ms).await;
        if out > 0 {
            tracing::warn!(
                out,
                "content messages were still under way at the end of the drain time; they are sent again"
            );
        }
    }
}

fn egress(config: &Config, shared: &Shared) -> anyhow::Result<Egress> {
    let policy = EgressPolicy {
        allowed: config.callbacks.allow_cidrs.iter().map(|cidr| cidr.0).collect(),
        idle_per_host_max: IDLE_PER_PARTNER_MAX,
        ..EgressPolicy::default()
    };
    Ok(Egress::new(policy, Arc::new(SystemResolver::default()), Arc::clone(&shared.clock))?)
}

/// When things are tried again, as configured.
pub fn timing(config: &Config) -> Timing {
    let ms = |seconds: &[u64]| seconds.iter().map(|seconds| seconds * 1_000).collect();
    Timing {
        retry_ms: ms(&config.content.retry_delays_s),
        audit_delay_ms: config.content.audit_delay_s * 1_000,
        audit_again_ms: ms(&config.content.audit_again_s),
        full_audit_ms: config.content.full_audit_h * 3_600_000,
        lease_ms: config.delivery.lease_ms,
        ..Timing::default()
    }
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let content = &config.content;
    let deadline_ms = i64::try_from(content.timeout_ms)?;
    let mut policy = Policy::new("content", deadline_ms, i64::try_from(config.delivery.lease_ms)?);
    policy.memory_items_max = config.delivery.memory_items_max;
    policy.breaker.failures_in_row_max = BREAKER_NEVER;
    policy.breaker.window_samples_min = BREAKER_NEVER;
    let alert_url = (!content.alert_url.is_empty()).then(|| content.alert_url.parse()).transpose()?;
    Ok(Settings {
        timeout_ms: content.timeout_ms,
        concurrency: content.concurrency,
        timing: timing(config),
        upkeep_ms: UPKEEP_MS,
        alert_url,
        policy,
    })
}
