//! What every request of the receiver shares.

use std::sync::Arc;

use waypost_core::id::IdGenerator;
use waypost_core::time::Clock;
use waypost_store::Store;
use waypost_store::directory::DirectoryHandle;

use super::auth::Looks;

/// Settings of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverSettings {
    /// Longest body, also after it was unpacked; above it 413.
    pub body_bytes_max: usize,
    /// Longest time a body may take to arrive.
    pub body_ms_max: u64,
}

impl Default for ReceiverSettings {
    /// 10 MiB (spec 2.1), 30 seconds.
    fn default() -> Self {
        Self { body_bytes_max: 10 << 20, body_ms_max: 30_000 }
    }
}

/// State of the router; cheap to clone.
#[derive(Clone)]
pub struct ContentState(Arc<Shared>);

pub(super) struct Shared {
    pub store: Store,
    pub directory: DirectoryHandle,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<IdGenerator>,
    pub settings: ReceiverSettings,
    pub looks: Looks,
    pub admits: Option<super::Admits>,
    pub pusher: Option<Arc<crate::work::Shared>>,
}

impl ContentState {
    /// A receiver over the store.
    #[must_use]
    pub fn new(
        store: Store,
        directory: DirectoryHandle,
        clock: Arc<dyn Clock>,
        ids: Arc<IdGenerator>,
        settings: ReceiverSettings,
    ) -> Self {
        let looks = Looks::default();
        Self(Arc::new(Shared { store, directory, clock, ids, settings, looks, admits: None, pusher: None }))
    }

    /// The same, with a pusher: what partners that feed the tenant's content push is pushed on.
    #[must_use]
    pub fn feeding(pusher: &Arc<crate::work::Shared>, settings: ReceiverSettings) -> Self {
        Self::guarded(pusher, settings, None)
    }

    /// The same, and the model only for those who may come from where they come from.
    #[must_use]
    pub fn guarded(
        pusher: &Arc<crate::work::Shared>,
        settings: ReceiverSettings,
        admits: Option<super::Admits>,
    ) -> Self {
        let looks = Looks::default();
        Self(Arc::new(Shared {
            store: pusher.store.clone(),
            directory: pusher.directory.clone(),
            clock: Arc::clone(&pusher.clock),
            ids: Arc::clone(&pusher.ids),
            settings,
            looks,
            admits,
            pusher: Some(Arc::clone(pusher)),
        }))
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }
}
