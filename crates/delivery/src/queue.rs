//! One queue: what of it is in memory and what is known of its rest in the store.

use waypost_core::time::Micros;
use waypost_store::work::QueueKey;

use crate::items::Items;

/// Where a queue stands on its way to a worker. It is in at most one structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In none: nothing of it could go out.
    Idle,
    /// Parked at its destination.
    Dest,
    /// Parked at its sender.
    Sender,
    /// Let through; the next worker may take an item.
    Active {
        /// Whether the sender counts it among its grants.
        by_sender: bool,
    },
}

/// Whether the store has rows of the queue that a claim could give now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// None that is visible.
    No,
    /// Some may be visible.
    Visible,
    /// Some are visible, but not given out now: they follow another item of their lane, or someone else is at them.
    Behind,
}

#[derive(Debug)]
pub(crate) struct Queue<P> {
    pub(crate) key: QueueKey,
    pub(crate) items: Items<P>,
    pub(crate) place: Place,
    pub(crate) in_flight: usize,
    /// Slots promised to admissions and to a running claim.
    pub(crate) reserved: usize,
    pub(crate) stored: Stored,
    /// The last claim gave all that was visible when it began: what is stored now came since then. New items without
    /// a lane need not go through the store to stay behind it; they wait in memory for the next claim.
    pub(crate) caught_up: bool,
    /// Some item had a lane: its order is kept to the letter.
    pub(crate) has_lanes: bool,
    /// Raised by whatever makes rows visible, so that a claim that ran meanwhile is not believed.
    pub(crate) stored_seq: u64,
    /// The earliest moment a row becomes visible, as far as known.
    pub(crate) later: Option<Micros>,
    /// No claim before this.
    pub(crate) paused_until: Option<Micros>,
    pub(crate) claiming: bool,
    pub(crate) wants_claim: bool,
}

impl<P> Queue<P> {
    pub(crate) fn new(key: QueueKey) -> Self {
        Self {
            key,
            items: Items::default(),
            place: Place::Idle,
            in_flight: 0,
            reserved: 0,
            stored: Stored::No,
            caught_up: false,
            has_lanes: false,
            stored_seq: 0,
            later: None,
            paused_until: None,
            claiming: false,
            wants_claim: false,
        }
    }

    /// Memory slots it takes.
    pub(crate) const fn held(&self) -> usize {
        self.items.waiting() + self.in_flight + self.reserved
    }

    /// True when new work must go through the store, or it would overtake work that is there.
    pub(crate) const fn must_store(&self) -> bool {
        let is_stored = !matches!(self.stored, Stored::No);
        if self.has_lanes { is_stored || self.items.has_gap() } else { is_stored && !self.caught_up }
    }

    /// Notes that a row becomes visible at `at`.
    pub(crate) fn note(&mut self, at: Micros, now: Micros) {
        if at <= now {
            self.stored = Stored::Visible;
            self.stored_seq += 1;
        } else {
            self.later = Some(self.later.map_or(at, |later| later.min(at)));
        }
    }

    /// When to look at the stored rows again.
    pub(crate) fn due_at(&self) -> Option<Micros> {
        match (self.later, self.paused_until) {
            (Some(later), Some(paused)) => Some(later.min(paused)),
            (later, paused) => later.or(paused),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.held() == 0
            && self.place == Place::Idle
            && self.stored == Stored::No
            && self.due_at().is_none()
            && !self.claiming
            && !self.wants_claim
            && self.items.is_idle()
    }
}
