//! A socket for the sound of one call, on an even port of the trunk's range (RFC 3550, 11). It is free again when the
//! socket is dropped.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use tokio::net::UdpSocket;

/// Binds a free even port of `range`, looking from a place that `random` chooses.
///
/// # Errors
/// That of the last attempt when no port of the range is free.
pub async fn bind(address: IpAddr, range: &RangeInclusive<u16>, random: u64) -> io::Result<UdpSocket> {
    let first = u32::from(range.start().next_multiple_of(2).max(*range.start()));
    let last = u32::from(*range.end());
    let places = if last < first { 0 } else { (last - first) / 2 + 1 };
    let from = u32::try_from(random % u64::from(places.max(1))).unwrap_or(0);
    let mut problem = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for step in 0..places {
        let port = u16::try_from(first + (from + step) % places * 2).unwrap_or(0);
        match UdpSocket::bind(SocketAddr::new(address, port)).await {
            Ok(socket) => return Ok(socket),
            Err(error) => problem = error,
        }
    }
    Err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ports_are_even_and_come_back_when_a_call_ends() {
        let (home, range) = (IpAddr::from([127, 0, 0, 1]), 29_001..=29_004);
        let first = bind(home, &range, 7).await.unwrap();
        assert_eq!(first.local_addr().unwrap().port(), 29_004);
        let second = bind(home, &range, 7).await.unwrap();
        assert_eq!(second.local_addr().unwrap().port(), 29_002);
        assert!(bind(home, &range, 7).await.is_err());
        drop(first);
        assert!(bind(home, &range, 7).await.is_ok());
    }
}
