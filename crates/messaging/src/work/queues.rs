//! Which queues the store already knows, so that the hot path does not register one twice.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use waypost_store::work::{self, QueueKey};
use waypost_store::{Sql, StoreError};

/// Queues whose registration is committed.
#[derive(Debug, Default)]
pub struct Queues {
    known: Mutex<HashSet<i64>>,
}

impl Queues {
    /// Registers `queue` unless a committed transaction did.
    ///
    /// # Errors
    /// Those of the store.
    pub fn ensure(&self, tx: &mut dyn Sql, queue: &QueueKey) -> Result<(), StoreError> {
        let id = queue.id();
        if self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(&id) {
            return Ok(());
        }
        work::ensure_queue(tx, queue)
    }

    /// Notes that a transaction which registered `queue` is committed.
    pub fn committed(&self, queue: &QueueKey) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(queue.id());
    }
}

/// Beyond this the set starts anew; registering a queue again costs a few microseconds.
const KNOWN_MAX: usize = 100_000;
