//! A test program that is killed, as by a time limit or by the system.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use testkit::{nats, postgres, until_blocking};

/// Tells this very program to be the one that is killed.
const VICTIM: &str = "EARSHOT_TESTS_VICTIM";

/// Starts servers, prints their ports, and waits for the end.
fn be_killed() {
    let nats = nats::Server::start();
    let postgres = postgres::Server::start();
    for url in [nats.url(), postgres.url()] {
        println!("\nport {}", port(&url));
    }
    loop {
        std::thread::park();
    }
}

fn port(url: &str) -> u16 {
    let (_, address) = url.split_once("127.0.0.1:").unwrap();
    address.split('/').next().unwrap().parse().unwrap()
}

fn open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn servers_end_with_the_test_program_however_it_ends() {
    if env::var_os(VICTIM).is_some() {
        return be_killed();
    }
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--nocapture", "servers_end_with_the_test_program"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ports: Vec<u16> = BufReader::new(victim.stdout.take().unwrap())
        .lines()
        .filter_map(|line| line.unwrap().strip_prefix("port ")?.parse().ok())
        .take(2)
        .collect();
    assert!(
        ports.len() == 2 && ports.iter().all(|port| open(*port)),
        "{ports:?}"
    );
    victim.kill().unwrap();
    victim.wait().unwrap();
    until_blocking(Duration::from_secs(30), "the servers to end", || {
        ports.iter().all(|port| !open(*port)).then_some(())
    });
}
