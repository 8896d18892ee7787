//! What the writer's connection remembers between transactions.
//!
//! Everything here can be rebuilt from the store; it only saves statements. What a transaction added is forgotten
//! when the transaction is rolled back.

use std::collections::HashSet;

use crate::keys::Tail;

/// The memory of one connection. Empty on readers.
#[derive(Debug, Default)]
pub struct Memo {
    /// The key tail; `None` where other writers may add to it (PostgreSQL) or on readers.
    pub(crate) tail: Option<Tail>,
    /// Whether `keys_unmerged` was read from the store once (PostgreSQL).
    pub(crate) counted: bool,
    /// Keys added by this connection since the last merge finished.
    pub(crate) keys_unmerged: u64,
    /// Keys added in this transaction.
    pub(crate) keys_added: u64,
    /// Keys this transaction moves out of the tail.
    pub(crate) keys_merged: u64,
    /// Ids of rows known to be in `queue`.
    queues: HashSet<i64>,
    queues_added: Vec<i64>,
}

/// Queues remembered at most; beyond it `ensure_queue` simply asks the store again.
const QUEUES_MAX: usize = 65_536;

impl Memo {
    /// Whether the row of a queue is known to be stored.
    pub(crate) fn knows_queue(&self, id: i64) -> bool {
        self.queues.contains(&id)
    }

    pub(crate) fn learn_queue(&mut self, id: i64) {
        if self.queues.len() < QUEUES_MAX && self.queues.insert(id) {
            self.queues_added.push(id);
        }
    }

    pub(crate) fn committed(&mut self) {
        self.keys_unmerged = (self.keys_unmerged + self.keys_added).saturating_sub(self.keys_merged);
        (self.keys_added, self.keys_merged) = (0, 0);
        self.queues_added.clear();
        if let Some(tail) = &mut self.tail {
            tail.committed();
        }
    }

    pub(crate) fn rolled_back(&mut self) {
        (self.keys_added, self.keys_merged) = (0, 0);
        for id in self.queues_added.drain(..) {
            self.queues.remove(&id);
        }
        if let Some(tail) = &mut self.tail {
            tail.rolled_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rolled_back_transaction_learnt_is_forgotten() {
        let mut memo = Memo::default();
        memo.learn_queue(1);
        memo.committed();
        memo.learn_queue(2);
        memo.rolled_back();
        assert!(memo.knows_queue(1) && !memo.knows_queue(2));
    }
}
