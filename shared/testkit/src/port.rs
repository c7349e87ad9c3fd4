//! Ports for servers that a test starts, kills and starts again.
//!
//! They lie below the range out of which the kernel serves port 0 and outgoing connections (32768 and up on Linux), so
//! that nobody else gets one while its server is down.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port of the first block.
const FIRST: u16 = 20_000;
/// How many ports a test program takes for itself.
const BLOCK: u16 = 1_000;
/// How many blocks there are, so how many test programs may run at once.
const BLOCKS: u16 = 12;

/// The block of this test program.
struct Block {
    first: u16,
    next: AtomicU16,
    /// Holds the block: while it is bound, no other test program gets it.
    _held: UdpSocket,
}

/// A port of loopback on which nothing listens, and which no other caller gets for a long time.
///
/// # Panics
///
/// Panics where more than twelve test programs run at once, or all ports of this one are in use.
#[must_use]
pub fn free() -> u16 {
    static OURS: OnceLock<Block> = OnceLock::new();
    let block = OURS.get_or_init(take_block);
    (1..BLOCK)
        .map(|_| {
            let next = block.next.fetch_add(1, Ordering::Relaxed);
            block.first + 1 + next % (BLOCK - 1)
        })
        .find(|port| is_free(*port))
        .expect("a test program uses fewer than a thousand ports at once")
}

fn take_block() -> Block {
    (0..BLOCKS)
        .map(|block| FIRST + block * BLOCK)
        .find_map(|first| {
            Some(Block {
                first,
                next: AtomicU16::new(0),
                _held: UdpSocket::bind((Ipv4Addr::LOCALHOST, first)).ok()?,
            })
        })
        .expect("at most twelve test programs run at once")
}

/// Whether nothing listens there, under either version of IP; a machine without IPv6 has nothing that could.
fn is_free(port: u16) -> bool {
    let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        && !TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err_and(|error| taken(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_callers_get_the_same_port_and_each_can_be_listened_on() {
        let ports: Vec<u16> = (0..50).map(|_| free()).collect();
        let listeners: Vec<TcpListener> = ports
            .iter()
            .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).unwrap())
            .collect();
        assert_eq!(listeners.len(), ports.len());
        assert!(ports.iter().all(|port| (FIRST..32_768).contains(port)));
    }

    #[test]
    fn a_port_that_is_listened_on_is_not_free() {
        let port = free();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert!(!is_free(port));
        drop(listener);
        assert!(is_free(port));
    }
}
