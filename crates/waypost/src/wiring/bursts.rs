//! Keeps what burst mode has used over a restart: read once at the start, written when it has grown.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_messaging::api::{BurstUsed, MessagingState};
use waypost_store::directory::burst::{self, Used};
use waypost_store::{Ctx, Store, StoreError, TenantId};

/// How much of it a crash may forget.
const PERIOD: Duration = Duration::from_secs(1);

const CTX: Ctx = Ctx::all("burst mode");

/// Hands what an earlier process had used to `state`.
///
/// # Errors
/// Those of the store.
pub async fn restore(store: &Store, state: &MessagingState) -> Result<(), StoreError> {
    let used = store.read(|tx| burst::load(tx, &CTX)).await?;
    let used =
        used.into_iter().map(|Used { tenant, api, used }| BurstUsed { tenant: TenantId(tenant), api, used });
    state.restore_bursts(used.collect());
    Ok(())
}

/// Writes what has grown, every second and once more at `stop`.
pub async fn run(store: Store, state: MessagingState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut saved = Vec::new();
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        let used = state.bursts();
        let grown: Vec<BurstUsed> = used.iter().filter(|used| !saved.contains(*used)).cloned().collect();
        match save(&store, grown).await {
            Ok(()) => saved = used,
            Err(error) => {
                tracing::warn!(%error, "what burst mode has used could not be kept; it is tried again")
            }
        }
        if last {
            return;
        }
    }
}

async fn save(store: &Store, grown: Vec<BurstUsed>) -> Result<(), StoreError> {
    if grown.is_empty() {
        return Ok(());
    }
    let grown: Vec<Used> = grown
        .into_iter()
        .map(|BurstUsed { tenant, api, used }| Used { tenant: tenant.0, api, used })
        .collect();
    store.write(move |tx| grown.iter().try_for_each(|used| burst::save(tx, &CTX, used))).await
}
