//! Which process a connection comes from, as the kernel knows it.

use std::collections::HashMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

/// The processes at the other ends of connections.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    /// The processes that can be one, the newest first.
    pids: Mutex<Vec<u32>>,
    /// The owners of sockets: their numbers are not used again for long, as ports are.
    known: Mutex<HashMap<u64, u32>>,
}

impl Owners {
    /// One more process that can be one.
    pub(crate) fn add(&self, pid: u32) {
        let mut pids = self.pids.lock().unwrap_or_else(PoisonError::into_inner);
        pids.insert(0, pid);
    }

    /// The process that has this port of 127.0.0.1; none where it is gone already, or there is no `/proc`.
    pub(crate) fn of(&self, port: u16) -> Option<u32> {
        let socket = socket(&fs::read_to_string("/proc/net/tcp").ok()?, port)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = known.get(&socket) {
            return Some(*pid);
        }
        let pids = self.pids.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = pids.iter().copied().find(|pid| has(*pid, socket))?;
        known.insert(socket, pid);
        Some(pid)
    }
}

/// The number of the socket with this port of 127.0.0.1 (proc(5), `/proc/net/tcp`).
fn socket(table: &str, port: u16) -> Option<u64> {
    let local = format!("0100007F:{port:04X}");
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let socket = fields.next()? == local;
        let number: u64 = fields.nth(7)?.parse().ok()?;
        (socket && number > 0).then_some(number)
    })
}

/// Whether a process has a socket open.
fn has(pid: u32, socket: u64) -> bool {
    let target = format!("socket:[{socket}]");
    let files = fs::read_dir(format!("/proc/{pid}/fd"));
    files.into_iter().flatten().flatten().any(|file| {
        let link = fs::read_link(file.path()).unwrap_or_default();
        link.as_os_str() == target.as_str()
    })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_process_that_has_a_port_is_found_among_those_that_can_have_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let port = stream.local_addr().unwrap().port();
        let owners = Owners::default();
        assert_eq!(owners.of(port), None);
        owners.add(std::process::id());
        owners.add(1);
        assert_eq!(owners.of(port), Some(std::process::id()));
    }
}
