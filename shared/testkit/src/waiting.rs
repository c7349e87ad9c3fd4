//! Waiting for a thing to happen, never for time to pass.

use std::future::Future;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer, and returns it. Panics at the deadline, naming `what`.
pub async fn until<T, F, A>(deadline: Duration, what: &str, mut ask: A) -> T
where
    A: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + deadline;
    loop {
        // An answer that hangs counts as none.
        if let Ok(Some(answer)) = tokio::time::timeout(deadline, ask()).await {
            return answer;
        }
        assert!(Instant::now() < end, "waited {deadline:?} for {what}");
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Does what [`until`] does, for code that is not asynchronous.
pub fn until_blocking<T>(deadline: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited {deadline:?} for {what}");
        std::thread::sleep(INTERVAL);
    }
}
