//! Where a caller may call from, and how often.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
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

/// The caller's address: the peer's, or what a trusted proxy says it is. Each proxy appends the address it was called
/// from, so the list is read from its end up to the first address that is no trusted proxy.
pub(super) fn client_ip(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut at = peer?.ip().to_canonical();
    let hops = headers.get_all("x-forwarded-for").iter().rev();
    for hop in hops.flat_map(|value| value.to_str().unwrap_or("?").rsplit(',')) {
        if !is_trusted(&at) {
            break;
        }
        at = parse_hop(hop)?;
    }
    Some(at)
}

/// An address, also with the port that some proxies add.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let ip =
        hop.parse::<IpAddr>().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client_ip(Some(peer.parse().unwrap()), &headers, &trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let check = |peer, forwarded: &[&str], expected: Option<&str>| {
            assert_eq!(seen(peer, forwarded).as_deref(), expected, "{peer} {forwarded:?}");
        };
        check("203.0.113.9:1", &[], Some("203.0.113.9"));
        check("203.0.113.9:1", &["192.0.2.1"], Some("203.0.113.9"));
        check("10.0.0.1:1", &[], Some("10.0.0.1"));
        check("10.0.0.1:1", &["192.0.2.1"], Some("192.0.2.1"));
        check("10.0.0.1:1", &["6.6.6.6, 192.0.2.1,10.0.0.2"], Some("192.0.2.1"));
        check("10.0.0.1:1", &["6.6.6.6", "192.0.2.1"], Some("192.0.2.1"));
        check("10.0.0.1:1", &["192.0.2.1:4711"], Some("192.0.2.1"));
        check("[fd00::1]:1", &["[2001:db8::1]:9"], Some("2001:db8::1"));
        check("[::ffff:10.0.0.1]:1", &["::ffff:192.0.2.1"], Some("192.0.2.1"));
        check("10.0.0.1:1", &["unknown"], None);
    }

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
