//! The submits in flight, by sequence number, in a table of fixed size.

use std::time::{Duration, Instant};

use super::sequence::Sequence;

/// A submit that was encoded and is not answered.
#[derive(Debug)]
pub(super) struct Pending<T> {
    sequence: u32,
    /// Count of bytes the session had encoded when this PDU ended: once so many are written, it is on the wire.
    pub(super) end_offset: u64,
    sent_at: Instant,
    pub(super) token: T,
}

/// Table of submits in flight. A sequence number selects its slot by its low bits; numbers whose slot is still taken
/// are skipped, so a look-up is one comparison and nothing is allocated per message.
#[derive(Debug)]
pub(super) struct Window<T> {
    slots: Box<[Option<Pending<T>>]>,
    used: usize,
    capacity: usize,
    timeout: Duration,
    /// No submit times out before this moment.
    check_at: Option<Instant>,
}

impl<T> Window<T> {
    pub(super) fn new(capacity: usize, timeout: Duration) -> Self {
        // Twice the capacity, so that a free slot is near even when a few old submits stay unanswered.
        let slots = (capacity.max(1) * 2).next_power_of_two();
        Self {
            slots: (0..slots).map(|_| None).collect(),
            used: 0,
            capacity: capacity.max(1),
            timeout,
            check_at: None,
        }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// When [`Window::take_expired`] is worth calling.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.check_at.filter(|_| self.used > 0)
    }

    /// The number the next submit gets, or `None` when the window is full.
    pub(super) fn next_sequence(&self, sequence: &mut Sequence) -> Option<u32> {
        if self.used >= self.capacity {
            return None;
        }
        (0..self.slots.len())
            .map(|_| sequence.advance())
            .find(|&number| self.slots[self.slot(number)].is_none())
    }

    pub(super) fn insert(&mut self, sequence: u32, end_offset: u64, token: T, now: Instant) {
        let slot = self.slot(sequence);
        debug_assert!(self.slots[slot].is_none(), "next_sequence gives a free slot");
        self.slots[slot] = Some(Pending { sequence, end_offset, sent_at: now, token });
        self.used += 1;
        if self.used == 1 || self.check_at.is_none() {
            self.check_at = Some(now + self.timeout);
        }
    }

    pub(super) fn take(&mut self, sequence: u32) -> Option<Pending<T>> {
        let slot = self.slot(sequence);
        let pending = self.slots[slot].take_if(|pending| pending.sequence == sequence)?;
        self.used -= 1;
        Some(pending)
    }

    /// Removes what has waited for the timeout or longer.
    pub(super) fn take_expired(&mut self, now: Instant, expired: &mut Vec<T>) {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        let mut oldest = None;
        for slot in &mut self.slots {
            let Some(pending) = slot else { continue };
            if pending.sent_at + self.timeout <= now {
                expired.extend(slot.take().map(|pending| pending.token));
                self.used -= 1;
            } else {
                oldest = Some(oldest.map_or(pending.sent_at, |at: Instant| at.min(pending.sent_at)));
            }
        }
        self.check_at = oldest.map(|at| at + self.timeout);
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Pending<T>> {
        self.used = 0;
        self.slots.iter_mut().filter_map(Option::take)
    }

    fn slot(&self, sequence: u32) -> usize {
        sequence as usize & (self.slots.len() - 1)
    }
}
