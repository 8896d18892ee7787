//! Receipts and messages waiting for the client: kept until acknowledged.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use tokio::time::Instant;

use super::receipt::Outgoing;

/// Bounded queue with a part that is due and a part that is not yet.
#[derive(Debug)]
pub(super) struct Outbox {
    due: VecDeque<Outgoing>,
    later: BinaryHeap<Reverse<Later>>,
    counter: u64,
    capacity: usize,
}

#[derive(Debug)]
struct Later {
    at: Instant,
    /// Keeps equal times in order.
    number: u64,
    outgoing: Outgoing,
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Later {}

impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Later {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> Self {
        Self { due: VecDeque::new(), later: BinaryHeap::new(), counter: 0, capacity }
    }

    pub(super) fn len(&self) -> usize {
        self.due.len() + self.later.len()
    }

    /// Queues for `at`, or for now; false when the outbox is full.
    pub(super) fn push(&mut self, outgoing: Outgoing, at: Option<Instant>) -> bool {
        if self.len() >= self.capacity {
            return false;
        }
        match at {
            None => self.due.push_back(outgoing),
            Some(at) => {
                self.counter += 1;
                self.later.push(Reverse(Later { at, number: self.counter, outgoing }));
            }
        }
        true
    }

    /// Puts back what was not acknowledged, in front; it was counted before, so it always fits.
    pub(super) fn put_back(&mut self, outgoing: Outgoing) {
        self.due.push_front(outgoing);
    }

    /// Takes up to `room` that are due.
    pub(super) fn take(&mut self, now: Instant, room: usize, taken: &mut Vec<Outgoing>) {
        while self.later.peek().is_some_and(|Reverse(first)| first.at <= now) {
            let Some(Reverse(first)) = self.later.pop() else { break };
            self.due.push_back(first.outgoing);
        }
        let count = room.min(self.due.len());
        taken.extend(self.due.drain(..count));
    }

    /// When the next one becomes due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.later.peek().map(|Reverse(first)| first.at)
    }
}
