//! Who is connected here, and how the ledger tells a connection that something waits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The connections of this server, by session. A clone is a handle to the same ones.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Mutex<HashMap<i64, Arc<Line>>>>);

/// One connection's bell.
#[derive(Debug, Default)]
pub(crate) struct Line {
    bell: Notify,
    is_replaced: AtomicBool,
}

impl Line {
    /// Resolves when something may wait, or the connection is to end.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Whether another connection of the same device has come, or the device has been removed.
    pub fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::Acquire)
    }

    fn replace(&self) {
        self.is_replaced.store(true, Ordering::Release);
        self.bell.notify_one();
    }
}

impl Hub {
    /// Says that something waits for a device. It need not be connected here.
    pub fn wake(&self, session: i64) {
        if let Some(line) = self.lines().get(&session) {
            line.bell.notify_one();
        }
    }

    /// Ends the connection of a device, for its token is void or it was removed.
    pub fn end(&self, session: i64) {
        if let Some(line) = self.lines().remove(&session) {
            line.replace();
        }
    }

    /// Whether a device is connected here.
    #[must_use]
    pub fn is_connected(&self, session: i64) -> bool {
        self.lines().contains_key(&session)
    }

    /// Connections there are.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.lines().len()
    }

    /// A device has connected: an earlier connection of it ends (MQTT-3.1.4-2).
    pub(crate) fn enter(&self, session: i64) -> Arc<Line> {
        let line = Arc::new(Line::default());
        if let Some(before) = self.lines().insert(session, Arc::clone(&line)) {
            before.replace();
        }
        line
    }

    /// A connection has ended; a newer one of the same device stays.
    pub(crate) fn leave(&self, session: i64, line: &Arc<Line>) {
        let mut lines = self.lines();
        if lines.get(&session).is_some_and(|known| Arc::ptr_eq(known, line)) {
            lines.remove(&session);
        }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<i64, Arc<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_connection_of_a_device_stays_and_the_one_before_is_told_to_end() {
        let hub = Hub::default();
        let first = hub.enter(1);
        let second = hub.enter(1);
        first.rung().await;
        assert!(first.is_replaced() && !second.is_replaced());
        hub.leave(1, &first);
        assert!(hub.is_connected(1));
        hub.wake(1);
        second.rung().await;
        hub.leave(1, &second);
        assert_eq!(hub.connected(), 0);
    }

    #[tokio::test]
    async fn a_bell_that_rings_before_anybody_listens_is_heard() {
        let hub = Hub::default();
        let line = hub.enter(1);
        hub.wake(1);
        hub.wake(2);
        line.rung().await;
        hub.end(1);
        line.rung().await;
        assert!(line.is_replaced() && !hub.is_connected(1));
    }
}
