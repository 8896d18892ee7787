//! Whose turn it is: smooth weighted round robin with failover and hysteresis. Pure.

use std::time::{Duration, Instant};

/// When a failing connection is avoided, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSettings {
    /// Failures in a row after which a connection is avoided.
    pub failures_max: u32,
    /// How long a connection must have been bound without a failure before it is trusted again.
    pub recovery: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self { failures_max: 3, recovery: Duration::from_secs(30) }
    }
}

/// One connection as the chooser sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    weight: i64,
    credit: i64,
    failures: u32,
    /// The last failure of a connection that is avoided.
    avoided_since: Option<Instant>,
}

/// Chooses among members; the caller says which can be used right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chooser {
    members: Vec<Member>,
    settings: PoolSettings,
}

impl Chooser {
    /// Members with these weights; a weight of zero counts as one.
    #[must_use]
    pub fn new(weights: Vec<u32>, settings: PoolSettings) -> Self {
        let member = |weight: u32| Member {
            weight: i64::from(weight.max(1)),
            credit: 0,
            failures: 0,
            avoided_since: None,
        };
        Self { members: weights.into_iter().map(member).collect(), settings }
    }

    /// The member whose turn it is. `bound_since` says of each whether it can be used, and if so since when it has
    /// been bound. Avoided members are chosen only when no other can be used.
    pub fn choose(&mut self, now: Instant, bound_since: impl Fn(usize) -> Option<Instant>) -> Option<usize> {
        let usable: Vec<usize> = (0..self.members.len())
            .filter(|&index| match bound_since(index) {
                Some(since) => {
                    self.recover(index, since, now);
                    true
                }
                None => false,
            })
            .collect();
        let trusted = |index: &usize| self.members[*index].avoided_since.is_none();
        let candidates: Vec<usize> = match usable.iter().any(trusted) {
            true => usable.into_iter().filter(trusted).collect(),
            false => usable,
        };
        self.take_turn(&candidates)
    }

    /// The member let a submit down.
    pub fn failed(&mut self, index: usize, now: Instant) {
        let Some(member) = self.members.get_mut(index) else { return };
        member.failures = member.failures.saturating_add(1);
        if member.failures >= self.settings.failures_max {
            member.avoided_since = Some(now);
        }
    }

    /// The member's SMSC answered. Trust that is already lost comes back with time only.
    pub fn succeeded(&mut self, index: usize) {
        if let Some(member) = self.members.get_mut(index).filter(|member| member.avoided_since.is_none()) {
            member.failures = 0;
        }
    }

    /// Whether the member is avoided.
    #[must_use]
    pub fn is_avoided(&self, index: usize) -> bool {
        self.members.get(index).is_some_and(|member| member.avoided_since.is_some())
    }

    fn recover(&mut self, index: usize, bound_since: Instant, now: Instant) {
        let member = &mut self.members[index];
        let Some(failed_at) = member.avoided_since else { return };
        if now.saturating_duration_since(bound_since.max(failed_at)) >= self.settings.recovery {
            member.avoided_since = None;
            member.failures = 0;
        }
    }

    /// Every candidate earns its weight, the richest pays for all: turns come as evenly spread as they can.
    fn take_turn(&mut self, candidates: &[usize]) -> Option<usize> {
        let mut total = 0;
        for &index in candidates {
            let member = &mut self.members[index];
            member.credit += member.weight;
            total += member.weight;
        }
        let chosen = candidates.iter().copied().rev().max_by_key(|&index| self.members[index].credit)?;
        self.members[chosen].credit -= total;
        Some(chosen)
    }
}

#[cfg(test)]
#[path = "chooser_tests.rs"]
mod tests;
