//! Which addresses an author's request may reach.
//!
//! Loopback, link-local, private, metadata and every other special-purpose address is refused
//! unless the operator allows it (IANA special-purpose registries, RFC 6890). Addresses that carry
//! another one inside are judged by that one, so that no spelling slips through.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The operator's rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    allowed: Vec<IpNet>,
}

/// An address that an author's request may not reach.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} is not a public address; requests to it are refused unless the operator lists its \
     network in runner.allowed_networks"
)]
pub(crate) struct Refused {
    /// The host as the request names it.
    pub host: String,
}

impl Guard {
    /// A guard that also lets through the operator's own networks.
    #[must_use]
    pub(crate) const fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether requests may go to this address.
    #[must_use]
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed
            .iter()
            .any(|network| network.contains(&address))
            || is_public(address)
    }

    /// Checks a URL whose host is an address already, which no resolver ever sees.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn check_literal(&self, url: &url::Url) -> Result<(), Refused> {
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
            Some(url::Host::Domain(_)) | None => return Ok(()),
        };
        if self.permits(address) {
            return Ok(());
        }
        Err(Refused {
            host: address.to_string(),
        })
    }
}

impl Resolve for Guard {
    /// Resolves by the system's resolver and keeps the addresses that the guard permits. The
    /// connection is made to these very addresses, so a second answer cannot slip in.
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let permitted: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|address| guard.permits(address.ip()))
                .collect();
            if permitted.is_empty() && !found.is_empty() {
                return Err(Refused { host }.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99);
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let Some(inner) = inner_v4(segments) {
        return is_public_v4(inner);
    }
    // Only 2000::/3 is given out for use on the internet; out of it, these are special.
    let [first, second, ..] = segments;
    let documentation = (first == 0x2001 && second == 0xdb8) || first == 0x3fff;
    let protocol_assignments = first == 0x2001 && second < 0x200;
    first & 0xe000 == 0x2000 && !documentation && !protocol_assignments
}

/// The IPv4 address inside an address of NAT64, 6to4 or the deprecated compatible form.
fn inner_v4(segments: [u16; 8]) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => {
            Some(join(high, low))
        }
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(guard: &Guard, address: &str) -> bool {
        guard.permits(address.parse().unwrap())
    }

    #[test]
    fn special_addresses_are_refused_and_public_ones_pass() {
        let guard = Guard::default();
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "ff02::1",
            "64:ff9b:1:a00:0:100:808:808",
            "64:ff9b::1:0:808:808",
            "192.0.0.192",
        ] {
            assert!(!permits(&guard, address), "{address}");
        }
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(permits(&guard, address), "{address}");
        }
    }

    #[test]
    fn what_the_operator_allows_passes_in_every_spelling() {
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(permits(&guard, "127.0.0.1"));
        assert!(permits(&guard, "::ffff:127.0.0.1"));
        assert!(!permits(&guard, "10.0.0.1"));
    }

    #[test]
    fn every_spelling_of_an_address_in_a_url_is_judged() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0/",
            "http://169.254.169.254/latest/",
            "http://①②⑦.⓪.⓪.①/",
        ] {
            let url = url::Url::parse(url).unwrap();
            assert!(guard.check_literal(&url).is_err(), "{url}");
        }
        assert!(
            guard
                .check_literal(&url::Url::parse("http://1.1.1.1/").unwrap())
                .is_ok()
        );
    }
}
