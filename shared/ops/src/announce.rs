//! Saying where a port is open, in the one form that scripts and tests look for.

use std::net::SocketAddr;

/// Logs that a port is open: message `listening`, fields `port_name` (`listener`, `control` or `ops`) and `address`.
///
/// A service that was told to take any free port (`:0`) is found by this line.
pub fn announce(port_name: &str, address: SocketAddr) {
    tracing::info!(port_name, %address, "listening");
}
