//! What an operator may set.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use script::Bounds;
use serde::Deserialize;

/// The most of anything that one gateway is allowed to have at once; far more than it could serve.
const MOST_AT_ONCE: usize = 1_000_000;

/// The section `[gateway]`; each setting is explained in `defaults.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where callers reach the endpoints.
    pub listener: SocketAddr,
    /// Where authors and operators reach the control plane.
    pub control: SocketAddr,
    /// The address that callers use, without a trailing slash.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks.
    pub trusted_proxies: Vec<String>,
    /// How many requests may be in work at once.
    pub max_in_flight: usize,
    /// How many connections of callers may be open at once.
    pub max_connections: usize,
    /// The largest body that any endpoint takes, in bytes.
    pub max_body_bytes: u64,
    /// How long a caller may take to send its headers, or rest between two requests, in seconds.
    pub header_seconds: u64,
    /// How long a caller may take to send its body, in seconds.
    pub body_seconds: u64,
    /// How long a full event stream may stall, in seconds.
    pub slow_reader_seconds: u64,
    /// How often an event stream carries a comment, in milliseconds.
    pub stream_comment_ms: u64,
    /// The `retry` of an event stream that a shutdown ends, in milliseconds.
    pub stream_retry_ms: u64,
    /// How long requests are still taken once a drain has begun, in milliseconds.
    pub drain_linger_ms: u64,
    /// How many instructions one evaluation of a script may take.
    pub script_fuel: u64,
    /// How many bytes one script may render.
    pub script_output_bytes: usize,
    /// How many values one list may have that a script makes.
    pub script_list_items: usize,
    /// How long one evaluation of a heavy script may take, in milliseconds.
    pub script_milliseconds: u64,
}

impl Config {
    /// How long a caller may take to send its headers, or rest between two requests.
    pub(crate) fn header_time(&self) -> Duration {
        Duration::from_secs(self.header_seconds)
    }

    /// How long a caller may take to send its body.
    pub(crate) fn body_time(&self) -> Duration {
        Duration::from_secs(self.body_seconds)
    }

    /// How long a full event stream may stall.
    pub(crate) fn slow_reader_time(&self) -> Duration {
        Duration::from_secs(self.slow_reader_seconds)
    }

    /// How often an event stream carries a comment.
    pub(crate) fn stream_comment_time(&self) -> Duration {
        Duration::from_millis(self.stream_comment_ms)
    }

    /// What one evaluation of a script may cost.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            fuel: self.script_fuel,
            output_bytes: self.script_output_bytes,
            list_items: self.script_list_items,
            ..Bounds::default()
        }
    }

    /// How long one evaluation of a heavy script may take.
    pub(crate) fn script_time(&self) -> Duration {
        Duration::from_millis(self.script_milliseconds)
    }

    /// The trusted proxies as networks.
    ///
    /// # Errors
    /// A sentence that names the entry which is neither an address nor a network.
    pub(crate) fn proxies(&self) -> Result<Vec<IpNet>, String> {
        self.trusted_proxies
            .iter()
            .map(|entry| network(entry))
            .collect()
    }

    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// A sentence that names the setting and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (setting, most) in [
            ("max_in_flight", self.max_in_flight),
            ("max_connections", self.max_connections),
        ] {
            if !(1..=MOST_AT_ONCE).contains(&most) {
                return Err(format!(
                    "gateway.{setting} is {most}: it must be between 1 and {MOST_AT_ONCE}"
                ));
            }
        }
        if self.stream_comment_ms == 0 {
            return Err(
                "gateway.stream_comment_ms is 0: a stream would be comments alone".to_owned(),
            );
        }
        let cap = shared::limits::MAX_BODY;
        if self.max_body_bytes > cap {
            return Err(format!(
                "gateway.max_body_bytes is {}: {cap} is the most that the bus can carry",
                self.max_body_bytes
            ));
        }
        self.proxies()?;
        match self.public_url.as_deref() {
            Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
                Err("gateway.public_url begins with neither http:// nor https://".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn network(entry: &str) -> Result<IpNet, String> {
    let entry = entry.trim();
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Ok(IpNet::from(address));
    }
    entry.parse().map_err(|_| {
        format!("gateway.trusted_proxies: `{entry}` is neither an address nor a network such as 10.0.0.0/8")
    })
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert!(
            network("10.0.0.0/8")
                .unwrap()
                .contains(&"10.1.2.3".parse::<std::net::IpAddr>().unwrap())
        );
        assert_eq!(network("::1").unwrap().prefix_len(), 128);
        assert!(
            network("proxy.example")
                .unwrap_err()
                .contains("proxy.example")
        );
    }
}
