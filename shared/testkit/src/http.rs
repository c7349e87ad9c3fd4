//! Clients for HTTP: an ordinary one, and one that sends anything.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a reply may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that follows no redirect, uses no proxy, and gives up after 30 seconds between two bytes.
#[must_use]
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(PATIENCE)
        .read_timeout(PATIENCE)
        .build()
        .expect("these settings go together")
}

/// Sends the very bytes, and returns what comes back until the server closes the connection or is silent for 30
/// seconds. Ask with `Connection: close`.
pub async fn raw(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("the port is open");
    // A server may refuse and close before it has read everything: what it said still counts.
    let _ = stream.write_all(bytes.as_ref()).await;
    let mut reply = Vec::new();
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(Ok(read @ 1..)) = timeout(PATIENCE, stream.read(&mut chunk)).await {
        reply.extend_from_slice(&chunk[..read]);
    }
    reply
}
