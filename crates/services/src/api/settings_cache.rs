//! Service settings are read from memory for five minutes (spec 2.9).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use waypost_core::time::Micros;

use crate::records::setting::Setting;

/// How long a read is answered from memory.
const LIFE_MS: i64 = 5 * 60 * 1_000;
/// Services remembered at most.
const SERVICES_MAX: usize = 10_000;

/// The settings of one service.
pub type Settings = Arc<Vec<Setting>>;

/// The memory, by tenant and service.
#[derive(Debug, Default)]
pub struct SettingsCache(Mutex<HashMap<(i64, i64), (Micros, Settings)>>);

impl SettingsCache {
    /// What is remembered of a service and still young enough.
    pub fn get(&self, tenant: i64, service: i64, now: Micros) -> Option<Settings> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, settings) = memory.get(&(tenant, service))?;
        (0..LIFE_MS).contains(&now.since_ms(*read_at)).then(|| Arc::clone(settings))
    }

    /// Remembers what was read at `now`.
    pub fn put(&self, tenant: i64, service: i64, now: Micros, settings: Settings) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= SERVICES_MAX {
            memory.clear();
        }
        memory.insert((tenant, service), (now, settings));
    }

    /// Forgets everything of a tenant.
    pub fn clear(&self, tenant: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(own, _), _| *own != tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_remembered_for_five_minutes_or_until_its_tenant_clears() {
        let cache = SettingsCache::default();
        let at = |ms: i64| Micros::from_ms(1_000_000 + ms);
        cache.put(1, 2, at(0), Arc::new(Vec::new()));
        assert!(cache.get(1, 2, at(299_999)).is_some());
        assert!(cache.get(1, 2, at(300_000)).is_none() && cache.get(1, 2, at(-1)).is_none());
        cache.clear(9);
        assert!(cache.get(1, 2, at(1)).is_some() && cache.get(2, 2, at(1)).is_none());
        cache.clear(1);
        assert!(cache.get(1, 2, at(1)).is_none());
    }
}
