//! A service on loopback that workflows of a benchmark call: it notes when each call came.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// A call: the path, and when it came.
pub type Call = (String, Instant);

/// Answers every call with 200 after a pause, on a thread of its own.
#[derive(Debug)]
pub struct Responder {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

#[derive(Clone)]
struct Desk {
    calls: Arc<Mutex<Vec<Call>>>,
    pause: Duration,
}

impl Responder {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// Where no port is free.
    #[must_use]
    pub fn start(pause: Duration) -> Self {
        let calls = Arc::default();
        let desk = Desk {
            calls: Arc::clone(&calls),
            pause,
        };
        let router = Router::new().fallback(answer).with_state(desk);
        let (bound, address) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime can be made").block_on(async {
                let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let listener = TcpListener::bind(any).await.expect("a port is free");
                let _ = bound.send(listener.local_addr().expect("it is bound"));
                let _ = axum::serve(listener, router).await;
            });
        });
        let address = address.recv().expect("the server starts");
        Self { address, calls }
    }

    /// The URL of a path, which may be a script.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until so many calls have come, and takes them.
    ///
    /// # Panics
    /// Where they do not come within two minutes.
    pub async fn take(&self, count: usize) -> Vec<Call> {
        let began = Instant::now();
        loop {
            {
                let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
                if calls.len() >= count {
                    return std::mem::take(&mut *calls);
                }
                assert!(
                    began.elapsed() < Duration::from_secs(120),
                    "only {} of {count} calls came",
                    calls.len()
                );
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn answer(State(desk): State<Desk>, uri: Uri) -> &'static str {
    let call = (uri.path().to_owned(), Instant::now());
    desk.calls
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(call);
    if !desk.pause.is_zero() {
        sleep(desk.pause).await;
    }
    "ok"
}
