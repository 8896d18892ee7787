//! Slots in memory, promised before the commit.

use std::sync::Arc;

use waypost_core::time::Micros;

use crate::shared::Shared;

/// Takes promised slots back.
pub(crate) trait Slots: Send + Sync {
    fn give_back(&self, queue: i64, slots: usize, lease_until: Micros);
}

impl<P: Send + 'static> Slots for Shared<P> {
    fn give_back(&self, queue: i64, slots: usize, lease_until: Micros) {
        self.change(|state, now| {
            // A commit whose answer was lost may have happened: the store is asked when the lease would be over.
            state.stored_later(queue, lease_until, now);
            state.release(queue, slots);
        });
    }
}

/// How many new items of one queue may be committed as leased to this process, and until when. Dropping it
/// without an offer (the commit failed) gives the slots back.
#[must_use = "the slots are held until it is offered or dropped"]
pub struct Admission {
    /// How many may be born leased; the rest is committed unleased and told by `Dispatcher::backlog`.
    pub leased: usize,
    /// The `ready_at` of the leased rows.
    pub lease_until: Micros,
    queue: i64,
    promised: usize,
    slots: Option<Arc<dyn Slots>>,
}

impl Admission {
    pub(crate) fn new(leased: usize, lease_until: Micros, queue: i64, slots: Option<Arc<dyn Slots>>) -> Self {
        Self { leased, lease_until, queue, promised: leased, slots }
    }

    pub(crate) const fn queue(&self) -> i64 {
        self.queue
    }

    /// The promised slots; nothing is given back when it is dropped afterwards.
    pub(crate) fn take(&mut self) -> usize {
        self.slots = None;
        std::mem::take(&mut self.promised)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(slots) = self.slots.take() {
            slots.give_back(self.queue, self.promised, self.lease_until);
        }
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = out.debug_struct("Admission");
        fields.field("leased", &self.leased).field("lease_until", &self.lease_until).finish_non_exhaustive()
    }
}
