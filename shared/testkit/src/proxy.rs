//! A TCP link that can be cut, stalled and shut, to stand between a service and nats-server.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// How many bytes are passed on at once.
const PIECE: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Open,
    /// Connections stay, and nothing moves.
    Stalled,
    /// There are no connections.
    Shut,
}

#[derive(Clone, Copy, Debug)]
struct State {
    flow: Flow,
    /// How often all connections were cut.
    cuts: u64,
}

/// A link to a server, on a port and a thread of its own. Ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    _end: oneshot::Sender<()>,
}

impl Proxy {
    /// Starts a link to a port of this machine.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let state = watch::Sender::new(State {
            flow: Flow::Open,
            cuts: 0,
        });
        let (end, ended) = oneshot::channel();
        let (bound, address) = std::sync::mpsc::channel();
        let seen = state.subscribe();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime.block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
                let listener = listener.await.expect("a port is free");
                let _ = bound.send(listener.local_addr().expect("it is bound"));
                tokio::select! {
                    () = accept(listener, port, seen) => {}
                    _ = ended => {}
                }
            });
        });
        Self {
            address: address.recv().expect("the link starts"),
            state,
            _end: end,
        }
    }

    /// The port that leads there.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts every connection. New ones are taken.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Lets nothing through, until [`Proxy::open`]; what is under way then still comes.
    pub fn stall(&self) {
        self.set(Flow::Stalled);
    }

    /// Cuts every connection and takes none, until [`Proxy::open`].
    pub fn shut(&self) {
        self.set(Flow::Shut);
    }

    /// Lets everything through again.
    pub fn open(&self) {
        self.set(Flow::Open);
    }

    fn set(&self, flow: Flow) {
        self.state.send_modify(|state| state.flow = flow);
    }
}

async fn accept(listener: TcpListener, port: u16, state: watch::Receiver<State>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if state.borrow().flow != Flow::Shut {
            tokio::spawn(link(client, port, state.clone()));
        }
    }
}

/// One connection, up to its end or its being cut.
async fn link(client: TcpStream, port: u16, state: watch::Receiver<State>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let cuts = state.borrow().cuts;
    let mut watched = state.clone();
    tokio::select! {
        () = pass(from_client, to_server, state.clone()) => {}
        () = pass(from_server, to_client, state) => {}
        _ = watched.wait_for(|state| state.cuts > cuts || state.flow == Flow::Shut) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut piece = vec![0; PIECE];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let open = state.wait_for(|state| state.flow == Flow::Open);
        let open = open.await.is_ok();
        if !open || to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
            .await
            .unwrap()
    }

    async fn answered(stream: &mut TcpStream, text: &[u8]) -> Vec<u8> {
        stream.write_all(text).await.unwrap();
        let mut back = vec![0; text.len()];
        stream.read_exact(&mut back).await.unwrap();
        back
    }

    #[tokio::test]
    async fn a_link_passes_bytes_on_holds_them_while_it_is_stalled_and_ends_when_it_is_cut() {
        let proxy = Proxy::to(echo().await);
        let mut stream = connect(&proxy).await;
        assert_eq!(answered(&mut stream, b"one").await, b"one");
        proxy.stall();
        stream.write_all(b"two").await.unwrap();
        let mut back = [0; 3];
        let quiet = timeout(Duration::from_millis(200), stream.read_exact(&mut back));
        assert!(quiet.await.is_err());
        proxy.open();
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"two");
        proxy.cut();
        assert_eq!(stream.read(&mut back).await.unwrap_or(0), 0);
        let mut again = connect(&proxy).await;
        assert_eq!(answered(&mut again, b"three").await, b"three");
        proxy.shut();
        assert_eq!(again.read(&mut back).await.unwrap_or(0), 0);
        let mut refused = connect(&proxy).await;
        assert_eq!(refused.read(&mut back).await.unwrap_or(0), 0);
        proxy.open();
        let mut open = connect(&proxy).await;
        assert_eq!(answered(&mut open, b"four").await, b"four");
    }
}
