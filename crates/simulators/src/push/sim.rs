//! Holding a simulated cloud: what it saw, and what it is to do.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Messages kept in the log; the oldest go first.
const LOG_MAX: usize = 1_000;

/// A message as it came, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The token, or the last part of the endpoint.
    pub address: String,
    /// FCM's `message`, APNs' payload, the decrypted content of Web Push; null when it could not be read.
    pub body: Value,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The HTTP version, as `HTTP/2.0`.
    pub version: String,
    /// The status answered.
    pub status: u16,
    /// The provider's word answered; empty when the message was taken.
    pub error: String,
    /// The id given to the message; empty when it was refused.
    pub id: String,
}

impl Received {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A fault of the whole cloud, used up by one request for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer that the connector maps to this code, whatever the address.
    Code(u16),
    /// The answer with this word of the provider, such as `ExpiredProviderToken`.
    Error(String),
    /// A status without the provider's form, with `retry-after` in seconds.
    Status(u16, Option<u32>),
    /// No answer.
    Silence,
    /// Taken and counted at once, answered when [`Sim::answer_late`] is called.
    Late,
    /// The connection breaks off, or with HTTP/2 the stream.
    Reset,
}

/// A running cloud. Dropping it ends every connection and stops listening.
pub struct Sim {
    address: SocketAddr,
    pub(super) shared: Arc<Shared>,
    acceptor: JoinHandle<()>,
}

/// What connections share.
pub(super) struct Shared {
    log: Mutex<VecDeque<Received>>,
    count: watch::Sender<u64>,
    faults: Mutex<VecDeque<Fault>>,
    pub(super) connections: watch::Sender<u64>,
    pub(super) goodbyes: watch::Sender<u64>,
    pub(super) late: watch::Sender<u64>,
    pub(super) end: Notify,
}

impl Default for Shared {
    fn default() -> Self {
        let (log, faults) = (Mutex::default(), Mutex::default());
        let counter = || watch::Sender::new(0);
        let (count, connections, goodbyes, late) = (counter(), counter(), counter(), counter());
        Self { log, count, faults, connections, goodbyes, late, end: Notify::new() }
    }
}

impl Shared {
    pub(super) fn keep(&self, received: Received) {
        let mut log = lock(&self.log);
        if log.len() >= LOG_MAX {
            log.pop_front();
        }
        log.push_back(received);
        drop(log);
        self.count.send_modify(|count| *count += 1);
    }

    pub(super) fn next_fault(&self) -> Option<Fault> {
        lock(&self.faults).pop_front()
    }
}

impl Sim {
    pub(super) fn new(address: SocketAddr, shared: Arc<Shared>, acceptor: JoinHandle<()>) -> Self {
        Self { address, shared, acceptor }
    }

    /// Where it listens, for the settings of an app.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last messages, oldest first, refused ones too.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.log).iter().cloned().collect()
    }

    /// Connections accepted since the start.
    #[must_use]
    pub fn connections(&self) -> u64 {
        *self.shared.connections.borrow()
    }

    /// Waits until `count` messages were answered since the start. Told, not polled; give it a deadline.
    pub async fn wait_for(&self, count: u64) -> Vec<Received> {
        let mut counted = self.shared.count.subscribe();
        // The sender lives as long as this handle.
        drop(pin!(counted.wait_for(|counted| *counted >= count)).await);
        self.received()
    }

    /// What happens to the next request for a message; several queue up.
    pub fn fail_next(&self, fault: Fault) {
        lock(&self.shared.faults).push_back(fault);
    }

    /// Answers every request that [`Fault::Late`] keeps waiting.
    pub fn answer_late(&self) {
        self.shared.late.send_modify(|count| *count += 1);
    }

    /// Says goodbye on every HTTP/2 connection (GOAWAY): requests under way are answered, new ones need a new connection.
    pub fn go_away(&self) {
        self.shared.goodbyes.send_modify(|count| *count += 1);
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.acceptor.abort();
        self.shared.end.notify_waiters();
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("address", &self.address).finish_non_exhaustive()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
