//! The caller's side of a connection.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, TryAcquireError, mpsc, oneshot, watch},
    time::Instant,
};

use super::{
    core::{Core, LinkState, Status},
    prepared::Prepared,
    ticket::{Command, Reply, SubmitFuture, SubmitSink, Ticket},
};
use crate::smpp::{
    config::{BindMode, ConnectionConfig},
    outcomes::Outcomes,
    types::{NotSent, Submit, SubmitError, SubmitResult},
};

/// A connection as its users see it; cheap to clone. When the last clone is gone the connection unbinds.
#[derive(Clone)]
pub struct ConnectionHandle {
    inner: Arc<Inner>,
}

struct Inner {
    config: Arc<Prepared>,
    links: Vec<(Arc<Core>, mpsc::Sender<Command>)>,
    close: watch::Sender<Option<Instant>>,
}

/// A place in the window of a bound connection.
#[derive(Debug)]
#[must_use = "a permit holds a place in the window"]
pub struct Permit {
    place: OwnedSemaphorePermit,
    commands: mpsc::Sender<Command>,
}

/// Why there is no permit right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveError {
    /// The connection is not bound, or pausing after a throttling answer.
    #[error("the connection is not ready")]
    NotReady,
    /// All places are taken.
    #[error("the window is full")]
    WindowFull,
    /// The connection is closed, or only receives.
    #[error("the connection does not send")]
    Closed,
}

/// The connection is closed, or only receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection does not send")]
pub struct Closed;

impl ConnectionHandle {
    pub(super) fn new(
        config: Arc<Prepared>,
        links: Vec<(Arc<Core>, mpsc::Sender<Command>)>,
        close: watch::Sender<Option<Instant>>,
    ) -> Self {
        Self { inner: Arc::new(Inner { config, links, close }) }
    }

    /// The connection's configuration.
    #[must_use]
    pub fn config(&self) -> &ConnectionConfig {
        &self.inner.config
    }

    /// The connection's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.inner.config.name
    }

    /// What this provider's statuses and receipts mean: the built-in table and the connection's own rows.
    #[must_use]
    pub fn outcomes(&self) -> &Outcomes {
        &self.inner.config.outcomes
    }

    /// A place in the window, if the connection is ready and has one.
    ///
    /// # Errors
    /// [`ReserveError`] says what is missing.
    pub fn try_reserve(&self) -> Result<Permit, ReserveError> {
        let (core, commands) = self.sender().map_err(|Closed| ReserveError::Closed)?;
        if !core.is_ready() && !core.window.is_closed() {
            return Err(ReserveError::NotReady);
        }
        match Arc::clone(&core.window).try_acquire_owned() {
            Ok(place) => Ok(Permit { place, commands: commands.clone() }),
            Err(TryAcquireError::NoPermits) => Err(ReserveError::WindowFull),
            Err(TryAcquireError::Closed) => Err(ReserveError::Closed),
        }
    }

    /// Waits until the connection is ready and has a place in its window, for as long as that takes.
    ///
    /// # Errors
    /// [`Closed`] when that will never be.
    pub async fn reserve(&self) -> Result<Permit, Closed> {
        let (core, commands) = self.sender()?;
        loop {
            if !core.is_ready() && !core.window.is_closed() {
                let ready = |state: &LinkState| state.is_ready() || *state == LinkState::Closed;
                core.watch().wait_for(ready).await.map_err(|_| Closed)?;
            }
            let place = Arc::clone(&core.window).acquire_owned().await.map_err(|_| Closed)?;
            if core.is_ready() {
                return Ok(Permit { place, commands: commands.clone() });
            }
        }
    }

    /// As [`ConnectionHandle::reserve`], but gives up when the connection is not bound, or is lost meanwhile.
    ///
    /// # Errors
    /// [`NotSent::NotBound`] or [`NotSent::Closed`].
    pub async fn reserve_bound(&self) -> Result<Permit, NotSent> {
        let (core, _) = self.sender().map_err(|Closed| NotSent::Closed)?;
        let mut state = core.watch();
        tokio::select! {
            biased;
            permit = self.reserve() => permit.map_err(|Closed| NotSent::Closed),
            _ = state.wait_for(|state| state.bound_since().is_none()) => Err(NotSent::NotBound),
        }
    }

    /// Submits one part: waits for a place in the window, but not for a connection that is not bound.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit(&self, submit: Submit) -> SubmitResult {
        self.reserve_bound().await.map_err(SubmitError::NotSent)?.submit(submit).await
    }

    /// The connection at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        let second = self.inner.links.get(1).map(|(core, _)| core.as_ref());
        self.first().status(second)
    }

    /// State of the link that sends (of the receiver when the connection only receives).
    #[must_use]
    pub fn state(&self) -> LinkState {
        self.first().state()
    }

    /// Follows [`ConnectionHandle::state`].
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<LinkState> {
        self.first().watch()
    }

    /// Waits until every link is bound.
    ///
    /// # Errors
    /// [`Closed`] when that will never be.
    pub async fn bound(&self) -> Result<(), Closed> {
        for (core, _) in &self.inner.links {
            let mut state = core.watch();
            let decided = |state: &LinkState| state.bound_since().is_some() || *state == LinkState::Closed;
            let state = state.wait_for(decided).await.map_err(|_| Closed)?;
            if *state == LinkState::Closed {
                return Err(Closed);
            }
        }
        Ok(())
    }

    /// Takes no more submits, waits up to `patience` for what is in flight, unbinds and disconnects.
    pub async fn close(&self, patience: Duration) {
        self.inner.close.send_if_modified(|close| {
            let first = close.is_none();
            close.get_or_insert(Instant::now() + patience);
            first
        });
        for (core, _) in &self.inner.links {
            // An error means that the task is gone, which is what was wanted.
            drop(core.watch().wait_for(|state| *state == LinkState::Closed).await);
        }
    }

    fn first(&self) -> &Core {
        &self.inner.links[0].0
    }

    fn sender(&self) -> Result<&(Arc<Core>, mpsc::Sender<Command>), Closed> {
        match self.inner.config.bind_mode {
            BindMode::Receiver => Err(Closed),
            BindMode::Transceiver | BindMode::Transmitter | BindMode::Pair => {
                self.inner.links.first().ok_or(Closed)
            }
        }
    }
}

impl std::fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionHandle").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl Permit {
    /// Submits one part. The part is queued at once, whether or not the future is polled.
    pub fn submit(self, submit: Submit) -> SubmitFuture {
        let (sender, receiver) = oneshot::channel();
        self.enqueue(submit, Reply::One(sender));
        SubmitFuture(receiver)
    }

    /// Submits one part whose outcome goes to `sink` with `token`: no allocation per message.
    pub fn submit_to(self, submit: Submit, sink: &Arc<dyn SubmitSink>, token: u64) {
        self.enqueue(submit, Reply::Sink(Arc::clone(sink), token));
    }

    fn enqueue(self, submit: Submit, reply: Reply) {
        let command = Command { submit, ticket: Ticket::new(reply, self.place) };
        // The queue is as long as the window has places, so only a closed one refuses.
        if let Err(refused) = self.commands.try_send(command) {
            refused.into_inner().ticket.complete(Err(SubmitError::NotSent(NotSent::Closed)));
        }
    }
}
