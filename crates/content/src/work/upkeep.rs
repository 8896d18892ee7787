//! What only time or another process changes: partners' limits, work that commands made, whole audits, untold alerts.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_core::time::Micros;
use waypost_store::StoreError;

use super::runtime::Shared;
use super::{tell, tell_mail};
use crate::records::lane;

/// Looks between two searches for lanes that rest although they owe something.
const RESTING_EVERY: u32 = 30;
/// Lanes woken for a whole audit in one look.
const WOKEN_MAX: i64 = 200;

/// Looks until `stop`.
pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(Duration::from_millis(shared.settings.upkeep_ms));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looks = 0_u32;
    let mut mail_from = Micros(0);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&shared, looks.is_multiple_of(RESTING_EVERY)).await {
            tracing::warn!(%error, "the upkeep of content failed; it is tried again");
        }
        // Apart from the look: a store that is slow for one must not keep people from being told.
        match tell_mail::alerts(&shared, mail_from).await {
            Ok(next) => mail_from = next,
            Err(error) => tracing::warn!(%error, "alerts could not be mailed; it is tried again"),
        }
        looks = looks.wrapping_add(1);
    }
}

async fn look(shared: &Arc<Shared>, resting: bool) -> Result<(), StoreError> {
    shared.directory.refresh(&shared.store).await?;
    limits(shared);
    if resting {
        wake_resting(shared).await?;
    }
    wake_for_audits(shared).await?;
    // Rows that a command or another node made.
    shared.lanes.recover().await?;
    tell::alerts(shared).await
}

/// Each partner's bound on messages in flight.
pub fn limits(shared: &Shared) {
    for partner in shared.directory.current().partners() {
        let max = usize::try_from(partner.in_flight_max).unwrap_or(usize::MAX);
        shared.lanes.set_dest_in_flight(partner.id, max);
    }
}

/// Lanes that owe something and have no work: their partner was disabled for a while, or a command on PostgreSQL owed it in
/// the very moment their work ended, and neither transaction saw the other.
async fn wake_resting(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let directory = shared.directory.current();
    let active = directory.partners().iter().filter(|it| it.enabled && it.url.is_some());
    for partner in active.map(|it| it.id).collect::<Vec<_>>() {
        let own = Arc::clone(shared);
        shared.store.write(move |tx| lane::wake_resting(tx, &own.env(), partner)).await?;
    }
    Ok(())
}

/// Lanes that rest without work and are due to be audited whole.
async fn wake_for_audits(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let due = shared
        .store
        .read(move |tx| {
            let rows = tx.query(
                "SELECT partner, tenant, property FROM content_lane WHERE work = 0 AND full_audit_at > 0 AND full_audit_at <= ?1 \
                 LIMIT ?2",
                &[now.into(), WOKEN_MAX.into()],
            )?;
            rows.iter().map(lane::of_row).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let own = Arc::clone(shared);
    shared
        .store
        .write(move |tx| {
            let env = own.env();
            for lane in &due {
                let partner = env.directory.partner(lane.partner);
                if partner.is_some_and(|partner| partner.enabled && partner.url.is_some())
                    && lane::paused(tx, lane.partner)?.is_none()
                {
                    lane::wake(tx, &env, lane)?;
                } else {
                    put_off(tx, lane, env.after(env.timing.full_audit_ms))?;
                }
            }
            Ok(())
        })
        .await
}

fn put_off(tx: &mut dyn waypost_store::Sql, lane: &lane::Lane, at: Micros) -> Result<(), StoreError> {
    tx.put(
        "UPDATE content_lane SET full_audit_at = ?3 WHERE partner = ?1 AND property = ?2",
        &[lane.partner.into(), (&lane.property).into(), at.into()],
    )
}
