//! Whether a message sent now would be kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use waypost_core::time::Clock;
use waypost_store::{Sql, Store, StoreError};

/// A commit older than this is not believed any more.
const FRESH: Duration = Duration::from_secs(1);

/// A store that does not commit within this time is not writable.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes a row and waits for its commit, at most once a second however often it is asked.
pub struct StoreProbe {
    store: Store,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl StoreProbe {
    /// A probe of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, last: Mutex::new(None) }
    }

    /// Whether the store commits.
    ///
    /// # Errors
    /// Why not, in words for an operator.
    pub async fn check(&self) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((at, outcome)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return outcome.clone();
        }
        let now = self.clock.now().0.to_string();
        let written = tokio::time::timeout(PATIENCE, self.store.write(move |tx| probe(tx, &now))).await;
        let outcome = match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("the store is not writable: {error}")),
            Err(_) => Err(format!("the store did not commit within {} s", PATIENCE.as_secs())),
        };
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

fn probe(tx: &mut dyn Sql, now: &str) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO setting (name, value) VALUES ('ready_probe', ?1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[now.into()],
    )
}

#[cfg(test)]
mod tests {
    use waypost_core::time::SystemClock;

    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_store_is_ready_while_it_commits_and_says_why_when_it_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().to_owned();
        let store = crate::wiring::open_server(&config).unwrap();
        let probe = StoreProbe::new(store.clone(), Arc::new(SystemClock));
        assert_eq!(probe.check().await, Ok(()));
        store.clone().close().await;
        assert_eq!(probe.check().await, Ok(()), "a fresh answer is believed");
        let later = StoreProbe::new(store, Arc::new(SystemClock));
        assert_eq!(later.check().await, Err("the store is not writable: the store is closed".to_owned()));
    }
}
