//! Two hints kept in memory so that the hot path asks the store nothing it can know.
//!
//! Both may be wrong in the harmless direction only: the store decides.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use waypost_core::id::MessageId;

/// The newest provider ids and the messages they belong to: most reports come within seconds.
#[derive(Debug)]
pub struct RecentIds {
    state: Mutex<Ids>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Ids {
    by_key: HashMap<i64, MessageId>,
    order: VecDeque<i64>,
}

impl RecentIds {
    /// Remembers at most `capacity` keys, the newest.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity: capacity.max(1) }
    }

    /// Remembers that `key` leads to `message`.
    pub fn remember(&self, key: i64, message: MessageId) {
        let mut ids = lock(&self.state);
        if ids.by_key.insert(key, message).is_some() {
            return;
        }
        ids.order.push_back(key);
        if ids.order.len() > self.capacity
            && let Some(oldest) = ids.order.pop_front()
        {
            ids.by_key.remove(&oldest);
        }
    }

    /// The message `key` probably leads to.
    #[must_use]
    pub fn find(&self, key: i64) -> Option<MessageId> {
        lock(&self.state).by_key.get(&key).copied()
    }
}

/// The keys of reports on hold. Holds every open key unless it overflowed; then every key counts as held.
#[derive(Debug)]
pub struct HeldKeys {
    state: Mutex<Held>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Held {
    keys: HashSet<i64>,
    overflowed: bool,
}

impl HeldKeys {
    /// A set of at most `capacity` keys.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity }
    }

    /// Adds a key; called before its row is committed, so that no submission can miss it.
    pub fn add(&self, key: i64) {
        let mut held = lock(&self.state);
        if held.keys.len() < self.capacity {
            held.keys.insert(key);
        } else {
            held.overflowed = true;
        }
    }

    /// Whether any report may be on hold at all.
    #[must_use]
    pub fn any(&self) -> bool {
        let held = lock(&self.state);
        held.overflowed || !held.keys.is_empty()
    }

    /// Whether a report may be on hold under `key`.
    #[must_use]
    pub fn may_hold(&self, key: i64) -> bool {
        let held = lock(&self.state);
        held.overflowed || held.keys.contains(&key)
    }

    /// Takes a key out, after its reports were matched and committed.
    pub fn remove(&self, key: i64) {
        lock(&self.state).keys.remove(&key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // These sections cannot panic half-way; a poisoned lock still guards whole data.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_id_gives_way_to_the_newest() {
        let recent = RecentIds::new(2);
        for key in 1..=3 {
            recent.remember(key, MessageId(key * 10));
        }
        assert_eq!(recent.find(1), None);
        assert_eq!((recent.find(2), recent.find(3)), (Some(MessageId(20)), Some(MessageId(30))));
    }

    #[test]
    fn an_id_given_twice_leads_to_the_newer_message_and_takes_one_place() {
        let recent = RecentIds::new(2);
        recent.remember(1, MessageId(10));
        recent.remember(1, MessageId(11));
        recent.remember(2, MessageId(20));
        assert_eq!((recent.find(1), recent.find(2)), (Some(MessageId(11)), Some(MessageId(20))));
    }

    #[test]
    fn an_overflowed_set_says_maybe_to_everything() {
        let held = HeldKeys::new(1);
        held.add(1);
        assert!(held.may_hold(1) && !held.may_hold(2));
        held.add(2);
        assert!(held.may_hold(2) && held.may_hold(99));
    }

    #[test]
    fn a_matched_key_is_forgotten() {
        let held = HeldKeys::new(4);
        held.add(7);
        held.remove(7);
        assert!(!held.may_hold(7));
    }
}
