//! Where a caller may call from, and how often.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use waypost_core::limit::{Admission, BurstUse, TpsLimiter};
use waypost_core::time::Micros;
use waypost_store::TenantId;

use super::seams::Tps;

/// APIs that are counted apart (spec 1, "Transaction limits").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ApiFamily {
    Messaging,
    Status,
    Profile,
}

/// The limiters in use: at most one per tenant of the directory and API. Counted in this process; what burst mode has
/// used is forgotten at a restart.
#[derive(Default)]
pub(super) struct Limits {
    tenants: Mutex<HashMap<(TenantId, ApiFamily), (Tps, TpsLimiter)>>,
}

impl Limits {
    /// Takes one transaction.
    pub fn admit(&self, tenant: TenantId, api: ApiFamily, tps: Option<Tps>, now: Micros) -> Admission {
        let Some(tps) = tps else { return Admission::Normal };
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let made = |used| (tps, TpsLimiter::new(tps.per_second, tps.burst_mode, used));
        let (_, limiter) = match tenants.entry((tenant, api)) {
            Entry::Vacant(free) => free.insert(made(BurstUse::default())),
            Entry::Occupied(kept) => {
                let kept = kept.into_mut();
                if kept.0 != tps {
                    // The limit was changed: the burst of the day stays used.
                    *kept = made(kept.1.used());
                }
                kept
            }
        };
        limiter.admit(now, 1)
    }
}

/// Whether `from` may call; an unknown address may not, unless everybody may.
pub(super) fn is_allowed(allowlist: &[IpNet], from: Option<IpAddr>) -> bool {
    allowlist.is_empty() || from.is_some_and(|from| allowlist.iter().any(|net| net.contains(&from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_allowlist_allows_everybody_and_another_nobody_unknown() {
        let list = ["192.0.2.0/24".parse().unwrap()];
        let ip = |text: &str| Some(text.parse().unwrap());
        assert!(is_allowed(&[], None));
        assert!(is_allowed(&list, ip("192.0.2.77")));
        assert!(!is_allowed(&list, ip("192.0.3.1")));
        assert!(!is_allowed(&list, None));
    }

    #[test]
    fn a_changed_limit_counts_from_its_change_and_tenants_do_not_share() {
        let limits = Limits::default();
        let now = Micros::from_secs(1_000);
        let admit = |tenant, per_second| {
            let tps = Tps { per_second, burst_mode: false };
            limits.admit(TenantId(tenant), ApiFamily::Messaging, Some(tps), now)
        };
        assert_eq!(
            [admit(1, 1), admit(1, 1), admit(2, 1)],
            [Admission::Normal, Admission::Refused, Admission::Normal]
        );
        assert_eq!(
            [admit(1, 2), admit(1, 2), admit(1, 2)],
            [Admission::Normal, Admission::Normal, Admission::Refused]
        );
    }
}
