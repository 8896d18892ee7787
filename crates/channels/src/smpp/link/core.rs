//! What a link's task and its handles share.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use tokio::sync::{Semaphore, watch};

use super::{meters::Meters, prepared::Prepared};

/// Where a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Connecting or waiting for the bind's answer.
    Connecting,
    /// Bound and sending.
    Bound {
        /// Since when.
        since: Instant,
    },
    /// Bound, but pausing after the SMSC said: too fast.
    Throttled {
        /// Bound since when.
        since: Instant,
        /// End of the pause.
        until: Instant,
    },
    /// Waiting before the next attempt.
    BackingOff {
        /// When that is.
        until: Instant,
        /// What went wrong, for people.
        why: String,
    },
    /// Finishing what is in flight.
    Closing,
    /// Over.
    Closed,
}

impl LinkState {
    /// Since when the link is bound, throttled or not.
    #[must_use]
    pub fn bound_since(&self) -> Option<Instant> {
        match self {
            Self::Bound { since } | Self::Throttled { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// Whether submits are taken right now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Bound { .. })
    }
}

/// A connection at one moment, for the operators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// State of the link that sends; of the receiver when the connection only receives.
    pub state: LinkState,
    /// State of the second link of a pair.
    pub receiver: Option<LinkState>,
    /// Submits without an answer.
    pub in_flight: usize,
    /// Submits accepted since the start.
    pub submitted_total: u64,
    /// Submits that ended any other way since the start.
    pub failed_total: u64,
    /// Messages and receipts answered since the start.
    pub delivered_total: u64,
    /// The last thing that went wrong with the link.
    pub last_error: Option<String>,
}

pub(super) struct Core {
    pub(super) window: Arc<Semaphore>,
    pub(super) meters: Meters,
    state: watch::Sender<LinkState>,
    ready: AtomicBool,
    in_flight: AtomicUsize,
    submitted: AtomicU64,
    failed: AtomicU64,
    delivered: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl Core {
    pub(super) fn new(config: &Prepared) -> Self {
        Self {
            window: Arc::new(Semaphore::new(usize::from(config.window))),
            meters: Meters::new(&config.name),
            state: watch::Sender::new(LinkState::Connecting),
            ready: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            submitted: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            last_error: Mutex::new(None),
        }
    }

    pub(super) fn set_state(&self, state: LinkState) {
        self.ready.store(state.is_ready(), Relaxed);
        if let LinkState::BackingOff { why, .. } = &state {
            *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
        }
        self.state.send_if_modified(|current| {
            let changed = *current != state;
            *current = state;
            changed
        });
    }

    pub(super) fn state(&self) -> LinkState {
        self.state.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<LinkState> {
        self.state.subscribe()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Relaxed)
    }

    pub(super) fn set_in_flight(&self, count: usize) {
        if self.in_flight.swap(count, Relaxed) != count {
            self.meters.set_in_flight(count);
        }
    }

    pub(super) fn count_submit(&self, accepted: bool) {
        let counter = if accepted { &self.submitted } else { &self.failed };
        counter.fetch_add(1, Relaxed);
    }

    pub(super) fn count_delivery(&self) {
        self.delivered.fetch_add(1, Relaxed);
    }

    pub(super) fn status(&self, receiver: Option<&Self>) -> Status {
        let others = receiver.map_or(0, |core| core.delivered.load(Relaxed));
        Status {
            state: self.state(),
            receiver: receiver.map(Self::state),
            in_flight: self.in_flight.load(Relaxed),
            submitted_total: self.submitted.load(Relaxed),
            failed_total: self.failed.load(Relaxed),
            delivered_total: self.delivered.load(Relaxed) + others,
            last_error: self.last_error().or_else(|| receiver.and_then(Self::last_error)),
        }
    }

    fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
