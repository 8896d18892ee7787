//! One connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http2::SendRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::pool::Driver;

/// A connection. Dropping the last handle ends it at once.
pub(crate) struct Link {
    sender: SendRequest<Full<Bytes>>,
    slots: Arc<Semaphore>,
    slots_max: usize,
    is_retired: AtomicBool,
    last_used: Mutex<Instant>,
    _driver: Driver,
}

impl Link {
    pub(crate) fn new(sender: SendRequest<Full<Bytes>>, driver: Driver, slots_max: usize) -> Self {
        let slots_max = slots_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            sender,
            slots: Arc::new(Semaphore::new(slots_max)),
            slots_max,
            is_retired: AtomicBool::new(false),
            last_used: Mutex::new(Instant::now()),
            _driver: driver,
        }
    }

    /// Whether it takes another exchange, some day.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_retired.load(Ordering::Relaxed) && !self.sender.is_closed()
    }

    /// Whether it is worth keeping: open, and in use or used not long ago.
    pub(crate) fn is_usable(&self, age_max: Duration) -> bool {
        let last = *self.last_used.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_open() && (self.slots_free() < self.slots_max || last.elapsed() < age_max)
    }

    pub(crate) fn slots_free(&self) -> usize {
        self.slots.available_permits()
    }

    /// Takes no new exchange; those under way come to their end.
    pub(crate) fn retire(&self) {
        self.is_retired.store(true, Ordering::Relaxed);
    }
}

/// The right to one exchange on a connection.
pub(crate) struct Slot {
    link: Arc<Link>,
    _permit: OwnedSemaphorePermit,
    is_answered: bool,
}

impl Slot {
    /// A slot at once, if one is free.
    pub(crate) fn try_of(link: &Arc<Link>) -> Option<Self> {
        let permit = Arc::clone(&link.slots).try_acquire_owned().ok()?;
        Some(Self::with(link, permit))
    }

    /// A slot when one is free.
    pub(crate) async fn of(link: &Arc<Link>) -> Option<Self> {
        let permit = Arc::clone(&link.slots).acquire_owned().await.ok()?;
        Some(Self::with(link, permit))
    }

    fn with(link: &Arc<Link>, permit: OwnedSemaphorePermit) -> Self {
        Self { link: Arc::clone(link), _permit: permit, is_answered: false }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.link.is_open()
    }

    pub(crate) fn sender(&self) -> SendRequest<Full<Bytes>> {
        self.link.sender.clone()
    }

    /// The connection lives: something came back.
    pub(crate) fn answered(&mut self) {
        self.is_answered = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // Given up without an answer: the deadline struck, or the connection broke.
        if !self.is_answered {
            self.link.retire();
        }
        *self.link.last_used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}
