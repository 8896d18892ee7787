//! Devices of in-app messaging: thousands of MQTT sessions on one thread, each subscribed to its own topic.

mod packets;
mod register;
mod session;

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::sync::Semaphore;

use crate::board::Board;
use crate::places::{runtime, wait_until};

pub use register::{Device, register};

/// The app of the measurements.
pub const APP: &str = "MU10000001";
/// Its client key.
pub const CLIENT_KEY: &str = "bench-client-key";
/// Sessions that are being opened at once: more would overflow the listener's queue, which is no server's fault.
const OPENING: usize = 64;
/// Longest time for all of them to be open.
const OPEN_LIMIT: Duration = Duration::from_secs(120);

/// The user of a device by its number.
#[must_use]
pub fn user(number: u32) -> String {
    format!("u{number:06}")
}

/// What the sessions of a crowd share.
struct Shared {
    broker: SocketAddr,
    qos: u8,
    keep_alive_s: u16,
    board: Arc<Board>,
    opening: Semaphore,
    counts: Arc<Counts>,
}

/// What happened so far.
#[derive(Debug, Default)]
struct Counts {
    open: AtomicU32,
    broken: AtomicU32,
    stop: AtomicBool,
}

/// Open sessions on a thread of their own; they end when this is dropped.
#[derive(Debug)]
pub struct Crowd {
    counts: Arc<Counts>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Crowd {
    /// Connects and subscribes every device and waits until all are. Messages are marked on the board as submitted.
    ///
    /// # Errors
    /// When one is refused, or they are not open in time.
    pub fn open(
        broker: SocketAddr,
        devices: Vec<Device>,
        qos: u8,
        keep_alive_s: u16,
        board: Arc<Board>,
    ) -> anyhow::Result<Self> {
        let counts = Arc::<Counts>::default();
        let wanted = u32::try_from(devices.len())?;
        let theirs = counts.clone();
        let run = move || {
            let opening = Semaphore::new(OPENING);
            let shared = Rc::new(Shared { broker, qos, keep_alive_s, board, opening, counts: theirs });
            tokio::task::LocalSet::new().block_on(&runtime()?, run_all(shared, devices));
            Ok(())
        };
        let thread = Some(std::thread::Builder::new().name("devices".to_owned()).spawn(run)?);
        let crowd = Self { counts, thread };
        wait_until(OPEN_LIMIT, Duration::from_millis(20), || {
            crowd.counts.open.load(Relaxed) == wanted || crowd.broken() > 0
        });
        let open = crowd.counts.open.load(Relaxed);
        ensure!(open == wanted, "{open} of {wanted} sessions are open, {} broke", crowd.broken());
        Ok(crowd)
    }

    /// Sessions that broke since they were opened, or could not be.
    #[must_use]
    pub fn broken(&self) -> u32 {
        self.counts.broken.load(Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.counts.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic over there was printed over there.
            let _ = thread.join();
        }
    }
}

/// How often the thread looks whether it is to end.
const STOP_PAUSE: Duration = Duration::from_millis(50);

async fn run_all(shared: Rc<Shared>, devices: Vec<Device>) {
    for device in devices {
        let shared = shared.clone();
        tokio::task::spawn_local(async move {
            let ended = session::run(&shared, &device).await.context("a device's session");
            if let Err(error) = ended
                && !shared.counts.stop.load(Relaxed)
                && shared.counts.broken.fetch_add(1, Relaxed) == 0
            {
                eprintln!("the first session to break: {error:#}");
            }
        });
    }
    while !shared.counts.stop.load(Relaxed) {
        tokio::time::sleep(STOP_PAUSE).await;
    }
}
