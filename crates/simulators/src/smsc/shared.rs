//! What the sessions and the handle of an SMSC share.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    config::SmscConfig,
    counters::{Tally, bump},
    log::Log,
    outbox::Outbox,
    receipt::Outgoing,
};

/// What the handle asks of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Carry on.
    Serve,
    /// End without a word.
    Disconnect,
    /// Send `unbind`, then end.
    Unbind,
}

pub(super) struct Shared {
    pub(super) config: SmscConfig,
    pub(super) tally: Tally,
    outbox: Mutex<Outbox>,
    /// Changes whenever something is added to the outbox.
    pub(super) outbox_version: watch::Sender<u64>,
    pub(super) log: Mutex<Log>,
    pub(super) orders: watch::Sender<Order>,
    pub(super) paused: watch::Sender<bool>,
    /// Told after every turn of a session.
    pub(super) changed: Notify,
    throttles: AtomicU32,
    next_id: AtomicU64,
}

impl Shared {
    pub(super) fn new(config: SmscConfig) -> Self {
        Self {
            outbox: Mutex::new(Outbox::new(config.outbox_max)),
            outbox_version: watch::Sender::new(0),
            log: Mutex::default(),
            orders: watch::Sender::new(Order::Serve),
            paused: watch::Sender::new(false),
            changed: Notify::new(),
            throttles: AtomicU32::new(0),
            next_id: AtomicU64::new(config.first_id),
            tally: Tally::default(),
            config,
        }
    }

    pub(super) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Relaxed)
    }

    /// Queues all of `fresh` under one lock; what does not fit is lost and counted.
    pub(super) fn enqueue(&self, fresh: &mut Vec<(Outgoing, Option<Instant>)>) -> bool {
        let mut all = true;
        if fresh.is_empty() {
            return all;
        }
        let mut outbox = self.outbox();
        for (outgoing, at) in fresh.drain(..) {
            if !outbox.push(outgoing, at) {
                bump(&self.tally.outbox_overflows);
                all = false;
            }
        }
        drop(outbox);
        self.outbox_version.send_modify(|version| *version += 1);
        all
    }

    pub(super) fn set_throttle(&self, count: u32) {
        self.throttles.store(count, Relaxed);
    }

    /// Uses up one of the throttled answers asked for.
    pub(super) fn take_throttle(&self) -> bool {
        self.throttles.load(Relaxed) > 0
            && self.throttles.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}
