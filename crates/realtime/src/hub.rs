//! Who is connected here, and how the ledger tells a connection that something waits.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The connections of this server, by session. A clone is a handle to the same ones.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Mutex<HashMap<i64, Arc<Line>>>>, Attendant);

/// Is told of every device for which something waits, connected or not. A clone is a handle to the same one.
#[derive(Clone, Debug, Default)]
pub struct Attendant(Arc<Woken>);

#[derive(Debug, Default)]
struct Woken {
    attends: AtomicBool,
    devices: Mutex<BTreeSet<i64>>,
    bell: Notify,
}

impl Attendant {
    /// The devices for which something has come since; waits for the first. May be given up at any await.
    pub async fn rung(&self) -> BTreeSet<i64> {
        loop {
            let devices = std::mem::take(&mut *self.devices());
            if !devices.is_empty() {
                return devices;
            }
            self.0.bell.notified().await;
        }
    }

    fn wake(&self, session: i64) {
        if self.0.attends.load(Ordering::Acquire) {
            self.devices().insert(session);
            self.0.bell.notify_one();
        }
    }

    fn devices(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.0.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
        self.1.wake(session);
        if let Some(line) = self.lines().get(&session) {
            line.bell.notify_one();
        }
    }

    /// Who is told of every device that is woken from now on: whatever carries messages in place of the broker.
    #[must_use]
    pub fn attend(&self) -> Attendant {
        self.1.0.attends.store(true, Ordering::Release);
        self.1.clone()
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

    #[tokio::test]
    async fn an_attendant_is_told_of_every_device_once_whether_it_is_connected_or_not() {
        let hub = Hub::default();
        hub.wake(7);
        let attendant = hub.attend();
        for device in [1, 2, 1] {
            hub.wake(device);
        }
        assert_eq!(attendant.rung().await, BTreeSet::from([1, 2]));
        hub.wake(3);
        assert_eq!(attendant.rung().await, BTreeSet::from([3]));
    }
}
