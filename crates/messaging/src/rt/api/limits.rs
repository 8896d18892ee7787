//! How often an app may call: one limit for each group of calls (spec 1, "Transaction limits"). Counted in this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use waypost_core::limit::Bucket;
use waypost_core::time::Micros;

use crate::rt::ledger::RtApp;

/// Calls that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Group {
    /// What devices call.
    Device,
    /// Threads and their messages.
    Threads,
    /// Topics and streams.
    Topics,
}

impl Group {
    /// The app's setting.
    const fn setting(self) -> &'static str {
        match self {
            Self::Device => "rt_tps",
            Self::Threads => "threads_tps",
            Self::Topics => "topics_tps",
        }
    }

    /// Calls a second without the setting: the contract's for threads and topics.
    const fn usual(self) -> u32 {
        match self {
            Self::Device => 500,
            Self::Threads => 10,
            Self::Topics => 30,
        }
    }

    fn per_second(self, app: &RtApp) -> u32 {
        let set = app.account.config.get(self.setting()).and_then(Value::as_u64);
        set.and_then(|set| u32::try_from(set).ok()).filter(|set| *set > 0).unwrap_or(self.usual())
    }
}

/// The limits in use: at most one of each group for each app of the directory.
#[derive(Default)]
pub(super) struct Limits(Mutex<HashMap<(i64, Group), (u32, Bucket)>>);

impl Limits {
    /// Takes one call of an app; false when it called too often.
    pub fn admit(&self, app: &RtApp, group: Group, now: Micros) -> bool {
        self.take(app.app.id, group, group.per_second(app), now)
    }

    fn take(&self, app: i64, group: Group, per_second: u32, now: Micros) -> bool {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || (per_second, Bucket::new(per_second, per_second));
        let kept = limits.entry((app, group)).or_insert_with(fresh);
        if kept.0 != per_second {
            // The setting was changed: it counts anew.
            *kept = fresh();
        }
        kept.1.try_take(now, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_its_calls_a_second_in_each_group_and_a_changed_setting_counts_anew() {
        let (limits, now) = (Limits::default(), Micros::from_secs(1_000));
        let take = |app, group, per_second, now| limits.take(app, group, per_second, now);
        let three = [0; 3].map(|_| take(1, Group::Threads, 2, now));
        assert_eq!(three, [true, true, false]);
        assert!(take(2, Group::Threads, 2, now) && take(1, Group::Topics, 2, now), "others are not held");
        assert!(take(1, Group::Threads, 2, now.add_ms(500)));
        assert!(!take(1, Group::Threads, 2, now.add_ms(500)));
        assert!(take(1, Group::Threads, 3, now.add_ms(500)));
    }
}
