//! What the worker shares, and how it is started and stopped.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waypost_channels::email::Carrier;
use waypost_core::id::{IdGenerator, MessageId};
use waypost_core::retry::Schedule;
use waypost_core::time::Clock;
use waypost_delivery::{Dispatcher, Policy, PolicyError, StoreSource};
use waypost_store::seal::MasterKey;
use waypost_store::work::{self, WorkRow};
use waypost_store::{Engine, Sql, Store, StoreError, query_one};

use crate::outbox::{Outbox, OutboxSettings};
use crate::records::MAIL;
use crate::worker;

/// What an operator can set of the sending.
#[derive(Clone, Debug)]
pub struct Settings {
    /// When a letter is tried again.
    pub schedule: Schedule,
    /// Letters at once.
    pub concurrency: usize,
    /// How often rows are looked for that a command or another server made, milliseconds.
    pub upkeep_ms: u64,
    /// Spreads retries; a random number.
    pub random: fn() -> u64,
    /// The dispatcher's bounds.
    pub policy: Policy,
}

/// What the worker can reach.
pub(crate) struct Shared {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub key: Arc<MasterKey>,
    pub carrier: Arc<dyn Carrier>,
    pub letters: Arc<Dispatcher<()>>,
    pub settings: Settings,
    attempts: watch::Sender<u64>,
}

impl Shared {
    pub fn attempted(&self) {
        self.attempts.send_modify(|attempts| *attempts += 1);
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
    /// Seals the letters.
    pub key: Arc<MasterKey>,
    /// Takes them to the world.
    pub carrier: Arc<dyn Carrier>,
    /// What an operator set of the letters.
    pub outbox: OutboxSettings,
    /// What an operator set of the sending.
    pub settings: Settings,
}

/// Why the runtime did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store failed.
    #[error("the store failed while e-mail started: {0}")]
    Store(#[from] StoreError),
    /// The bounds contradict each other.
    #[error("the e-mail settings contradict each other: {0}")]
    Policy(#[from] PolicyError),
}

/// The running outbox.
pub struct Runtime {
    shared: Arc<Shared>,
    outbox: Outbox,
    workers: JoinSet<()>,
    stop: CancellationToken,
}

impl Runtime {
    /// Recovers what the last run left behind and starts the worker.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts { store, clock, ids, key, carrier, outbox, settings } = parts;
        let source = StoreSource::new(store.clone(), MAIL, load);
        let letters = Dispatcher::new(settings.policy.clone(), Arc::new(source), Arc::clone(&clock))?;
        recover(&store, &*clock, &ids).await?;
        letters.recover().await?;
        let outbox = Outbox::new((ids, Arc::clone(&key)), outbox, Arc::clone(&letters));
        let attempts = watch::Sender::new(0);
        let shared = Arc::new(Shared { store, clock, key, carrier, letters, settings, attempts });
        let stop = CancellationToken::new();
        let mut workers = JoinSet::new();
        workers.spawn(worker::run(Arc::clone(&shared)));
        workers.spawn(upkeep(Arc::clone(&shared), stop.clone()));
        Ok(Self { shared, outbox, workers, stop })
    }

    /// Where letters are put.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Counts attempts that were written down; whoever waits for a letter looks again when it changes.
    #[must_use]
    pub fn attempts(&self) -> watch::Receiver<u64> {
        self.shared.attempts.subscribe()
    }

    /// Stops after the letters that are on their way; what is left goes back to the store. Returns how many were still out at
    /// the deadline.
    pub async fn drain(mut self, deadline_ms: u64) -> usize {
        self.stop.cancel();
        let out = self.shared.letters.drain(deadline_ms).await;
        self.workers.shutdown().await;
        let (left, now) = (self.shared.letters.leased(), self.shared.clock.now());
        let given = self.shared.store.write(move |tx| {
            left.iter().try_for_each(|(id, fence)| work::release(tx, *id, *fence, now).map(|_| ()))
        });
        if let Err(error) = given.await {
            tracing::warn!(%error, "letters left are not given back; they are taken up when their leases end");
        }
        out
    }
}

/// A letter may be large: it is read when its turn comes, not when it is claimed.
fn load(_: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<()>>, StoreError> {
    Ok(vec![Some(()); rows.len()])
}

async fn recover(store: &Store, clock: &dyn Clock, ids: &IdGenerator) -> Result<(), StoreError> {
    let newest = store
        .read(|tx| query_one(tx, "SELECT max(id) FROM mail", &[])?.map_or(Ok(None), |row| row.opt_int(0)));
    if let Some(newest) = newest.await? {
        ids.resume_after(MessageId(newest));
    }
    if store.engine() == Engine::Sqlite {
        // What a dead process had leased is nobody's. Only where no other node can hold a lease.
        let now = clock.now();
        store.write(move |tx| work::void_leases(tx, MAIL, now)).await?;
    }
    Ok(())
}

/// Rows that a command or another server made.
async fn upkeep(shared: Arc<Shared>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(Duration::from_millis(shared.settings.upkeep_ms));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = shared.letters.recover().await {
            tracing::warn!(%error, "letters of others could not be looked for; it is tried again");
        }
    }
}
