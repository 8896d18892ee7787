//! What is handed around: items, where they come from, how they end.

use std::future::Future;
use std::pin::Pin;

use waypost_core::time::Micros;
use waypost_store::StoreError;
use waypost_store::work::QueueKey;

use crate::breaker::Health;

/// A boxed future, so that a [`Source`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One unit of work in memory, leased to this process until `lease_until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<P> {
    /// The work row's id.
    pub id: i64,
    /// The claim's token; completing, retrying and releasing the row check it.
    pub fence: i64,
    /// Attempts that ended in a retry so far.
    pub tries: u32,
    /// Items of one lane other than 0 go one at a time, in the order of their ids.
    pub lane: i64,
    /// What the work is about: the message's id.
    pub subject: i64,
    /// End of the lease; nobody else claims the row before.
    pub lease_until: Micros,
    /// The worker ends the item without an attempt after this.
    pub expires_at: Option<Micros>,
    /// What the worker needs.
    pub payload: P,
}

/// Where items come from when they are not born in memory: the store's work rows.
pub trait Source<P>: Send + Sync + 'static {
    /// Claims up to `n` visible rows of the queue, oldest first, and of each lane only the oldest row there is.
    /// Every returned item is leased until `lease_until` under a fence never given out before.
    fn claim(
        &self,
        queue: &QueueKey,
        now: Micros,
        lease_until: Micros,
        n: usize,
    ) -> BoxFuture<'static, Result<Vec<Item<P>>, StoreError>>;

    /// The earliest moment any row of the queue is visible, leased rows included; `None` when it has no row.
    fn next_ready(&self, queue: &QueueKey) -> BoxFuture<'static, Result<Option<Micros>, StoreError>>;

    /// The queues that have rows.
    fn queues(&self) -> BoxFuture<'static, Result<Vec<QueueKey>, StoreError>>;
}

/// How an item ended. The worker's transaction is committed before this is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Delivered; the row is gone.
    Done,
    /// The destination answered and the item is over; the row is gone, the destination is healthy.
    Refused,
    /// The attempts are used up; the row is gone, the destination is still failing.
    GaveUp,
    /// The row is to be tried again then.
    RetryAt(Micros, Health),
    /// Nothing is known: the row becomes visible again when its lease ends.
    Lost,
}

impl Finish {
    /// A bounded word for metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
            Self::RetryAt(_, Health::Healthy) => "retry_healthy",
            Self::RetryAt(_, Health::Failing) => "retry_failing",
            Self::Lost => "lost",
        }
    }

    pub(crate) const fn health(self) -> Option<Health> {
        match self {
            Self::Done | Self::Refused => Some(Health::Healthy),
            Self::GaveUp => Some(Health::Failing),
            Self::RetryAt(_, health) => Some(health),
            Self::Lost => None,
        }
    }
}
