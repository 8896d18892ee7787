//! What the workers of this family share, and how they are started and stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waypost_core::id::IdGenerator;
use waypost_core::retry::Schedule;
use waypost_core::time::{Clock, Micros};
use waypost_delivery::{Dispatcher, Policy, PolicyError, StoreSource};
use waypost_egress::Egress;
use waypost_store::directory::DirectoryHandle;
use waypost_store::{Ctx, Engine, Sql, Store, StoreError, work};

use super::addresses::Resolver;
use super::callback_item::CallbackItem;
use super::calls::{self, Calls};
use super::dnd::DndLists;
use super::gateway::Gateway;
use super::links::LinkCodes;
use super::profile::ProfileDesk;
use super::queues::Queues;
use super::recent::{HeldKeys, RecentIds};
use super::rules::{self, RuleDesk};
use super::send::{self, Accounts, Connectors, SendItem};
use super::sms_item::SmsItem;
use super::{callback, callback_load, kind, sms, sms_item, sweep};
use crate::records;

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One deadline for an attempt at a message: choosing a connection, writing, the provider's answers.
    pub submit_deadline_ms: u64,
    /// Submissions in flight over all connections.
    pub sms_in_flight_max: usize,
    /// Delays between submit attempts.
    pub sms_schedule: Schedule,
    /// One deadline for an attempt on the IP channels: tokens, writing, the provider's answer.
    pub send_deadline_ms: u64,
    /// Attempts in flight on the IP channels, over all apps.
    pub send_in_flight_max: usize,
    /// Delays between attempts on the IP channels.
    pub send_schedule: Schedule,
    /// How long a submitted message may go without a delivery report (7303 after that).
    pub receipt_window_ms: i64,
    /// How long a report on hold is tried against new messages; providers use their ids again.
    pub unmatched_receipt_ms: i64,
    /// Call-backs in flight over all endpoints.
    pub callback_concurrency: usize,
    /// One deadline for a whole call-back (spec 4.1: 10 s).
    pub callback_timeout_ms: u64,
    /// Delays between call-back attempts (spec 4.1: three, a minute apart).
    pub callback_schedule: Schedule,
    /// The longest wait a `Retry-After` can ask for.
    pub retry_after_max_ms: u64,
    /// Provider ids remembered in memory.
    pub recent_ids_max: usize,
    /// Keys of held receipts remembered in memory.
    pub held_keys_max: usize,
    /// How often the sweep for missing receipts looks.
    pub sweep_period: Duration,
    /// The program that speaks and its arguments; empty for none.
    pub tts_command: Vec<String>,
    /// The dispatcher's bounds for SMS.
    pub sms_policy: Policy,
    /// The dispatcher's bounds for the IP channels.
    pub send_policy: Policy,
    /// The dispatcher's bounds for call-backs.
    pub callback_policy: Policy,
}

/// What every worker of the family can reach.
pub struct Shared {
    /// The ledger.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids for this node.
    pub ids: Arc<IdGenerator>,
    /// Tenants, services and what belongs to them.
    pub directory: DirectoryHandle,
    /// SMS waiting for their attempt.
    pub sms: Arc<Dispatcher<SmsItem>>,
    /// Messages of the other channels waiting for theirs.
    pub sends: Arc<Dispatcher<SendItem>>,
    /// Call-backs waiting for theirs.
    pub callbacks: Arc<Dispatcher<CallbackItem>>,
    /// The one door out.
    pub egress: Egress,
    /// The SMPP connections.
    pub gateway: Gateway,
    /// The connectors of the other channels.
    pub connectors: Connectors,
    /// The SIP trunks and the calls over them.
    pub calls: Calls,
    /// App assets opened for them.
    pub accounts: Accounts,
    /// From ids to addresses.
    pub resolver: Resolver,
    /// Customers and their app profiles.
    pub profiles: ProfileDesk,
    /// What happens, and the rules that answer it.
    pub rules: RuleDesk,
    /// Queues the store knows.
    pub queues: Queues,
    /// Newest provider ids.
    pub recent: RecentIds,
    /// Receipts on hold.
    pub held: HeldKeys,
    /// The do-not-disturb lists.
    pub dnd: DndLists,
    /// The codes of short links.
    pub links: LinkCodes,
    /// What an operator set.
    pub settings: Settings,
    random: fn() -> u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").finish_non_exhaustive()
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
    /// Tenants, services and what belongs to them.
    pub directory: DirectoryHandle,
    /// The one door out.
    pub egress: Egress,
    /// The connectors of the channels other than SMS.
    pub connectors: Connectors,
    /// The codes of short links.
    pub links: LinkCodes,
    /// What an operator set.
    pub settings: Settings,
    /// Random numbers for jitter and ids.
    pub random: fn() -> u64,
}

/// Why the runtime did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store failed.
    #[error("the store failed while the messaging family started: {0}")]
    Store(#[from] StoreError),
    /// The bounds contradict each other.
    #[error("the delivery settings contradict each other: {0}")]
    Policy(#[from] PolicyError),
}

impl Shared {
    /// A random number: jitter, transaction ids.
    #[must_use]
    pub fn entropy(&self) -> u64 {
        (self.random)()
    }

    /// This node's number.
    #[must_use]
    pub fn node(&self, now: Micros) -> i64 {
        i64::from(self.ids.next_range(now, 1).node())
    }
}

/// The running workers.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
    workers: JoinSet<()>,
    stop: CancellationToken,
}

impl Runtime {
    /// Recovers what the last run left behind, lets `connect` bring up the connections, and starts the workers: in this
    /// order, for a worker that finds no connection refuses what was left behind with 7106.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start<T>(
        parts: Parts,
        connect: impl FnOnce(&Arc<Shared>) -> T,
    ) -> Result<(Self, T), StartError> {
        let shared = Arc::new(build(parts)?);
        recover(&shared).await?;
        calls::close_orphans(&shared).await?;
        let connected = connect(&shared);
        let stop = CancellationToken::new();
        let mut workers = JoinSet::new();
        workers.spawn(sms::run(Arc::clone(&shared)));
        workers.spawn(send::run(Arc::clone(&shared)));
        workers.spawn(calls::run(Arc::clone(&shared)));
        workers.spawn(callback::run(Arc::clone(&shared)));
        workers.spawn(rules::run(Arc::clone(&shared)));
        workers.spawn(shared.profiles.clone().run_queue(stop.clone()));
        workers.spawn(sweep::run(Arc::clone(&shared), shared.settings.sweep_period, stop.clone()));
        Ok((Self { shared, workers, stop }, connected))
    }

    /// What the HTTP side needs.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Stops handing out work, waits for what is in flight, closes the connections. What is left goes back to the
    /// store, where the next start, or another node, finds it at once. Returns how many attempts were still out at the
    /// deadline.
    pub async fn drain(mut self, deadline_ms: u64) -> usize {
        // First what makes messages, then the messages.
        let made = self.shared.rules.dispatcher.drain(deadline_ms).await;
        let (sms, sends) =
            tokio::join!(self.shared.sms.drain(deadline_ms), self.shared.sends.drain(deadline_ms));
        let out = made + sms + sends;
        self.shared.gateway.close(Duration::from_millis(deadline_ms)).await;
        self.shared.calls.close(Duration::from_millis(deadline_ms)).await;
        let out = out + self.shared.callbacks.drain(deadline_ms).await;
        self.stop.cancel();
        self.workers.shutdown().await;
        let left = [
            self.shared.rules.dispatcher.leased(),
            self.shared.sms.leased(),
            self.shared.sends.leased(),
            self.shared.callbacks.leased(),
        ]
        .concat();
        if let Err(error) = release(&self.shared, left).await {
            tracing::warn!(%error, "what was left is not given back; it is taken up when its leases end");
        }
        out
    }
}

/// Gives leased work back unattempted.
async fn release(shared: &Shared, left: Vec<(i64, i64)>) -> Result<(), StoreError> {
    let now = shared.clock.now();
    for some in left.chunks(RELEASED_TOGETHER_MAX) {
        let some = some.to_vec();
        let job = move |tx: &mut dyn Sql| {
            some.iter().try_for_each(|(id, fence)| work::release(tx, *id, *fence, now).map(|_| ()))
        };
        shared.store.write_own(job).await?;
    }
    Ok(())
}

/// Work given back in one transaction.
const RELEASED_TOGETHER_MAX: usize = 500;

fn build(parts: Parts) -> Result<Shared, PolicyError> {
    let Parts { store, clock, ids, directory, egress, connectors, links, settings, random } = parts;
    let sms_source = StoreSource::new(store.clone(), kind::SMS, sms_item::load);
    let send_source = StoreSource::new(store.clone(), kind::SEND, send::load);
    let load = callback_load::loader(directory.clone());
    let callback_source = StoreSource::new(store.clone(), kind::CALLBACK, load);
    let sms = Dispatcher::new(settings.sms_policy.clone(), Arc::new(sms_source), Arc::clone(&clock))?;
    let sends = Dispatcher::new(settings.send_policy.clone(), Arc::new(send_source), Arc::clone(&clock))?;
    let callbacks =
        Dispatcher::new(settings.callback_policy.clone(), Arc::new(callback_source), Arc::clone(&clock))?;
    // A rule's attempt is one commit, far shorter than a call-back.
    let rule_source = StoreSource::new(store.clone(), kind::RULE, rules::loader);
    let rules = Dispatcher::new(settings.callback_policy.clone(), Arc::new(rule_source), Arc::clone(&clock))?;
    let rules = RuleDesk::new(directory.clone(), Arc::clone(&ids), rules);
    let (recent, held) = (RecentIds::new(settings.recent_ids_max), HeldKeys::new(settings.held_keys_max));
    Ok(Shared {
        gateway: Gateway::default(),
        connectors,
        calls: Calls::new(settings.tts_command.clone()),
        accounts: Accounts::default(),
        resolver: Resolver::new(store.clone()),
        profiles: ProfileDesk::new(store.clone(), directory.clone(), Arc::clone(&clock))
            .with_rules(rules.clone()),
        rules,
        queues: Queues::default(),
        dnd: DndLists::default(),
        store,
        clock,
        ids,
        directory,
        sms,
        sends,
        callbacks,
        egress,
        recent,
        held,
        links,
        settings,
        random,
    })
}

async fn recover(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let max = i64::try_from(shared.settings.held_keys_max).unwrap_or(i64::MAX);
    let ctx = Ctx::all("start");
    let since = shared.clock.now().sub_ms(shared.settings.unmatched_receipt_ms);
    let (newest, held) = shared
        .store
        .read(move |tx| {
            let held = records::receipt_held::open_hashes(tx, &ctx, since, max)?;
            Ok((records::sweep::newest(tx, &ctx)?, held))
        })
        .await?;
    shared.ids.resume_after(newest);
    held.into_iter().for_each(|key| shared.held.add(key));
    shared.dnd.load(&shared.store).await?;
    void_leases(shared).await?;
    shared.look_for_work().await
}

impl Shared {
    /// Learns which queues have work in the store, whoever put it there.
    pub(super) async fn look_for_work(&self) -> Result<(), StoreError> {
        self.rules.dispatcher.recover().await?;
        self.sms.recover().await?;
        self.sends.recover().await?;
        self.callbacks.recover().await
    }
}

/// What a dead process had leased is nobody's. Only where no other node can hold a lease.
async fn void_leases(shared: &Arc<Shared>) -> Result<(), StoreError> {
    if shared.store.engine() != Engine::Sqlite {
        return Ok(());
    }
    let now = shared.clock.now();
    shared
        .store
        .write_own(move |tx| {
            work::void_leases(tx, kind::SMS, now)?;
            work::void_leases(tx, kind::SEND, now)?;
            work::void_leases(tx, kind::RULE, now)?;
            work::void_leases(tx, kind::CALLBACK, now)
        })
        .await
        .map(|_| ())
}
