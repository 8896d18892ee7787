//! An item in a worker's hands.

use std::sync::Arc;

use waypost_store::work::QueueKey;

use crate::item::{Finish, Item};
use crate::shared::Shared;
use crate::state::{Out, Picked};

/// One item to deliver. Say how it ended with [`Ticket::finish`], after that is committed; a ticket that is dropped
/// counts as [`Finish::Lost`].
pub struct Ticket<P: Send + 'static> {
    shared: Arc<Shared<P>>,
    item: Item<P>,
    queue: QueueKey,
    out: Out,
    is_finished: bool,
}

impl<P: Send + 'static> Ticket<P> {
    pub(crate) fn new(shared: Arc<Shared<P>>, picked: Picked<P>) -> Self {
        let Picked { item, queue, out } = picked;
        Self { shared, item, queue, out, is_finished: false }
    }

    /// The item.
    pub const fn item(&self) -> &Item<P> {
        &self.item
    }

    /// The item, to change its payload. Id, lane and lease are remembered apart and cannot be changed.
    pub const fn item_mut(&mut self) -> &mut Item<P> {
        &mut self.item
    }

    /// Where it comes from.
    pub const fn queue(&self) -> &QueueKey {
        &self.queue
    }

    /// True when it is the one item that probes a destination whose breaker is half-open.
    pub const fn is_probe(&self) -> bool {
        self.out.probe
    }

    /// How it ended.
    pub fn finish(mut self, finish: Finish) {
        self.is_finished = true;
        self.shared.finish(self.out, finish);
    }
}

impl<P: Send + 'static> Drop for Ticket<P> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.shared.finish(self.out, Finish::Lost);
        }
    }
}

impl<P: Send + 'static> std::fmt::Debug for Ticket<P> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = out.debug_struct("Ticket");
        fields.field("work", &self.shared.name()).field("out", &self.out).finish_non_exhaustive()
    }
}
