//! A service elsewhere that workflows call: it remembers every call and can hold its answers back.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::waiting::until;

/// How long a call may take to come before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest body that is read.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// One call, as it arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method, upper case.
    pub method: String,
    /// The path.
    pub path: String,
    /// The raw query string, without `?`.
    pub query: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body, read as UTF-8.
    pub body: String,
}

/// A web server on loopback, on a thread of its own, so that tests which block do not hold it up. Ends when dropped.
///
/// `/held/…` answers only after [`Remote::release`], `/status/<code>` with that status, anything else with 200. Every
/// answer is `{"path": …}` as JSON.
#[derive(Debug)]
pub struct Remote {
    address: SocketAddr,
    desk: Desk,
    _end: oneshot::Sender<()>,
}

#[derive(Clone, Debug)]
struct Desk {
    calls: Arc<Mutex<Vec<Call>>>,
    abandoned: Arc<Mutex<Vec<String>>>,
    under_way: Arc<Mutex<UnderWay>>,
    released: Arc<watch::Sender<HashSet<String>>>,
}

/// How many calls are being answered, and how many there were at most.
#[derive(Debug, Default)]
struct UnderWay {
    now: usize,
    most: usize,
}

impl Remote {
    /// Starts on a free port of 127.0.0.1.
    #[must_use]
    pub fn start() -> Self {
        let desk = Desk {
            calls: Arc::default(),
            abandoned: Arc::default(),
            under_way: Arc::default(),
            released: Arc::new(watch::Sender::new(HashSet::new())),
        };
        let (end, ended) = oneshot::channel();
        let (bound, address) = std::sync::mpsc::channel();
        let router = Router::new().fallback(answer).with_state(desk.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime.block_on(async move {
                let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let listener = TcpListener::bind(any).await.expect("a port is free");
                let _ = bound.send(listener.local_addr().expect("it is bound"));
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = ended => {}
                }
            });
        });
        let address = address.recv().expect("the server starts");
        Self {
            address,
            desk,
            _end: end,
        }
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The calls of a path so far, answered or not.
    #[must_use]
    pub fn calls(&self, path: &str) -> Vec<Call> {
        let calls = self.desk.lock();
        calls
            .iter()
            .filter(|call| call.path == path)
            .cloned()
            .collect()
    }

    /// How many calls were under way at once, at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.desk.under_way().most
    }

    /// The first call of a path, waited for.
    pub async fn called(&self, path: &str) -> Call {
        self.called_times(path, 1).await.remove(0)
    }

    /// The calls of a path once there are so many, waited for.
    pub async fn called_times(&self, path: &str, times: usize) -> Vec<Call> {
        let what = format!("{times} calls of {path}");
        until(PATIENCE, &what, async || {
            Some(self.calls(path)).filter(|calls| calls.len() >= times)
        })
        .await
    }

    /// Waits until a caller has hung up on a call of a path that was still held.
    pub async fn abandoned(&self, path: &str) {
        let what = format!("the caller of {path} to hang up");
        until(PATIENCE, &what, async || {
            let abandoned = self.desk.abandoned.lock();
            let abandoned = abandoned.unwrap_or_else(PoisonError::into_inner);
            abandoned.iter().any(|of| of == path).then_some(())
        })
        .await;
    }

    /// Answers all calls of a path that is held, those to come too.
    pub fn release(&self, path: &str) {
        self.desk.released.send_modify(|released| {
            released.insert(path.to_owned());
        });
    }
}

impl Desk {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, UnderWay> {
        let under_way = self.under_way.lock();
        under_way.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is being answered.
struct Counted<'a>(&'a Desk);

impl<'a> Counted<'a> {
    fn new(desk: &'a Desk) -> Self {
        let mut under_way = desk.under_way();
        under_way.now += 1;
        under_way.most = under_way.most.max(under_way.now);
        Self(desk)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.under_way().now -= 1;
    }
}

/// A call that is held; dropped with its path when the caller hangs up.
struct HeldCall<'a>(Option<&'a str>, &'a Desk);

impl Drop for HeldCall<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            let abandoned = self.1.abandoned.lock();
            let mut abandoned = abandoned.unwrap_or_else(PoisonError::into_inner);
            abandoned.push(path.to_owned());
        }
    }
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let _counted = Counted::new(&desk);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let path = parts.uri.path().to_owned();
    desk.lock().push(Call {
        method: parts.method.to_string(),
        path: path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    if path.starts_with("/held/") {
        let mut released = desk.released.subscribe();
        let mut held = HeldCall(Some(&path), &desk);
        // Its sender lives as long as this desk.
        let _ = released.wait_for(|released| released.contains(&path)).await;
        held.0 = None;
    }
    let status = path.strip_prefix("/status/");
    let status = status
        .and_then(|code| StatusCode::from_bytes(code.as_bytes()).ok())
        .unwrap_or(StatusCode::OK);
    (status, axum::Json(serde_json::json!({ "path": path }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_held_call_is_answered_after_its_release_and_every_call_is_remembered() {
        let remote = Remote::start();
        let client = crate::http::client();
        let held = tokio::spawn(client.post(remote.url("/held/a?b=c")).body("x").send());
        let call = remote.called("/held/a").await;
        assert_eq!(
            (
                call.method.as_str(),
                call.query.as_str(),
                call.body.as_str()
            ),
            ("POST", "b=c", "x")
        );
        assert!(!held.is_finished());
        assert_eq!(remote.most_at_once(), 1);
        remote.release("/held/a");
        assert_eq!(held.await.unwrap().unwrap().status(), 200);
        let refused = client.get(remote.url("/status/503")).send().await.unwrap();
        assert_eq!(refused.status(), 503);
        let left = tokio::spawn(client.get(remote.url("/held/b")).send());
        remote.called("/held/b").await;
        left.abort();
        remote.abandoned("/held/b").await;
    }
}
