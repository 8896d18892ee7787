//! What the workers of this family share, and how they are started and stopped.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waypost_core::id::IdGenerator;
use waypost_core::time::Clock;
use waypost_delivery::{Dispatcher, Policy, PolicyError, StoreSource};
use waypost_egress::Egress;
use waypost_store::directory::DirectoryHandle;
use waypost_store::work::{self, WorkRow};
use waypost_store::{Engine, Sql, Store, StoreError, query_one};

use super::tell_mail::AlertMail;
use super::{turn, upkeep};
use crate::records::env::{Env, Timing};
use crate::records::lane::{LANE, Lane};

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One deadline over a push or an audit, milliseconds (spec 2.5: 15 s).
    pub timeout_ms: u64,
    /// Lanes at work at once, over all partners.
    pub concurrency: usize,
    /// When things are tried again.
    pub timing: Timing,
    /// How often the upkeep looks, milliseconds.
    pub upkeep_ms: u64,
    /// Where alerts are posted; `None`: nowhere.
    pub alert_url: Option<url::Url>,
    /// The dispatcher's bounds.
    pub policy: Policy,
}

/// What every worker of the family can reach.
pub struct Shared {
    /// The ledger.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids for this node.
    pub ids: Arc<IdGenerator>,
    /// Tenants and partners.
    pub directory: DirectoryHandle,
    /// The one door out.
    pub egress: Egress,
    /// Lanes that owe something.
    pub lanes: Arc<Dispatcher<Lane>>,
    /// What an operator set.
    pub settings: Settings,
    alert_mail: OnceLock<AlertMail>,
    timing: Arc<Timing>,
    stop: CancellationToken,
    turns: watch::Sender<u64>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// What a transaction needs, as of now.
    #[must_use]
    pub fn env(&self) -> Env {
        Env {
            ids: Arc::clone(&self.ids),
            directory: self.directory.current(),
            now: self.clock.now(),
            timing: Arc::clone(&self.timing),
        }
    }

    /// Alerts are told by e-mail too, from now on; without, they are only posted and listed.
    pub fn mail_alerts(&self, mail: AlertMail) {
        // A second one changes nothing: there is one configuration.
        let _ = self.alert_mail.set(mail);
    }

    pub(super) fn alert_mail(&self) -> Option<&AlertMail> {
        self.alert_mail.get()
    }

    /// Whether no new message may go out.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// A turn is over.
    pub(super) fn turned(&self) {
        self.turns.send_modify(|turns| *turns += 1);
    }

    /// Counts turns; whoever waits for the lanes to come to rest looks again when it changes.
    #[must_use]
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// Rows of lanes of this partner were committed: they are looked for at once.
    pub fn nudge(&self, partner: i64, tenant: i64) {
        self.lanes.backlog(&Lane::queue(partner, tenant), self.clock.now());
    }
}

/// What the runtime is built from.
pub struct Parts {
    /// The ledger.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids for this node.
    pub ids: Arc<IdGenerator>,
    /// Tenants and partners.
    pub directory: DirectoryHandle,
    /// The one door out.
    pub egress: Egress,
    /// What an operator set.
    pub settings: Settings,
}

/// Why the runtime did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store failed.
    #[error("the store failed while the content family started: {0}")]
    Store(#[from] StoreError),
    /// The bounds contradict each other.
    #[error("the content settings contradict each other: {0}")]
    Policy(#[from] PolicyError),
}

/// The running workers.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
    workers: JoinSet<()>,
}

impl Runtime {
    /// Recovers what the last run left behind and starts the workers.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts { store, clock, ids, directory, egress, settings } = parts;
        let source = StoreSource::new(store.clone(), LANE, load);
        let lanes = Dispatcher::new(settings.policy.clone(), Arc::new(source), Arc::clone(&clock))?;
        let timing = Arc::new(settings.timing.clone());
        let stop = CancellationToken::new();
        let turns = watch::Sender::new(0);
        let alert_mail = OnceLock::new();
        let shared =
            Shared { store, clock, ids, directory, egress, lanes, settings, alert_mail, timing, stop, turns };
        let shared = Arc::new(shared);
        recover(&shared).await?;
        let mut workers = JoinSet::new();
        workers.spawn(turn::run(Arc::clone(&shared)));
        workers.spawn(upkeep::run(Arc::clone(&shared), shared.stop.clone()));
        Ok(Self { shared, workers })
    }

    /// What the HTTP side and commands need.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Stops after the messages that are on their way; what is left goes back to the store. Returns how many were still
    /// out at the deadline.
    pub async fn drain(mut self, deadline_ms: u64) -> usize {
        self.shared.stop.cancel();
        let out = self.shared.lanes.drain(deadline_ms).await;
        self.workers.shutdown().await;
        let (left, now) = (self.shared.lanes.leased(), self.shared.clock.now());
        let given = self.shared.store.write_own(move |tx| {
            left.iter().try_for_each(|(id, fence)| work::release(tx, *id, *fence, now).map(|_| ()))
        });
        if let Err(error) = given.await {
            tracing::warn!(%error, "what was left is not given back; it is taken up when its leases end");
        }
        out
    }
}

fn load(_: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<Lane>>, StoreError> {
    let lane = |row: &WorkRow| {
        Lane::from_payload(&row.payload).ok_or_else(|| StoreError::Corrupt("work.payload".to_owned()))
    };
    rows.iter().map(|row| lane(row).map(Some)).collect()
}

async fn recover(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let newest = shared
        .store
        .read(|tx| {
            let row = query_one(
                tx,
                "SELECT max(id) FROM (SELECT max(id) AS id FROM content_log UNION ALL SELECT max(message) FROM content_copy \
                 UNION ALL SELECT max(id) FROM work) AS newest",
                &[],
            )?;
            row.map_or(Ok(None), |row| row.opt_int(0))
        })
        .await?;
    if let Some(newest) = newest {
        shared.ids.resume_after(waypost_core::id::MessageId(newest));
    }
    if shared.store.engine() == Engine::Sqlite {
        // What a dead process had leased is nobody's. Only where no other node can hold a lease.
        let now = shared.clock.now();
        shared.store.write_own(move |tx| work::void_leases(tx, LANE, now)).await?;
    }
    upkeep::limits(shared);
    shared.lanes.recover().await
}
