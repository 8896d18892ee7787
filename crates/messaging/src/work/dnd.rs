//! The do-not-disturb lists in memory: a message to a number that is on none of them costs no question to the store.
//!
//! A number that may be listed is asked about in the store, whose tables decide. What this server lists itself is known
//! at once; what commands and other servers list is followed in the order of the changes, within a second.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use waypost_core::msisdn::Msisdn;
use waypost_store::directory::dnd;
use waypost_store::{Ctx, Store, StoreError};

/// Numbers held in memory, over all lists: about 18 bytes each. With more of them every message asks the store.
const NUMBERS_MAX: usize = 5_000_000;
/// Changes read at once.
const CHANGES: u32 = 5_000;
/// Reads of changes in one go; the next one goes on.
const ROUNDS_MAX: usize = 100;

const CTX: Ctx = Ctx::all("do-not-disturb lists");

/// The numbers on each list.
#[derive(Debug, Default)]
pub struct DndLists(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    /// By tenant; 0 for the platform's. No list is empty.
    lists: HashMap<i64, HashSet<u64>>,
    count: usize,
    /// More numbers than are held.
    overflown: bool,
    /// The last change that is in.
    seq: i64,
}

/// A number of up to 15 digits as an integer; the one in front keeps leading zeros apart.
fn packed(number: &str) -> u64 {
    number.bytes().fold(1, |packed: u64, digit| {
        packed.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))
    })
}

impl State {
    fn insert(&mut self, tenant: i64, number: &str) -> bool {
        if self.count >= NUMBERS_MAX {
            self.overflown = true;
            return false;
        }
        self.count += usize::from(self.lists.entry(tenant).or_default().insert(packed(number)));
        true
    }

    fn remove(&mut self, tenant: i64, number: &str) {
        let Some(list) = self.lists.get_mut(&tenant) else { return };
        self.count -= usize::from(list.remove(&packed(number)));
        if list.is_empty() {
            self.lists.remove(&tenant);
        }
    }
}

impl DndLists {
    /// Whether the number may be on the list of `tenant` or on the platform's; false is certain.
    #[must_use]
    pub fn may_have(&self, tenant: i64, number: &Msisdn) -> bool {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if state.lists.is_empty() {
            return state.overflown;
        }
        let packed = packed(number.as_str());
        let on = |list: i64| state.lists.get(&list).is_some_and(|list| list.contains(&packed));
        state.overflown || on(tenant) || on(0)
    }

    /// Notes that `tenant` lists the number; called before the row is committed.
    pub fn add(&self, tenant: i64, number: &Msisdn) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, number.as_str());
    }

    /// Loads all lists.
    ///
    /// # Errors
    /// Those of the store; the lists stay as they were.
    pub async fn load(&self, store: &Store) -> Result<(), StoreError> {
        let loaded = store.read(|tx| {
            let mut state = State::default();
            state.seq = dnd::load(tx, &CTX, |tenant, number| state.insert(tenant, number))?;
            Ok(state)
        });
        let loaded = loaded.await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// Follows the changes since the last look.
    ///
    /// # Errors
    /// Those of the store; what was read before is in.
    pub async fn catch_up(&self, store: &Store) -> Result<(), StoreError> {
        for _ in 0..ROUNDS_MAX {
            let seq = self.0.read().unwrap_or_else(PoisonError::into_inner).seq;
            let Some(changes) = store.read(move |tx| dnd::changes(tx, &CTX, seq, CHANGES)).await? else {
                return self.load(store).await;
            };
            let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
            for change in &changes {
                if change.listed {
                    state.insert(change.tenant, &change.msisdn);
                } else {
                    state.remove(change.tenant, &change.msisdn);
                }
                state.seq = change.seq;
            }
            if changes.len() < CHANGES as usize {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use waypost_core::msisdn::PlusRule;
    use waypost_core::time::Micros;
    use waypost_store::TenantId;
    use waypost_store::testing::on_both_engines;

    use super::*;

    fn number(digits: &str) -> Msisdn {
        Msisdn::parse(digits, PlusRule::Optional).unwrap()
    }

    #[test]
    fn numbers_that_differ_in_leading_zeros_are_apart() {
        assert_ne!(packed("0012345"), packed("12345"));
        assert_eq!(packed("999999999999999"), 1_999_999_999_999_999);
    }

    #[tokio::test]
    async fn lists_are_loaded_followed_and_loaded_anew_when_changes_are_missing() {
        on_both_engines(|store| async move {
            let (acme, other) = (Ctx::system(TenantId(1), "test"), Ctx::system(TenantId(2), "test"));
            let seed = |tx: &mut dyn waypost_store::Sql| {
                for slug in ["acme", "other"] {
                    tx.exec(
                        "INSERT INTO tenant (slug, name, status, time_zone, default_priority, sandbox, settings, created_at) \
                         VALUES (?1, ?1, 'live', 'UTC', 2, 0, '{}', 0)",
                        &[slug.into()],
                    )?;
                }
                dnd::add(tx, &Ctx::system(TenantId(1), "test"), "447700900001", "test", Micros(0))
            };
            store.write(seed).await.unwrap();
            let lists = DndLists::default();
            lists.load(&store).await.unwrap();
            let on = |tenant, digits: &str| lists.may_have(tenant, &number(digits));
            assert!(on(1, "447700900001") && !on(2, "447700900001"));
            store
                .write(move |tx| {
                    dnd::remove(tx, &acme, "447700900001")?;
                    dnd::add(tx, &other, "447700900002", "test", Micros(0))?;
                    dnd::add(tx, &CTX, "447700900003", "test", Micros(0))
                })
                .await
                .unwrap();
            lists.catch_up(&store).await.unwrap();
            assert!(!on(1, "447700900001") && on(2, "447700900002") && !on(1, "447700900002"));
            assert!(on(1, "447700900003") && on(2, "447700900003"), "the platform's list is everybody's");
            store
                .write(move |tx| {
                    dnd::add(tx, &other, "447700900004", "test", Micros(0))?;
                    tx.exec("DELETE FROM dnd_change", &[])
                })
                .await
                .unwrap();
            lists.catch_up(&store).await.unwrap();
            assert!(on(2, "447700900004") && on(1, "447700900003"));
        })
        .await;
    }
}
