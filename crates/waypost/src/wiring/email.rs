//! The outbox and the relay it empties into.

use std::sync::Arc;

use anyhow::Context as _;
use waypost_channels::email::{RelaySettings, RelayTls, SmtpRelay};
use waypost_core::retry::Schedule;
use waypost_delivery::Policy;
use waypost_mail::{Outbox, OutboxSettings, Parts, Runtime, Settings};
use waypost_messaging::work::runtime::Shared;
use waypost_store::seal::MasterKey;

use crate::config::{Config, Email, EmailTls};

/// How often rows of commands and of other servers are looked for.
const UPKEEP_MS: u64 = 2_000;
/// How long a connection to the relay is kept without a letter; relays close theirs after minutes (RFC 5321, 4.5.3.2.7).
const IDLE_MS: u64 = 30_000;
/// What writing down an attempt may take beside it.
const MARGIN_MS: u64 = 1_000;
/// Jitter of retries, so that a recovered relay is not met by all at once.
const JITTER_PERCENT: u8 = 20;

/// The running outbox.
pub struct Mail {
    runtime: Runtime,
    relay: Arc<SmtpRelay>,
}

impl Mail {
    /// Starts it over what the families share; `None` without a relay.
    ///
    /// # Errors
    /// When the settings contradict each other or the store fails.
    pub async fn start(
        config: &Config,
        shared: &Shared,
        key: &Arc<MasterKey>,
    ) -> anyhow::Result<Option<Self>> {
        if !config.email.is_on() {
            return Ok(None);
        }
        let relay = Arc::new(relay(&config.email)?);
        let parts = Parts {
            store: shared.store.clone(),
            clock: Arc::clone(&shared.clock),
            ids: Arc::clone(&shared.ids),
            key: Arc::clone(key),
            carrier: Arc::clone(&relay) as _,
            outbox: outbox(&config.email)?,
            settings: settings(config)?,
        };
        let runtime = Runtime::start(parts).await?;
        if config.email.test_mode {
            tracing::warn!("e-mail is in test mode: letters reach email.allowed_recipients only");
        }
        Ok(Some(Self { runtime, relay }))
    }

    /// Where families put their letters.
    pub const fn outbox(&self) -> &Outbox {
        self.runtime.outbox()
    }

    /// Ends the letters on their way, and the connections.
    pub async fn close(self, drain_ms: u64) {
        let out = self.runtime.drain(drain_ms).await;
        if out > 0 {
            tracing::warn!(
                out,
                "letters were still under way at the end of the drain time; they are sent again"
            );
        }
        self.relay.close().await;
    }
}

fn relay(email: &Email) -> anyhow::Result<SmtpRelay> {
    let (host, port) = email.place().map_err(anyhow::Error::msg)?;
    let from = email.sender().map_err(anyhow::Error::msg)?;
    let authority_pem = match email.authority.as_os_str().is_empty() {
        true => None,
        false => {
            let shown = email.authority.display();
            Some(
                std::fs::read(&email.authority)
                    .with_context(|| format!("reading {shown} (email.authority)"))?,
            )
        }
    };
    let hello_name = if email.hello_name.is_empty() {
        from.address().domain().to_owned()
    } else {
        email.hello_name.clone()
    };
    let settings = RelaySettings {
        host,
        port,
        tls: match email.tls {
            EmailTls::Starttls => RelayTls::Starttls,
            EmailTls::Implicit => RelayTls::Implicit,
            EmailTls::Off => RelayTls::Off,
        },
        authority_pem,
        login: email.login().map_err(anyhow::Error::msg)?,
        hello_name,
        timeout_ms: email.timeout_ms,
        idle_ms: IDLE_MS,
        idle_max: email.concurrency,
    };
    SmtpRelay::new(settings).context("setting up the relay (email)")
}

fn outbox(email: &Email) -> anyhow::Result<OutboxSettings> {
    Ok(OutboxSettings {
        from: email.sender().map_err(anyhow::Error::msg)?,
        safeguard: email.safeguard().map_err(|(setting, rule)| anyhow::anyhow!("{setting}: {rule}"))?,
        letter_bytes_max: email.letter_bytes_max,
    })
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let email = &config.email;
    let delays_ms = email.retry_delays_s.iter().map(|seconds| seconds * 1_000).collect();
    let deadline_ms = i64::try_from(email.timeout_ms + MARGIN_MS)?;
    let mut policy = Policy::new("mail", deadline_ms, i64::try_from(config.delivery.lease_ms)?);
    policy.memory_items_max = config.delivery.memory_items_max;
    policy.dest_in_flight_max = email.concurrency;
    Ok(Settings {
        schedule: Schedule::new(delays_ms, JITTER_PERCENT)?,
        concurrency: email.concurrency,
        upkeep_ms: UPKEEP_MS,
        random: super::family::random,
        policy,
    })
}
