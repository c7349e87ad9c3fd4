//! Taking connections in, and letting them go without cutting a reply.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Connection;

/// How long to wait after the system refused a connection, for instance since it has no file descriptors left.
const BREATHER: Duration = Duration::from_millis(50);

/// How long a connection on which no request has come yet is left open when the port closes: its first request may be
/// on its way.
const FIRST_REQUEST: Duration = Duration::from_millis(300);

/// The most bytes of headers that a request over HTTP/2 may have, as RFC 9113 counts them: about what HTTP/1 has room
/// for, so that a token that is too long is told so over both.
const MOST_HEADERS: u32 = 256 * 1024;

/// How often a quiet HTTP/2 connection is asked for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(20);

/// When a port stops what.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    /// How long headers may take.
    pub(crate) headers: Duration,
    /// Cancelled when no new connection is taken and those at rest are closed.
    pub(crate) closing: CancellationToken,
    /// The connections, for a drain to wait for.
    pub(crate) connections: TaskTracker,
    /// How many more connections may be open; those beyond wait in the system's queue.
    pub(crate) free: Arc<Semaphore>,
}

/// Takes connections in until the port closes. What the system had accepted by then is served too.
pub(crate) async fn accept<F, R, B>(listener: TcpListener, times: Times, handle: F)
where
    F: Fn(Connection, Request<Incoming>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = http::Response<B>> + Send + 'static,
    B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        let accepted = tokio::select! {
            biased;
            () = times.closing.cancelled() => break,
            accepted = next(&listener, &times.free) => accepted,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                let serving = serve(stream, peer, times.clone(), handle.clone());
                times.connections.spawn(async move {
                    serving.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        times
            .connections
            .spawn(serve(stream, peer, times.clone(), handle.clone()));
    }
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = free.clone().acquire_owned().await;
    let permit = permit.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

async fn serve<F, R, B>(stream: TcpStream, peer: SocketAddr, times: Times, handle: F)
where
    F: Fn(Connection, Request<Incoming>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = http::Response<B>> + Send + 'static,
    B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Replies are small and finished: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let cut = CancellationToken::new();
    let connection = Connection {
        peer: peer.ip(),
        cut: cut.clone(),
    };
    let begun = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let begun = begun.clone();
        move |request| {
            begun.store(true, Ordering::Relaxed);
            let reply = handle(connection.clone(), request);
            async move { Ok::<_, Infallible>(reply.await) }
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(times.headers);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MOST_HEADERS)
        .keep_alive_interval(PING_EVERY)
        .max_concurrent_streams(256);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let mut closing = std::pin::pin!(async {
        times.closing.cancelled().await;
        if !begun.load(Ordering::Relaxed) {
            tokio::time::sleep(FIRST_REQUEST).await;
        }
    });
    // The builder waits for the first byte without end.
    let mut silent = std::pin::pin!(tokio::time::sleep(times.headers));
    let (mut closed, mut heard) = (false, false);
    loop {
        tokio::select! {
            served = serving.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!(error, "a connection ended early");
                }
                return;
            }
            () = closing.as_mut(), if !closed => {
                closed = true;
                serving.as_mut().graceful_shutdown();
            }
            () = silent.as_mut(), if !heard => {
                heard = begun.load(Ordering::Relaxed);
                if !heard {
                    return;
                }
            }
            () = cut.cancelled() => return,
        }
    }
}
