//! A SIP trunk: the connection to a provider, kept, asked whether it is there, and the calls over it.

mod call;
mod dial;
mod leg;
mod pace;
mod place;
mod player;
mod run;
mod talk;
mod wire;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::config::{TrunkConfig, TrunkConfigError};
use super::meters;
use super::sip::message::Message;
use crate::push::Randomness;

pub use place::{Listener, Order, Placing};

use pace::Pace;
use wire::Sink;

/// Messages of one call that wait for its task.
const MESSAGES_MAX: usize = 32;

/// A trunk in use. A clone is a handle to the same one.
#[derive(Clone)]
pub struct Trunk {
    shared: Arc<Shared>,
    runner: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl std::fmt::Debug for Trunk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Trunk").field("name", &self.shared.config.name).finish_non_exhaustive()
    }
}

/// How a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the far side can be reached, as far as is known.
    pub is_up: bool,
    /// Calls under way.
    pub calls: usize,
}

/// What the tasks of a trunk share.
struct Shared {
    config: TrunkConfig,
    random: Arc<dyn Randomness>,
    epoch: Instant,
    line: watch::Sender<Option<Line>>,
    registry: Mutex<HashMap<String, mpsc::Sender<Message>>>,
    slots: Arc<Semaphore>,
    pace: Mutex<Pace>,
    tasks: Mutex<JoinSet<()>>,
    /// Calls end.
    ending: CancellationToken,
    /// Everything ends.
    stop: CancellationToken,
}

/// The way to the far side while it is open.
#[derive(Clone, Debug)]
struct Line {
    sink: Sink,
    local: SocketAddr,
    peer: SocketAddr,
    is_up: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trunk {
    /// Opens a trunk and keeps it open until [`Self::close`].
    ///
    /// # Errors
    /// The first setting that cannot be.
    pub fn spawn(config: TrunkConfig, random: Arc<dyn Randomness>) -> Result<Self, TrunkConfigError> {
        config.check()?;
        let calls = usize::try_from(config.calls_max).unwrap_or(1);
        let shared = Arc::new(Shared {
            pace: Mutex::new(Pace::per_second(config.calls_per_second)),
            config,
            random,
            epoch: Instant::now(),
            line: watch::Sender::new(None),
            registry: Mutex::new(HashMap::new()),
            slots: Arc::new(Semaphore::new(calls)),
            tasks: Mutex::new(JoinSet::new()),
            ending: CancellationToken::new(),
            stop: CancellationToken::new(),
        });
        let runner = tokio::spawn(run::run(Arc::clone(&shared)));
        Ok(Self { shared, runner: Arc::new(Mutex::new(Some(runner))) })
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &TrunkConfig {
        &self.shared.config
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let is_up = self.shared.line.borrow().as_ref().is_some_and(|line| line.is_up);
        Standing { is_up, calls: self.shared.running() }
    }

    /// Waits until the way to the far side is open.
    pub async fn opened(&self) {
        let mut line = self.shared.line.subscribe();
        // The sender lives as long as the trunk.
        let _ = line.wait_for(Option::is_some).await;
    }

    /// Places a call. Returns when the far side has it or refused it; everything later is told to the order's listener,
    /// in order.
    pub async fn place(&self, order: Order) -> Placing {
        place::place(&self.shared, order).await
    }

    /// Hangs up what is under way, waits for the ends at most `patience`, and closes the connection. No task, port or
    /// socket of the trunk is left afterwards.
    pub async fn close(&self, patience: Duration) {
        self.shared.ending.cancel();
        self.shared.slots.close();
        let mut tasks = std::mem::take(&mut *locked(&self.shared.tasks));
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::warn!(trunk = self.shared.config.name, "calls had not ended when the trunk was closed");
        }
        tasks.shutdown().await;
        self.shared.stop.cancel();
        let runner = locked(&self.runner).take();
        if let Some(runner) = runner {
            // It ends at once; a panic of its own is in the log.
            let _ = runner.await;
        }
    }
}

impl Shared {
    /// Milliseconds since the trunk was opened: what the machines count in.
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn at(&self, ms: u64) -> Instant {
        self.epoch + Duration::from_millis(ms)
    }

    /// Runs the task of a call; closing the trunk waits for it.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = locked(&self.tasks);
        // Those that ended are let go here, so that the set holds no more than what runs.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    fn running(&self) -> usize {
        usize::try_from(self.config.calls_max).unwrap_or(0).saturating_sub(self.slots.available_permits())
    }

    fn note_running(&self) {
        meters::running(&self.config.name, self.running());
    }

    /// Sends the newest way: a connection that broke has been opened anew. `last` is the way that was known.
    async fn send(&self, last: &Line, bytes: &[u8]) {
        let sink = self.line.borrow().as_ref().map(|line| line.sink.clone());
        sink.unwrap_or_else(|| last.sink.clone()).send(bytes).await;
    }

    /// Eight random octets.
    fn draw(&self) -> u64 {
        let mut bytes = [0; 8];
        // The operating system's generator does not fail once it has started; sequence would be guessed, no more.
        let _ = self.random.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn token(&self) -> String {
        format!("{:016x}", self.draw())
    }

    /// The address the far side is told.
    fn public(&self, local: IpAddr) -> IpAddr {
        self.config.public_address.unwrap_or(local)
    }
}
