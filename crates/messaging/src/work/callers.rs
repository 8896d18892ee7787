//! Callers as the endpoints see them, made once a key and directory revision rather than once a request; and the look
//! at the directory that an unknown key causes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use waypost_core::limit::Bucket;
use waypost_core::time::Micros;

use super::runtime::Shared;
use crate::api::Caller;

/// Looks at the store a second that unknown keys can cause, over all callers.
const LOOKS_PER_S: u32 = 5;
/// How long an unknown key may wait for the look; then it is refused on what is known.
const PATIENCE: Duration = Duration::from_secs(1);

/// The callers of one directory revision by their key's row; at most one for each key of the directory.
#[derive(Debug, Default)]
pub(super) struct Callers {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    revision: i64,
    by_key: HashMap<i64, Arc<Caller>>,
}

impl Callers {
    /// The caller of `key` as of `revision`; `make` builds it at the first request.
    pub fn get(&self, revision: i64, key: i64, make: impl FnOnce() -> Caller) -> Arc<Caller> {
        if let Some(known) = self.find(revision, key) {
            return known;
        }
        let made = Arc::new(make());
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.revision < revision {
            *state = State { revision, by_key: HashMap::new() };
        }
        // A request that still holds an older snapshot must not bring it back.
        if state.revision == revision {
            state.by_key.insert(key, Arc::clone(&made));
        }
        made
    }

    fn find(&self, revision: i64, key: i64) -> Option<Arc<Caller>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if state.revision == revision { state.by_key.get(&key).cloned() } else { None }
    }
}

/// Brings the directory up to date when somebody presents a key it does not know.
#[derive(Debug)]
pub(super) struct Looks {
    left: Mutex<Bucket>,
}

impl Default for Looks {
    fn default() -> Self {
        Self { left: Mutex::new(Bucket::new(LOOKS_PER_S, LOOKS_PER_S)) }
    }
}

impl Looks {
    /// Looks now, unless too many have looked; who comes meanwhile waits for the look that is under way.
    pub async fn look(&self, shared: &Shared) {
        let look = async {
            let mut left = self.left.lock().await;
            if may_look(&mut left, shared.clock.now())
                && let Err(error) = shared.directory.refresh(&shared.store).await
            {
                tracing::warn!(%error, "the directory could not be read for an unknown key");
            }
        };
        // Late or not, the key is looked up once more in what there is.
        let _ = tokio::time::timeout(PATIENCE, look).await;
    }
}

fn may_look(left: &mut Bucket, now: Micros) -> bool {
    let may = left.try_take(now, 1);
    metrics::counter!("waypost_unknown_keys_total", "directory" => if may { "read" } else { "not read" })
        .increment(1);
    may
}

#[cfg(test)]
mod tests {
    use waypost_store::{Actor, TenantId};

    use super::*;
    use crate::rules::{Priority, ServiceView};

    fn caller(service: i64) -> Caller {
        Caller {
            tenant: TenantId(1),
            service,
            actor: Actor::Key(1),
            client_id: "1".into(),
            is_active: true,
            profile_off: false,
            view: ServiceView { default_priority: Priority::Medium, default_sender: None },
            allowlist: Vec::new(),
            messaging_tps: None,
            channel_tps: Vec::new(),
            status_tps: None,
            event_tps: None,
        }
    }

    #[test]
    fn a_caller_is_made_once_a_key_until_the_directory_changes() {
        let callers = Callers::default();
        let of = |revision, key, service| callers.get(revision, key, || caller(service)).service;
        assert_eq!([of(1, 7, 10), of(1, 7, 11), of(1, 8, 12)], [10, 10, 12]);
        assert_eq!([of(2, 7, 13), of(2, 7, 14)], [13, 13]);
    }

    #[test]
    fn an_older_snapshot_neither_finds_nor_leaves_a_caller() {
        let callers = Callers::default();
        let of = |revision, key, service| callers.get(revision, key, || caller(service)).service;
        assert_eq!([of(2, 7, 10), of(1, 7, 11), of(2, 7, 12)], [10, 11, 10]);
    }

    #[test]
    fn unknown_keys_cause_five_looks_a_second_over_all() {
        let mut left = Bucket::new(LOOKS_PER_S, LOOKS_PER_S);
        let now = Micros::from_secs(1_000);
        let looked = (0..9).filter(|_| may_look(&mut left, now)).count();
        assert_eq!(
            (looked, may_look(&mut left, now.add_ms(199)), may_look(&mut left, now.add_ms(200))),
            (5, false, true)
        );
    }
}
