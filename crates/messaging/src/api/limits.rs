//! Where a caller may call from, and how often.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use waypost_core::channel::Channel;
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
    Events,
    /// One channel of the Messaging API, beside the limit of the whole.
    Channel(Channel),
}

impl ApiFamily {
    /// The name under which operators set the limit.
    fn name(self) -> String {
        match self {
            Self::Messaging => "messaging".to_owned(),
            Self::Status => "transaction-status".to_owned(),
            Self::Profile => "profile".to_owned(),
            Self::Events => "events".to_owned(),
            Self::Channel(channel) => channel_limit(channel),
        }
    }
}

/// The name under which operators set the limit of one channel of the Messaging API.
#[must_use]
pub fn channel_limit(channel: Channel) -> String {
    format!("messaging/{}", channel.wire_name().to_ascii_lowercase())
}

/// What burst mode has used of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BurstUsed {
    /// Whose limit.
    pub tenant: TenantId,
    /// Its name, as operators set it.
    pub api: String,
    /// What was used.
    pub used: BurstUse,
}

/// The limiters in use: at most one per tenant of the directory and API. Counted in this process.
#[derive(Default)]
pub(super) struct Limits {
    tenants: Mutex<HashMap<(TenantId, ApiFamily), (Tps, TpsLimiter)>>,
    /// What an earlier process had used, for limiters that are made later.
    before: Mutex<HashMap<(TenantId, String), BurstUse>>,
}

impl Limits {
    /// Takes one transaction.
    pub fn admit(&self, tenant: TenantId, api: ApiFamily, tps: Option<Tps>, now: Micros) -> Admission {
        let Some(tps) = tps else { return Admission::Normal };
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let made = |used| (tps, TpsLimiter::new(tps.per_second, tps.burst_mode, used));
        let (_, limiter) = match tenants.entry((tenant, api)) {
            Entry::Vacant(free) => free.insert(made(self.before(tenant, api))),
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

    fn before(&self, tenant: TenantId, api: ApiFamily) -> BurstUse {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.remove(&(tenant, api.name())).unwrap_or_default()
    }

    /// What an earlier process had used; limiters in use already keep what they have.
    pub fn restore(&self, used: Vec<BurstUsed>) {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.extend(used.into_iter().map(|used| ((used.tenant, used.api), used.used)));
    }

    /// What burst mode has used so far, of the limits on which it was used.
    pub fn used(&self) -> Vec<BurstUsed> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let used = tenants.iter().map(|((tenant, api), (_, limiter))| (*tenant, *api, limiter.used()));
        used.filter(|(_, _, used)| *used != BurstUse::default())
            .map(|(tenant, api, used)| BurstUsed { tenant, api: api.name(), used })
            .collect()
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

    #[test]
    fn what_burst_mode_used_is_handed_on_and_not_given_again() {
        let (first, now) = (Limits::default(), Micros::from_secs(1_790_000_000));
        let tps = Some(Tps { per_second: 2, burst_mode: true });
        let admit = |limits: &Limits, now| limits.admit(TenantId(1), ApiFamily::Messaging, tps, now);
        let twice = [admit(&first, now), admit(&first, now), admit(&first, now)];
        assert_eq!(twice, [Admission::Normal, Admission::Normal, Admission::Burst]);
        let mut used = first.used();
        assert_eq!((used[0].api.as_str(), used[0].used.day_secs), ("messaging", 1));
        used[0].used.day_secs = waypost_core::limit::BURST_DAY_SECS_MAX;
        let second = Limits::default();
        second.restore(used);
        let again = [admit(&second, now), admit(&second, now), admit(&second, now)];
        assert_eq!(again, [Admission::Normal, Admission::Normal, Admission::Refused]);
    }

    #[test]
    fn a_channel_is_counted_beside_the_whole() {
        let limits = Limits::default();
        let now = Micros::from_secs(1_000);
        let tps = Some(Tps { per_second: 1, burst_mode: false });
        let admit = |api| limits.admit(TenantId(1), api, tps, now);
        let (sms, push) = (ApiFamily::Channel(Channel::Sms), ApiFamily::Channel(Channel::Push));
        assert_eq!(
            [admit(sms), admit(push), admit(sms)],
            [Admission::Normal, Admission::Normal, Admission::Refused]
        );
        assert_eq!(sms.name(), "messaging/sms");
    }
}
