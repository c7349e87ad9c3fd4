//! Who calls.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The caller's address: the peer's, or what trusted proxies say about it.
///
/// `X-Forwarded-For` is read from its end, the entry that the nearest proxy wrote, for as long as the one who wrote it
/// is trusted. What stands before that anyone could have written.
pub(crate) fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut caller = peer.to_canonical();
    let values: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    for entry in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(caller) {
            break;
        }
        let Some(address) = address(entry) else { break };
        caller = address;
    }
    caller
}

/// An address, as some proxies write it with a port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let parsed: Option<IpAddr> = entry.parse().ok();
    let parsed = parsed.or_else(|| entry.trim_matches(['[', ']']).parse().ok());
    let with_port = || {
        entry
            .parse::<std::net::SocketAddr>()
            .ok()
            .map(|socket| socket.ip())
    };
    parsed
        .or_else(with_port)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        caller(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn without_a_trusted_proxy_the_peer_is_the_caller() {
        assert_eq!(ask("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(
            ask("192.0.2.1", &["203.0.113.9"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn trusted_proxies_are_believed_and_what_a_caller_wrote_before_them_is_not() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(ask("10.0.0.1", &["203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(
            ask("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], &trusted),
            "203.0.113.9"
        );
        assert_eq!(
            ask("10.0.0.1", &["1.1.1.1", "203.0.113.9"], &trusted),
            "203.0.113.9"
        );
        assert_eq!(
            ask("::ffff:10.0.0.1", &["203.0.113.9:4711"], &trusted),
            "203.0.113.9"
        );
    }

    #[test]
    fn nonsense_ends_the_chain() {
        assert_eq!(
            ask("10.0.0.1", &["203.0.113.9, unknown"], &["10.0.0.0/8"]),
            "10.0.0.1"
        );
    }
}
