//! Where a call comes from: the peer of the socket, or, when that is a trusted proxy, whoever the proxies say they speak
//! for. The one header that is read is `X-Forwarded-For`, since every proxy can write it; `Forwarded` (RFC 7239) is not,
//! because two headers that a proxy may pass on unread are two ways to lie.
//!
//! Nothing that an untrusted peer wrote is ever believed: the chain is read from its right end, which the nearest proxy
//! wrote, and only for as long as the one who wrote it is trusted.

use std::net::{IpAddr, SocketAddr};

use http::{Extensions, HeaderMap, HeaderName};
use tonic::Request;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use crate::call::CallInfo;
use crate::config::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a call is put down to. Never an IPv4 address in IPv6 clothes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// That of a request which came through the server; none for one that came over no network.
    pub fn of<T>(request: &Request<T>) -> Option<IpAddr> {
        CallInfo::of(request)?.address.map(|Self(address)| address)
    }

    pub(crate) fn find<B>(request: &http::Request<B>, trusted: &[Network]) -> Option<Self> {
        let peer = peer(request.extensions())?;
        Some(Self(behind(peer, request.headers(), trusted)))
    }
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let plain = extensions.get::<TcpConnectInfo>();
    let info = plain.or_else(|| {
        let tls = extensions.get::<TlsConnectInfo<TcpConnectInfo>>();
        tls.map(TlsConnectInfo::get_ref)
    });
    Some(info?.remote_addr()?.ip())
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut known = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR);
    let mut hops = lines
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .rev();
    while trusted.iter().any(|network| network.contains(known)) {
        // One who is trusted and names nobody, or nobody we can read, is the last that is known.
        let Some(next) = hops.next().and_then(address) else {
            break;
        };
        known = next;
    }
    known
}

/// Some proxies add the port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let address = text
        .parse()
        .or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUSTED: [&str; 3] = ["127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"];

    #[track_caller]
    fn assert_found(peer: &str, lines: &[&str], expected: &str) {
        let trusted: Vec<Network> = TRUSTED.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let found = behind(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(found, expected.parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_stranger_is_who_the_socket_says_whatever_the_header_says() {
        assert_found("192.0.2.7", &[], "192.0.2.7");
        assert_found("192.0.2.7", &["198.51.100.1"], "192.0.2.7");
        assert_found("192.0.2.7", &["198.51.100.1, 10.0.0.1"], "192.0.2.7");
        assert_found("::ffff:192.0.2.7", &["198.51.100.1"], "192.0.2.7");
    }

    #[test]
    fn a_trusted_proxy_names_its_client() {
        assert_found("10.0.0.1", &["192.0.2.7"], "192.0.2.7");
        assert_found("::ffff:10.0.0.1", &["192.0.2.7"], "192.0.2.7");
        assert_found("2001:db8:1::1", &["2001:db8:2::9"], "2001:db8:2::9");
        assert_found("10.0.0.1", &["192.0.2.7, 10.0.0.2,10.0.0.3"], "192.0.2.7");
        assert_found("10.0.0.1", &["192.0.2.7", "10.0.0.2"], "192.0.2.7");
        assert_found("10.0.0.1", &["192.0.2.7:4711"], "192.0.2.7");
        assert_found("10.0.0.1", &["[2001:db8:2::9]:4711"], "2001:db8:2::9");
        assert_found("10.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7");
    }

    #[test]
    fn what_a_client_wrote_before_the_proxy_did_is_not_believed() {
        assert_found("10.0.0.1", &["198.51.100.1, 192.0.2.7"], "192.0.2.7");
        assert_found("10.0.0.1", &["198.51.100.1", "192.0.2.7"], "192.0.2.7");
        assert_found("10.0.0.1", &["10.0.0.9, 127.0.0.1, 192.0.2.7"], "192.0.2.7");
    }

    #[test]
    fn a_chain_that_cannot_be_read_ends_at_the_last_that_can() {
        assert_found("10.0.0.1", &[], "10.0.0.1");
        assert_found("10.0.0.1", &[""], "10.0.0.1");
        assert_found("10.0.0.1", &["unknown"], "10.0.0.1");
        assert_found("10.0.0.1", &["192.0.2.7, _hidden, 10.0.0.2"], "10.0.0.2");
        assert_found("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
    }
}
