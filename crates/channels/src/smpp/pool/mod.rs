//! Several connections as one: weighted choice, failover.

mod chooser;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::select_all;
use tokio::time::Instant;

pub use self::chooser::{Chooser, Member, PoolSettings};
use super::{
    link::{Closed, ConnectionHandle, Permit},
    types::{NotSent, Submit, SubmitError, SubmitResult},
};

/// Connections that can carry the same messages.
#[derive(Debug)]
pub struct Pool {
    connections: Vec<ConnectionHandle>,
    chooser: Mutex<Chooser>,
}

/// One submit by a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Which of [`Pool::connections`] was tried last.
    pub connection: usize,
    /// What became of it there.
    pub result: SubmitResult,
}

impl Pool {
    /// A pool whose connections share the traffic by their configured weights.
    #[must_use]
    pub fn new(connections: Vec<ConnectionHandle>, settings: PoolSettings) -> Self {
        let weights = connections.iter().map(|connection| connection.config().weight).collect();
        Self { chooser: Mutex::new(Chooser::new(weights, settings)), connections }
    }

    /// The connections, in the order given.
    #[must_use]
    pub fn connections(&self) -> &[ConnectionHandle] {
        &self.connections
    }

    /// Whether at least one connection is bound.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.connections.iter().any(|connection| connection.state().bound_since().is_some())
    }

    /// A place in the window of the connection whose turn it is among those that are bound and have one. Connections
    /// that failed lately are taken only when no other is bound.
    #[must_use]
    pub fn try_reserve(&self) -> Option<(usize, Permit)> {
        self.try_reserve_without(&[])
    }

    /// Waits for a place in the window of any connection.
    ///
    /// # Errors
    /// [`Closed`] when all connections are closed.
    pub async fn reserve(&self) -> Result<(usize, Permit), Closed> {
        self.reserve_without(&[]).await
    }

    /// As [`Pool::reserve`], leaving out the connections in `excluded`.
    ///
    /// # Errors
    /// [`Closed`] when all the others are closed, or there is none.
    pub async fn reserve_without(&self, excluded: &[usize]) -> Result<(usize, Permit), Closed> {
        if let Some(reserved) = self.try_reserve_without(excluded) {
            return Ok(reserved);
        }
        if let ([only], []) = (self.connections.as_slice(), excluded) {
            return Ok((0, only.reserve().await?));
        }
        self.reserve_any(excluded).await
    }

    /// Submits one part. When it is known not to have been sent it is tried on the other connections in turn;
    /// whatever an SMSC said, and an unknown fate, end the attempt. Never waits for a bind.
    pub async fn submit_on(&self, submit: Submit) -> Submission {
        let mut tried = Vec::new();
        let mut last = Submission { connection: 0, result: Err(SubmitError::NotSent(NotSent::NotBound)) };
        while tried.len() < self.connections.len() {
            let Some((connection, permit)) = self.reserve_bound(&tried).await else { break };
            let result = permit.submit(submit.clone()).await;
            self.note(connection, &result);
            last = Submission { connection, result };
            if !matches!(last.result, Err(SubmitError::NotSent(_))) {
                break;
            }
            tried.push(connection);
        }
        last
    }

    /// Records what became of a submit made with a permit of this pool, so that failing connections are avoided.
    pub fn note(&self, connection: usize, result: &SubmitResult) {
        let mut chooser = self.chooser();
        match result {
            Err(SubmitError::NotSent(NotSent::TooLong)) => {}
            Err(SubmitError::NotSent(_) | SubmitError::Unknown(_)) => {
                chooser.failed(connection, Instant::now().into_std());
            }
            // An SMSC that answers is alive, whatever it says.
            Ok(_) | Err(SubmitError::Status(_) | SubmitError::Throttled(_) | SubmitError::Nack(_)) => {
                chooser.succeeded(connection);
            }
        }
    }

    /// Closes all connections at once; see [`ConnectionHandle::close`].
    pub async fn close(&self, patience: Duration) {
        futures_util::future::join_all(self.connections.iter().map(|connection| connection.close(patience)))
            .await;
    }

    /// As [`Pool::try_reserve`], leaving out the connections in `tried`: for failover within one attempt.
    #[must_use]
    pub fn try_reserve_without(&self, tried: &[usize]) -> Option<(usize, Permit)> {
        let mut chooser = self.chooser();
        let now = Instant::now().into_std();
        let mut excluded = tried.to_vec();
        loop {
            let chosen = chooser.choose(now, |index| {
                let since = self.connections[index].state();
                if excluded.contains(&index) || !since.is_ready() { None } else { since.bound_since() }
            })?;
            match self.connections[chosen].try_reserve() {
                Ok(permit) => return Some((chosen, permit)),
                Err(_) => excluded.push(chosen),
            }
        }
    }

    /// As [`Pool::reserve`], but gives up when no connection beside the tried ones is bound.
    async fn reserve_bound(&self, tried: &[usize]) -> Option<(usize, Permit)> {
        if let Some(reserved) = self.try_reserve_without(tried) {
            return Some(reserved);
        }
        let waiting = (0..self.connections.len())
            .filter(|index| !tried.contains(index))
            .map(async |index| (index, self.connections[index].reserve_bound().await))
            .map(Box::pin);
        let mut waiting: Vec<_> = waiting.collect();
        while !waiting.is_empty() {
            let ((index, permit), _, rest) = select_all(waiting).await;
            if let Ok(permit) = permit {
                return Some((index, permit));
            }
            waiting = rest;
        }
        None
    }

    async fn reserve_any(&self, excluded: &[usize]) -> Result<(usize, Permit), Closed> {
        let mut waiting: Vec<_> = self
            .connections
            .iter()
            .enumerate()
            .filter(|(index, _)| !excluded.contains(index))
            .map(|(index, connection)| Box::pin(async move { (index, connection.reserve().await) }))
            .collect();
        while !waiting.is_empty() {
            let ((index, permit), _, rest) = select_all(waiting).await;
            if let Ok(permit) = permit {
                return Ok((index, permit));
            }
            waiting = rest;
        }
        Err(Closed)
    }

    fn chooser(&self) -> MutexGuard<'_, Chooser> {
        self.chooser.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
