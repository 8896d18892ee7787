//! Whose request it is, behind proxies.

use std::net::IpAddr;

use http::HeaderMap;

use crate::config::Cidr;

/// The client's address: the connection's peer, or, when that is a trusted proxy, the last address of `X-Forwarded-For`
/// that is not one. A header from anybody else is ignored, for anybody can write it.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|net| net.contains(address));
    let peer = peer.to_canonical();
    if !is_proxy(peer) {
        return peer;
    }
    let mut client = peer;
    for entry in forwarded(headers).into_iter().rev() {
        let Some(address) = entry.parse::<IpAddr>().ok().map(|address| address.to_canonical()) else { break };
        client = address;
        if !is_proxy(address) {
            break;
        }
    }
    client
}

fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}
