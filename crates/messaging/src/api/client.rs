//! Whose request it is, behind proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The caller's address: the peer's, or what a trusted proxy says it is. Each proxy appends the address it was called
/// from, so the list is read from its end up to the first address that is no trusted proxy. `None` when the peer is not
/// known, or a trusted proxy names what is no address.
#[must_use]
pub fn client_ip(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
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
}
