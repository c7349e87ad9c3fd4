//! HTTP/1.1 as it stands on the wire, for requests that no client would send.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a byte may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a gateway.
pub(super) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A reply as it came.
#[derive(Debug)]
pub(super) struct Raw {
    /// The status.
    pub(super) status: u16,
    /// Status line and headers, without the empty line.
    pub(super) head: String,
    /// The body.
    pub(super) body: String,
}

impl Raw {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Whether the server says that it closes the connection.
    pub(super) fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

/// Where an endpoint's URL leads: its address and its path.
pub(super) fn target(url: &str) -> (SocketAddr, String) {
    let url = Url::parse(url).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    (address.parse().unwrap(), url.path().to_owned())
}

impl Wire {
    pub(super) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let read = Vec::new();
        Self { stream, read }
    }

    /// Sends the very bytes. A server that has closed already takes none: what it said still counts.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Reads one reply; none where the server has closed.
    pub(super) async fn reply(&mut self, has_body: bool) -> Option<Raw> {
        let end = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                break end;
            }
            if !self.more().await {
                assert!(self.read.is_empty(), "half a reply");
                return None;
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        self.read.drain(..4);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut raw = Raw {
            status,
            head,
            body: String::new(),
        };
        if has_body && status >= 200 {
            let length: usize = raw.header("content-length").unwrap().parse().unwrap();
            while self.read.len() < length {
                assert!(self.more().await, "half a body");
            }
            raw.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        }
        Some(raw)
    }

    /// Whether the server has closed, after everything that it sent was read.
    pub(super) async fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.more().await
    }

    async fn more(&mut self) -> bool {
        let mut chunk = [0; 4 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut chunk)).await;
        // A connection that was reset is closed.
        let read = read
            .expect("the gateway says something in time")
            .unwrap_or(0);
        self.read.extend_from_slice(&chunk[..read]);
        read > 0
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
