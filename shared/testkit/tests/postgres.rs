//! PostgreSQL as tests use it.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::TcpStream;

use testkit::postgres::Server;

/// The port that stands in a URL.
fn port(url: &str) -> u16 {
    let host = url.split('@').nth(1).unwrap();
    host.split(['/', ':']).nth(1).unwrap().parse().unwrap()
}

#[test]
fn every_database_is_another_one_on_the_shared_server() {
    let (one, two) = (
        Server::shared().create_database(),
        Server::shared().create_database(),
    );
    assert_ne!(one, two);
    assert_eq!(port(&one), port(&two));
    TcpStream::connect(("127.0.0.1", port(&one))).unwrap();
}

#[test]
fn a_server_of_ones_own_is_gone_when_it_is_dropped() {
    let server = Server::start();
    let url = server.url();
    assert_ne!(port(&url), port(&Server::shared().url()));
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port(&url))).is_err());
}
