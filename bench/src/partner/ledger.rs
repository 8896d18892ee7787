//! What a partner has, how far each property has come, and what was wrong on the way.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::message::Message;
use crate::histogram::Histogram;
use crate::hotels::{Hotels, Kind};

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Pushes that came in, faults and repetitions included.
    pub pushes: u64,
    /// Objects that came for the first time, in their place.
    pub accepted: u64,
    /// Objects that came before one that stands in front of them.
    pub gaps: u64,
    /// Objects that came again after a later one.
    pub reorders: u64,
    /// The last object again under the same id.
    pub repeats: u64,
    /// The last object again under another id.
    pub other_ids: u64,
    /// Pushes of a property that came while another of it was being answered.
    pub overlaps: u64,
    /// Pushes answered by a fault.
    pub faults: u64,
    /// Changes after the launch.
    pub updates: u64,
    /// Audits answered.
    pub audits: u64,
    /// Requests that were not understood.
    pub foreign: u64,
}

#[derive(Debug, Default)]
struct Lane {
    next: u32,
    last_id: Box<[u8]>,
    open: bool,
    bodies: Vec<Box<[u8]>>,
}

#[derive(Debug)]
struct State {
    lanes: Vec<Lane>,
    counts: Counts,
    first: Option<Instant>,
    last: Option<Instant>,
    changes: Histogram,
}

/// What came in, over all partners of one listener.
#[derive(Debug)]
pub struct Ledger {
    hotels: Hotels,
    partners: usize,
    state: Mutex<State>,
    /// When each change was asked for, microseconds after `epoch`; 0 when it was not yet.
    asked_us: Vec<AtomicU64>,
    epoch: Instant,
}

impl Ledger {
    /// An empty one, with room for numbered changes.
    #[must_use]
    pub fn new(hotels: Hotels, partners: usize, changes: usize) -> Self {
        let lanes = (0..partners * hotels.properties as usize).map(|_| Lane::default()).collect();
        let state = State {
            lanes,
            counts: Counts::default(),
            first: None,
            last: None,
            changes: Histogram::default(),
        };
        let asked_us = (0..changes).map(|_| AtomicU64::new(0)).collect();
        Self { hotels, partners, state: Mutex::new(state), asked_us, epoch: Instant::now() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Seconds from the first push to the last object that was taken.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let state = self.state();
        state.first.zip(state.last).map_or(0.0, |(first, last)| (last - first).as_secs_f64())
    }

    /// When the last object was taken.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        self.state().last
    }

    /// Times from the asking for a change to its arrival, and starts them anew.
    pub fn take_changes(&self) -> Histogram {
        std::mem::take(&mut self.state().changes)
    }

    /// A change is asked for now.
    pub fn asked(&self, change: usize, at: Instant) {
        let us = at.saturating_duration_since(self.epoch).as_micros() as u64;
        self.asked_us[change].store(us.max(1), Relaxed);
    }

    /// A request that was not understood.
    pub fn foreign(&self) {
        self.state().counts.foreign += 1;
    }

    fn lane(&self, message: &Message<'_>) -> Option<usize> {
        let known = message.partner < self.partners && message.property < self.hotels.properties;
        known.then(|| message.partner * self.hotels.properties as usize + message.property as usize)
    }

    /// A push came in; returns its number, `None` when it is of no property there is.
    pub fn begin(&self, message: &Message<'_>) -> Option<u64> {
        let lane = self.lane(message)?;
        let mut state = self.state();
        state.first.get_or_insert_with(Instant::now);
        state.counts.pushes += 1;
        state.counts.overlaps += u64::from(std::mem::replace(&mut state.lanes[lane].open, true));
        Some(state.counts.pushes)
    }

    /// The push's answer leaves, or there will be none.
    pub fn end(&self, message: &Message<'_>, is_fault: bool) {
        let Some(lane) = self.lane(message) else { return };
        let mut state = self.state();
        state.lanes[lane].open = false;
        state.counts.faults += u64::from(is_fault);
    }

    /// Takes a push's object. `change` is the number of the change it carries.
    pub fn take(&self, message: &Message<'_>, object: &[u8], change: Option<usize>) {
        let Some(lane) = self.lane(message) else { return };
        let place = self.hotels.place(message.kind, message.number);
        let now = Instant::now();
        let mut guard = self.state();
        let State { lanes, counts, last, changes, .. } = &mut *guard;
        let lane = &mut lanes[lane];
        if message.is_update {
            counts.updates += 1;
            if let Some(asked) =
                change.and_then(|change| self.asked_us.get(change)).map(|it| it.load(Relaxed))
            {
                let us = now.saturating_duration_since(self.epoch).as_micros() as u64;
                changes.record(us.saturating_sub(asked));
            }
        } else if place >= lane.next {
            counts.gaps += u64::from(place > lane.next);
            counts.accepted += 1;
            lane.next = place + 1;
            *last = Some(now);
        } else if place + 1 < lane.next {
            counts.reorders += 1;
        } else if *lane.last_id == *message.id {
            counts.repeats += 1;
        } else {
            counts.other_ids += 1;
        }
        lane.last_id = message.id.into();
        if lane.bodies.is_empty() {
            lane.bodies.resize(self.hotels.messages as usize, Box::default());
        }
        if let Some(body) = lane.bodies.get_mut(place as usize) {
            *body = object.into();
        }
    }

    /// The objects an audit asks for, as a list's inside.
    pub fn give(&self, message: &Message<'_>, codes: Option<&[u32]>) -> Vec<u8> {
        let mut found = Vec::new();
        let Some(lane) = self.lane(message) else { return found };
        let mut state = self.state();
        state.counts.audits += 1;
        for place in self.hotels.places(message.kind) {
            let wanted =
                |codes: &[u32]| codes.iter().any(|code| self.hotels.place(message.kind, *code) == place);
            let body = state.lanes[lane].bodies.get(place as usize).filter(|body| !body.is_empty());
            let asked = message.kind == Kind::Hotel || codes.is_none_or(wanted);
            if let Some(body) = body.filter(|_| asked) {
                if !found.is_empty() {
                    found.push(b',');
                }
                found.extend_from_slice(body);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(number: u32, id: &[u8]) -> Message<'_> {
        let (partner, property) = (0, 0);
        Message { partner, is_audit: false, is_update: false, kind: Kind::Tax, property, number, id }
    }

    #[test]
    fn gaps_reorders_and_repetitions_are_told_apart() {
        let ledger = Ledger::new(Hotels { properties: 1, messages: 150 }, 1, 0);
        for (number, id) in [(0, b"a"), (1, b"b"), (1, b"b"), (3, b"c"), (2, b"d"), (3, b"e")] {
            ledger.take(&push(number, id), b"{}", None);
        }
        let counts = ledger.counts();
        assert_eq!((counts.accepted, counts.repeats, counts.gaps), (3, 1, 1));
        assert_eq!((counts.reorders, counts.other_ids), (1, 1));
    }

    #[test]
    fn an_audit_gives_back_what_was_taken() {
        let ledger = Ledger::new(Hotels { properties: 1, messages: 150 }, 1, 0);
        (1..4).for_each(|number| ledger.take(&push(number, b"x"), b"{}", None));
        assert_eq!(ledger.give(&push(0, b"a"), None), b"{},{},{}");
        assert_eq!(ledger.give(&push(0, b"a"), Some(&[2])), b"{}");
    }
}
