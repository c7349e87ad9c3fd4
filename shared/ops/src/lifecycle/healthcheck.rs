//! `healthcheck`: for containers, whose images hold no client for HTTP.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

/// How long each step of asking may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the ops port whether the service is ready.
pub(super) fn run(address: Option<SocketAddr>) -> ExitCode {
    let problem = match address {
        None => "there is no ops port to ask; set ops.address (EARSHOT_OPS__ADDRESS)".to_owned(),
        Some(address) => match ask(reachable(address)) {
            Ok(true) => return ExitCode::SUCCESS,
            Ok(false) => "not ready".to_owned(),
            Err(error) => format!("{address} does not answer: {error}"),
        },
    };
    let _ = writeln!(io::stderr(), "healthcheck: {problem}");
    ExitCode::FAILURE
}

/// A port that is bound to every address is asked on the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

/// Whether `/readyz` answers 200.
fn ask(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    Ok(status.split(' ').nth(1) == Some("200"))
}
