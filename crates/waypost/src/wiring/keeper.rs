//! Keeps the running family in step with the directory: connections, limits, do-not-disturb lists.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use waypost_channels::smpp::{ConnectionConfig, Seams};
use waypost_channels::voice::config::TrunkConfig;
use waypost_core::channel::Channel;
use waypost_core::key::{KeyKind, key};
use waypost_messaging::work::calls::TrunkSpec;
use waypost_messaging::work::deliver::Desk;
use waypost_messaging::work::gateway::ConnectionSpec;
use waypost_messaging::work::kind;
use waypost_messaging::work::runtime::Shared;
use waypost_store::directory::{Directory, SipTrunk, SmppConnection};

use crate::config::SUBMIT_ANSWER_MS_MAX;

/// How soon a change made by a command is seen.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a replaced connection may finish what it has in flight.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks for changes until `stop`; `applied` is the revision that [`apply`] brought about last.
pub async fn run(shared: Arc<Shared>, mut applied: i64, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = shared.directory.refresh(&shared.store).await {
            tracing::warn!(%error, "the directory could not be read; the last one stays in force");
        }
        // An unknown key may have brought the change in before this look.
        if shared.directory.current().revision() != applied {
            applied = apply(&shared);
        }
        if let Err(error) = shared.dnd.catch_up(&shared.store).await {
            tracing::warn!(%error, "the do-not-disturb lists could not be read; the last ones stay in force");
        }
    }
}

/// Brings connections and limits to what the directory says now; returns its revision.
pub fn apply(shared: &Arc<Shared>) -> i64 {
    let current = shared.directory.current();
    let mut specs = Vec::new();
    for connection in current.connections().iter().filter(|connection| connection.enabled) {
        match spec(connection) {
            Ok(spec) => specs.push(spec),
            Err(error) => {
                tracing::error!(connection = connection.name, "the connection is left out: {error:#}")
            }
        }
    }
    let weak = Arc::downgrade(shared);
    let desk = move |line, outcomes| Desk::new(weak.clone(), line, outcomes);
    for fault in shared.gateway.reconcile(specs, &desk, &Seams::default(), PATIENCE) {
        tracing::error!("the connection is left out: {fault}");
    }
    for (group, capacity) in shared.gateway.capacities() {
        shared.sms.set_dest_in_flight(group, capacity.messages);
        shared.sms.set_dest_limit(group, capacity.per_second, capacity.per_second);
    }
    apply_trunks(shared, &current);
    for tenant in current.tenants() {
        for sender in current.senders(tenant.id) {
            let rate = sender.tps.unwrap_or(0);
            shared.sms.set_sender_limit(key(KeyKind::Source, tenant.id, &sender.address), rate, rate);
        }
    }
    current.revision()
}

fn apply_trunks(shared: &Shared, current: &Directory) {
    let mut specs = Vec::new();
    for trunk in current.trunks().iter().filter(|trunk| trunk.enabled) {
        match trunk_spec(trunk) {
            Ok(spec) => specs.push(spec),
            Err(error) => tracing::error!(trunk = trunk.name, "the trunk is left out: {error:#}"),
        }
    }
    let trunks = &shared.calls.trunks;
    for fault in trunks.reconcile(specs, PATIENCE) {
        tracing::error!("the trunk is left out: {fault}");
    }
    // More hand-overs at once than there are places would only wait for one another.
    shared.sends.set_dest_in_flight(kind::send_destination(Channel::Voice, None), trunks.capacity());
}

fn trunk_spec(trunk: &SipTrunk) -> anyhow::Result<TrunkSpec> {
    let mut config: Value = serde_json::from_str(&trunk.config).context("reading its settings")?;
    let fields = config.as_object_mut().context("its settings are not an object")?;
    fields.insert("name".to_owned(), trunk.name.as_str().into());
    if let Some(password) = &trunk.password {
        let text = password.as_text().context("its password is not text")?;
        fields.insert("password".to_owned(), text.into());
    }
    let mut hasher = DefaultHasher::new();
    (config.to_string(), trunk.sandbox, trunk.tenant).hash(&mut hasher);
    let config: TrunkConfig = serde_json::from_value(config).context("reading its settings")?;
    let revision = hasher.finish();
    Ok(TrunkSpec { id: trunk.id, tenant: trunk.tenant, sandbox: trunk.sandbox, config, revision })
}

fn spec(connection: &SmppConnection) -> anyhow::Result<ConnectionSpec> {
    let mut config: Value = serde_json::from_str(&connection.config).context("reading its settings")?;
    let fields = config.as_object_mut().context("its settings are not an object")?;
    fields.insert("name".to_owned(), connection.name.as_str().into());
    if let Some(password) = &connection.password {
        let text = password.as_text().context("its password is not text")?;
        fields.insert("password".to_owned(), text.into());
    }
    let mut hasher = DefaultHasher::new();
    (config.to_string(), connection.sandbox, connection.tenant).hash(&mut hasher);
    let mut config: ConnectionConfig = serde_json::from_value(config).context("reading its settings")?;
    // An answer waited for longer than this could outlive the lease of its message.
    let answer_ms_max = u32::try_from(SUBMIT_ANSWER_MS_MAX).unwrap_or(u32::MAX);
    config.response_timeout_ms = config.response_timeout_ms.min(answer_ms_max);
    if config.tps > 0 {
        // What waits for its turn waits under the lease: no more than the next two seconds' worth.
        let two_seconds = u16::try_from(config.tps.saturating_mul(2)).unwrap_or(u16::MAX);
        config.window = config.window.min(two_seconds);
    }
    Ok(ConnectionSpec {
        id: connection.id,
        tenant: connection.tenant,
        sandbox: connection.sandbox,
        config,
        revision: hasher.finish(),
    })
}
