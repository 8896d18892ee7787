//! A running partner.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use waypost_content::rules::MemoryShelf;

use super::journal::{Counts, Seen};
use super::serve::{self, Inner};
use super::state::State;
use super::{Faults, PartnerConfig};

/// The simulator.
#[derive(Debug)]
pub struct SimulatedPartner;

/// A running partner. Dropping it stops listening.
#[derive(Debug)]
pub struct PartnerHandle {
    address: SocketAddr,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl SimulatedPartner {
    /// Listens and answers until the handle is dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: PartnerConfig) -> io::Result<PartnerHandle> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let state = State::with(config.faults.clone());
        let inner = Arc::new(Inner { config, state: Mutex::new(state), changed: Notify::new() });
        let server = tokio::spawn(serve::run(listener, Arc::clone(&inner)));
        Ok(PartnerHandle { address, inner, server })
    }
}

impl PartnerHandle {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands before `/hotel`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The credentials it expects.
    #[must_use]
    pub fn credentials(&self) -> (&str, &str) {
        (&self.inner.config.user, &self.inner.config.password)
    }

    /// Changes how it misbehaves, from the next message on.
    pub fn set_faults(&self, faults: Faults) {
        self.inner.state().faults = faults;
    }

    /// Looks at, or changes, what it holds, behind the protocol's back.
    pub fn with_shelf<T>(&self, look: impl FnOnce(&mut MemoryShelf) -> T) -> T {
        look(&mut self.inner.state().shelf)
    }

    /// Counts since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner.state().journal.counts
    }

    /// The newest pushes, oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<Seen> {
        self.inner.state().journal.kept()
    }

    /// Waits until the counts satisfy `reached`. Told, not polled; give it a deadline.
    pub async fn wait(&self, reached: impl Fn(&Counts) -> bool) -> Counts {
        loop {
            let mut changed = pin!(self.inner.changed.notified());
            changed.as_mut().enable();
            let counts = self.counts();
            if reached(&counts) {
                return counts;
            }
            changed.await;
        }
    }
}

impl Drop for PartnerHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}
