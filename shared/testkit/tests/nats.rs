//! nats-server as tests use it.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use testkit::nats::Server;

/// A connection that has said hello, as a client of the protocol in its simplest form.
struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut connection = Self {
            reader: BufReader::new(stream),
        };
        assert!(connection.line().starts_with("INFO "));
        connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\n");
        connection
    }

    fn send(&mut self, text: &str) {
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The next line of the server, but for its own question whether we are there.
    fn line(&mut self) -> String {
        self.try_line().unwrap()
    }

    fn try_line(&mut self) -> std::io::Result<String> {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if line != "PING\r\n" {
                return Ok(line);
            }
        }
    }

    fn patience(&self, patience: Duration) {
        let stream = self.reader.get_ref();
        stream.set_read_timeout(Some(patience)).unwrap();
    }

    /// Asks JetStream, and returns the body of its reply.
    fn ask(&mut self, subject: &str, body: &str) -> String {
        self.send(&format!(
            "SUB inbox.1 1\r\nPUB {subject} inbox.1 {}\r\n{body}\r\n",
            body.len()
        ));
        assert!(self.line().starts_with("MSG inbox.1"));
        self.line()
    }
}

fn alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn a_server_answers_with_jetstream_and_large_messages() {
    let server = Server::start();
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut info = String::new();
    BufReader::new(stream).read_line(&mut info).unwrap();
    assert!(info.contains("\"jetstream\":true"), "{info}");
    assert!(info.contains("\"max_payload\":8388608"), "{info}");
}

#[test]
fn two_servers_run_side_by_side() {
    let (one, two) = (Server::start(), Server::start());
    assert_ne!(one.port(), two.port());
    assert_ne!(one.pid(), two.pid());
}

#[test]
fn a_killed_server_keeps_port_and_streams_over_a_restart() {
    let server = Server::start();
    let (port, pid) = (server.port(), server.pid());
    let stream = r#"{"name":"KEPT","subjects":["kept"],"storage":"file"}"#;
    let reply = Connection::open(&server).ask("$JS.API.STREAM.CREATE.KEPT", stream);
    assert!(!reply.contains("\"error\""), "{reply}");
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.restart();
    assert_eq!(server.port(), port);
    assert_ne!(server.pid(), pid);
    let reply = Connection::open(&server).ask("$JS.API.STREAM.INFO.KEPT", "");
    assert!(reply.contains("\"name\":\"KEPT\""), "{reply}");
}

#[test]
fn a_stopped_server_can_be_started_again() {
    let server = Server::start();
    server.stop();
    assert!(server.log().contains("Server Exiting"), "{}", server.log());
    server.restart();
    Connection::open(&server);
}

#[test]
fn a_paused_server_is_silent_until_it_goes_on() {
    let server = Server::start();
    let mut connection = Connection::open(&server);
    connection.send("PING\r\n");
    assert_eq!(connection.line(), "PONG\r\n");
    server.pause();
    connection.send("PING\r\n");
    connection.patience(Duration::from_millis(200));
    assert!(connection.try_line().is_err());
    server.resume();
    connection.patience(Duration::from_secs(10));
    assert_eq!(connection.line(), "PONG\r\n");
}

#[test]
fn a_dropped_server_is_gone_with_its_process() {
    let server = Server::start();
    let pid = server.pid();
    drop(server);
    assert!(!alive(pid));
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let server = std::thread::spawn(Server::start).join().unwrap();
    Connection::open(&server);
    assert!(alive(server.pid()));
}

#[test]
fn more_configuration_is_heeded() {
    let server = Server::with_config("authorization { user: \"gateway\", password: \"pw\" }");
    let mut connection = Connection::open(&server);
    connection.send("PING\r\n");
    let refused = connection.line();
    assert!(refused.contains("Authorization Violation"), "{refused}");
}
