//! Which addresses may be spoken to.
//!
//! A call-back URL is the customer's word, and whoever may name a URL may name our own network. So an address must be
//! an ordinary public one, unless the operator has allowed it by name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// This host.
    Loopback,
    /// "This network" or the unspecified address, which reaches this host.
    Unspecified,
    /// A private network (RFC 1918, unique local IPv6).
    Private,
    /// A link's own addresses.
    LinkLocal,
    /// Carrier-grade NAT (RFC 6598).
    SharedNat,
    /// A cloud's metadata service.
    Metadata,
    /// Multicast and broadcast.
    Multicast,
    /// Examples in documents.
    Documentation,
    /// Benchmarks of networks.
    Benchmark,
    /// An IPv4 address in IPv6 clothes: mapped, compatible, NAT64, 6to4, Teredo.
    Embedded,
    /// Reserved, or not global unicast.
    Reserved,
}

impl Why {
    /// A short text for operators.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Loopback => "this host",
            Self::Unspecified => "the unspecified address",
            Self::Private => "a private network",
            Self::LinkLocal => "link-local",
            Self::SharedNat => "carrier-grade NAT",
            Self::Metadata => "a cloud's metadata service",
            Self::Multicast => "multicast or broadcast",
            Self::Documentation => "documentation only",
            Self::Benchmark => "benchmarking only",
            Self::Embedded => "an IPv4 address inside IPv6",
            Self::Reserved => "reserved",
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.text())
    }
}

/// Refuses an address that is not ordinary and public, and not in `allowed`.
///
/// # Errors
/// [`Why`] it is refused.
pub fn vet(addr: IpAddr, allowed: &[IpNet]) -> Result<(), Why> {
    if allowed.iter().any(|net| net.contains(&addr)) {
        return Ok(());
    }
    let why = match addr {
        IpAddr::V4(addr) => v4(addr),
        IpAddr::V6(addr) => v6(addr),
    };
    why.map_or(Ok(()), Err)
}

/// IANA's IPv4 special-purpose registry, plus the metadata services.
const fn v4(addr: Ipv4Addr) -> Option<Why> {
    let why = match addr.octets() {
        // Azure's is a public address, Oracle's and Alibaba's lie in blocks with milder names.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [192, 0, 0, 192] | [100, 100, 100, 200] => Why::Metadata,
        [0, ..] => Why::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Why::Private,
        [100, 64..=127, ..] => Why::SharedNat,
        [127, ..] => Why::Loopback,
        [169, 254, ..] => Why::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Why::Documentation,
        [198, 18..=19, ..] => Why::Benchmark,
        [224..=239, ..] | [255, 255, 255, 255] => Why::Multicast,
        // Protocol assignments, the dead 6to4 relays, and what was never given out.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Why::Reserved,
        _ => return None,
    };
    Some(why)
}

/// IANA's IPv6 special-purpose registry: only global unicast, without its special blocks.
const fn v6(addr: Ipv6Addr) -> Option<Why> {
    let why = match addr.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254] => Why::Metadata,
        [0, 0, 0, 0, 0, 0, 0, 0] => Why::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Why::Loopback,
        // Compatible, mapped, translated.
        [0, 0, 0, 0, 0, 0, _, _] | [0, 0, 0, 0, 0, 0xffff, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => {
            Why::Embedded
        }
        // NAT64 (RFC 6052, RFC 8215), Teredo, 6to4.
        [0x64, 0xff9b, ..] | [0x2001, 0, ..] | [0x2002, ..] => Why::Embedded,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Why::Private,
        [0xfe80..=0xfebf, ..] => Why::LinkLocal,
        [0xff00..=0xffff, ..] => Why::Multicast,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Why::Documentation,
        [0x2001, 2, 0, ..] => Why::Benchmark,
        [0x2001, 0..=0x01ff, ..] => Why::Reserved,
        [0x2000..=0x3fff, ..] => return None,
        _ => Why::Reserved,
    };
    Some(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addr: &str, expected: Result<(), Why>) {
        assert_eq!(vet(addr.parse().unwrap(), &[]), expected, "{addr}");
    }

    #[test]
    fn every_special_address_is_refused_for_its_reason() {
        use Why::*;
        let table = [
            ("0.0.0.0", Unspecified),
            ("0.1.2.3", Unspecified),
            ("10.0.0.1", Private),
            ("10.255.255.255", Private),
            ("100.64.0.1", SharedNat),
            ("100.127.255.255", SharedNat),
            ("100.100.100.200", Metadata),
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("168.63.129.16", Metadata),
            ("169.254.0.1", LinkLocal),
            ("169.254.169.254", Metadata),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.0.0.1", Reserved),
            ("192.0.0.192", Metadata),
            ("192.0.2.1", Documentation),
            ("192.88.99.1", Reserved),
            ("192.168.0.1", Private),
            ("198.18.0.1", Benchmark),
            ("198.19.255.255", Benchmark),
            ("198.51.100.7", Documentation),
            ("203.0.113.7", Documentation),
            ("224.0.0.1", Multicast),
            ("239.255.255.255", Multicast),
            ("240.0.0.1", Reserved),
            ("255.255.255.255", Multicast),
            ("::", Unspecified),
            ("::1", Loopback),
            ("::127.0.0.1", Embedded),
            ("::8.8.8.8", Embedded),
            ("::ffff:127.0.0.1", Embedded),
            ("::ffff:8.8.8.8", Embedded),
            ("::ffff:0:10.0.0.1", Embedded),
            ("64:ff9b::a00:1", Embedded),
            ("64:ff9b:1::1", Embedded),
            ("100::1", Reserved),
            ("2001::1", Embedded),
            ("2001:2::1", Benchmark),
            ("2001:10::1", Reserved),
            ("2001:20::1", Reserved),
            ("2001:db8::1", Documentation),
            ("2002:7f00:1::1", Embedded),
            ("2002:a00:1::", Embedded),
            ("3fff::1", Documentation),
            ("4000::1", Reserved),
            ("5f00::1", Reserved),
            ("fc00::1", Private),
            ("fd00:ec2::254", Metadata),
            ("fd20:ce::254", Metadata),
            ("fd12:3456::1", Private),
            ("fe80::1", LinkLocal),
            ("febf::1", LinkLocal),
            ("fec0::1", Private),
            ("ff02::1", Multicast),
        ];
        table.into_iter().for_each(|(addr, why)| check(addr, Err(why)));
    }

    #[test]
    fn ordinary_public_addresses_on_both_sides_of_the_special_ones_pass() {
        let table = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "3ffe::1",
        ];
        table.into_iter().for_each(|addr| check(addr, Ok(())));
    }

    #[test]
    fn an_allowed_network_passes_and_its_neighbours_do_not() {
        let allowed = ["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()];
        assert_eq!(vet("10.1.2.3".parse().unwrap(), &allowed), Ok(()));
        assert_eq!(vet("::1".parse().unwrap(), &allowed), Ok(()));
        assert_eq!(vet("10.2.0.1".parse().unwrap(), &allowed), Err(Why::Private));
        assert_eq!(vet("::ffff:10.1.2.3".parse().unwrap(), &allowed), Err(Why::Embedded));
    }
}
