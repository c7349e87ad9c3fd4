//! A caller as load balancers and pools are: one connection, kept, and another gateway only where it is proper.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// A caller with one connection to one of several gateways.
///
/// It goes to the next gateway when a connection is refused, when a reply said that it was the connection's last, or when
/// the gateway closed the connection between two requests. Everything else is a lost request or a cut reply.
pub(crate) struct KeepAlive {
    gateways: Vec<SocketAddr>,
    at: usize,
    connection: Option<BufReader<TcpStream>>,
}

impl KeepAlive {
    pub(crate) fn new(gateways: Vec<SocketAddr>, at: usize) -> Self {
        Self {
            gateways,
            at,
            connection: None,
        }
    }

    /// Posts a body; the status and the reply's body. An error says where the request or its reply was lost.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Result<(u16, String), String> {
        let mut connection = self.open().await?;
        let exchange = exchange(&mut connection, path, body);
        let (status, reply, last) = timeout(PATIENCE, exchange)
            .await
            .map_err(|_| "no reply in time".to_owned())??;
        if last {
            self.at += 1;
        } else {
            self.connection = Some(connection);
        }
        Ok((status, reply))
    }

    /// The connection as it stands, or a new one.
    async fn open(&mut self) -> Result<BufReader<TcpStream>, String> {
        if let Some(connection) = self.connection.take() {
            let mut byte = [0];
            match connection.get_ref().try_read(&mut byte) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(connection),
                Ok(0) => self.at += 1,
                other => return Err(format!("between requests: {other:?}")),
            }
        }
        for _ in 0..self.gateways.len() {
            let gateway = self.gateways[self.at % self.gateways.len()];
            match TcpStream::connect(gateway).await {
                Ok(stream) => return Ok(BufReader::new(stream)),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => self.at += 1,
                Err(error) => return Err(format!("while connecting: {error}")),
            }
        }
        Err("every gateway refused".to_owned())
    }
}

/// Status, body, and whether it was the connection's last reply.
async fn exchange(
    connection: &mut BufReader<TcpStream>,
    path: &str,
    body: &str,
) -> Result<(u16, String, bool), String> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let sent = connection.get_mut().write_all(request.as_bytes()).await;
    sent.map_err(|error| format!("while sending: {error}"))?;
    let (mut status, mut length, mut last) = (None, None, false);
    loop {
        let mut line = String::new();
        let read = connection.read_line(&mut line).await;
        if read.map_err(|error| format!("in the head: {error}"))? == 0 {
            return Err(format!("the connection ended before {status:?} was whole"));
        }
        let line = line.trim_end().to_ascii_lowercase();
        match (line.split_once(": "), status) {
            _ if line.is_empty() => break,
            (_, None) => status = line.split(' ').nth(1).and_then(|code| code.parse().ok()),
            (Some(("content-length", value)), _) => length = value.parse::<usize>().ok(),
            (Some(("connection", "close")), _) => last = true,
            _ => {}
        }
    }
    let mut body = vec![0; length.ok_or("a reply without a length")?];
    let read = connection.read_exact(&mut body).await;
    read.map_err(|error| format!("the reply was cut: {error}"))?;
    let body = String::from_utf8(body).map_err(|error| error.to_string())?;
    Ok((status.ok_or("a reply without a status")?, body, last))
}
