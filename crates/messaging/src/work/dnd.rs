//! Which tenants have a do-not-disturb list at all: the others are never asked about.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// The tenants with at least one number on their list; a tenant once added stays until the next reload.
#[derive(Debug, Default)]
pub struct DndTenants(RwLock<HashSet<i64>>);

impl DndTenants {
    /// Notes that `tenant` has a list; called before the row is committed.
    pub fn add(&self, tenant: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }

    /// Whether `tenant` may have a list.
    #[must_use]
    pub fn may_have(&self, tenant: i64) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&tenant)
    }
}
