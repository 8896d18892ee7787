//! The current snapshot, shared.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Directory, load, revision};
use crate::seal::MasterKey;
use crate::{Store, StoreError};

/// Gives everybody the newest snapshot; clones share it.
#[derive(Clone, Debug)]
pub struct DirectoryHandle {
    current: Arc<RwLock<Arc<Directory>>>,
    master: Arc<MasterKey>,
}

impl DirectoryHandle {
    /// Loads the directory.
    ///
    /// # Errors
    /// See [`load`].
    pub async fn open(store: &Store, master: Arc<MasterKey>) -> Result<Self, StoreError> {
        let key = Arc::clone(&master);
        let loaded = store.read(move |tx| load(tx, &key)).await?;
        Ok(Self { current: Arc::new(RwLock::new(Arc::new(loaded))), master })
    }

    /// The key that seals what belongs to the directory's tenants.
    #[must_use]
    pub const fn master(&self) -> &Arc<MasterKey> {
        &self.master
    }

    /// The newest snapshot. Keep it for one request, not longer.
    #[must_use]
    pub fn current(&self) -> Arc<Directory> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads again when the revision in the store has moved; returns whether it had. Call it on a timer and after
    /// changes of one's own.
    ///
    /// # Errors
    /// See [`load`]; the old snapshot stays then.
    pub async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let (seen, key) = (self.current().revision(), Arc::clone(&self.master));
        let loaded =
            store.read(move |tx| if revision(tx)? == seen { Ok(None) } else { load(tx, &key).map(Some) });
        let Some(loaded) = loaded.await? else { return Ok(false) };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Two refreshes may overtake each other.
        if loaded.revision() > current.revision() {
            *current = Arc::new(loaded);
        }
        Ok(true)
    }
}
