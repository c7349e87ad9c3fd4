//! Callers that call again and again, and what they were told.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;
use testkit::until;
use tokio::task::JoinHandle;

/// How long a load may go on, and how long its answers may take to come.
const MOST: Duration = Duration::from_secs(240);

/// The pause of a caller between two calls.
const PACE: Duration = Duration::from_millis(20);

/// A reply to one call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    /// When the call began.
    pub(crate) began: Instant,
    /// How long the reply took.
    pub(crate) took: Duration,
}

impl Answer {
    /// Sends a request and reads the whole reply. Panics where the connection fails: the gateway always answers.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let began = Instant::now();
        let response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the reply is whole");
        Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            began,
            took: began.elapsed(),
        }
    }

    /// When the reply was there.
    pub(crate) fn ended(&self) -> Instant {
        self.began + self.took
    }

    /// The code of a problem; empty for other replies.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Asserts that it is a 503 of this code that says when to try again.
    pub(crate) fn assert_unavailable(&self, codes: &[&str]) {
        assert_eq!(self.status, 503, "{self:?}");
        assert!(codes.contains(&self.code()), "{self:?}");
        let seconds = self.headers["retry-after"].to_str().unwrap().parse::<u32>();
        assert!(seconds.is_ok_and(|seconds| seconds > 0), "{self:?}");
    }
}

/// Callers at work.
pub(crate) struct Load<T> {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<Vec<T>>>,
}

impl<T: Send + 'static> Load<T> {
    /// Each caller calls again shortly after its answer; `call` is given a number that no other call has.
    pub(crate) fn start<F, A>(callers: usize, call: F) -> Self
    where
        F: Fn(usize) -> A + Clone + Send + 'static,
        A: Future<Output = T> + Send,
    {
        Self::paced(callers, PACE, call)
    }

    /// The same with a pause of its own after each answer: a load, and not an overload of the machine that every part of
    /// the platform shares.
    pub(crate) fn paced<F, A>(callers: usize, pause: Duration, call: F) -> Self
    where
        F: Fn(usize) -> A + Clone + Send + 'static,
        A: Future<Output = T> + Send,
    {
        let stop = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(AtomicUsize::new(0));
        let next = Arc::new(AtomicUsize::new(0));
        let ends_at = Instant::now() + MOST;
        let callers = (0..callers).map(|_| {
            let (stop, answers, next) = (stop.clone(), answers.clone(), next.clone());
            let call = call.clone();
            tokio::spawn(async move {
                let mut told = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    assert!(Instant::now() < ends_at, "nobody has stopped the load");
                    told.push(call(next.fetch_add(1, Ordering::Relaxed)).await);
                    answers.fetch_add(1, Ordering::Relaxed);
                    // tidy-allow(sleep): the pace of the load, not a wait for something
                    tokio::time::sleep(pause).await;
                }
                told
            })
        });
        Self {
            callers: callers.collect(),
            stop,
            answers,
        }
    }

    /// Waits until there are so many more answers than now.
    pub(crate) async fn more(&self, count: usize) {
        let enough = self.answers.load(Ordering::Relaxed) + count;
        until(MOST, &format!("{count} more answers"), async || {
            // A caller ends early when its call panics, and stopping tells why.
            let over = self.callers.iter().any(JoinHandle::is_finished);
            (over || self.answers.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
    }

    /// Lets every caller have its last answer, and returns them all.
    pub(crate) async fn stop(self) -> Vec<T> {
        self.stop.store(true, Ordering::Relaxed);
        let mut told = Vec::new();
        for caller in self.callers {
            told.extend(caller.await.expect("no call of this caller failed"));
        }
        told
    }
}
