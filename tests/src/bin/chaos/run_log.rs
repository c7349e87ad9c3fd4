//! What the run log says of asynchronous runs after everything.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use testkit::control::Client;
use testkit::stack::Stack;
use tokio::time::Instant;

use crate::checker::{FAILED, Violation};
use crate::clock::pass;
use crate::kinds::WEIGHTS;
use crate::left;

/// How many runs of one state are looked at.
const PAGE: usize = 200;

/// How long the log may be behind: registry-svc reads again after 30 s what it had when it was killed.
const BEHIND: Duration = Duration::from_secs(45);

/// How many runs the log takes for unfinished, or for failed; of each at most a page.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) states: BTreeMap<&'static str, usize>,
    /// What is not in it yet, and the runs that it takes for unfinished.
    pub(crate) behind: Vec<String>,
    pub(crate) violations: Vec<Violation>,
}

/// Reads the log, as soon as it is not behind any more.
pub(crate) async fn read(stack: &Stack) -> Log {
    let control = stack.control();
    let end = Instant::now() + BEHIND;
    while Instant::now() < end {
        pass(Duration::from_secs(1)).await;
        if left::records(stack).await.is_empty()
            && runs(&control, "running").await.is_empty()
            && runs(&control, "waiting").await.is_empty()
        {
            break;
        }
    }
    let mut log = Log {
        behind: left::records(stack).await,
        ..Log::default()
    };
    for state in ["running", "waiting", "failed", "cancelled", "dead"] {
        let runs = runs(&control, state).await;
        log.states.insert(state, runs.len());
        let told = |run: &Value| {
            format!(
                "{}, {} of {}, attempt {}, began {}: {}",
                run["id"],
                run["state"],
                run["workflow"],
                run["attempt"],
                run["started_at"],
                run["error"]
            )
        };
        if matches!(state, "running" | "waiting") {
            log.behind.extend(runs.iter().map(told));
        } else {
            let failed = runs.iter().map(told);
            log.violations
                .extend(failed.map(|what| Violation { rule: FAILED, what }));
        }
    }
    log
}

/// The first page of the runs in a state.
async fn runs(control: &Client, state: &str) -> Vec<Value> {
    let path = format!("/runs?state={state}&limit={PAGE}");
    let page = control.get(&path).await.body;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().filter(is_kept).collect()
}

/// Whether a run is one of those that no outage may fail.
fn is_kept(run: &Value) -> bool {
    let of = run["workflow"].as_str().unwrap_or_default();
    let sync = WEIGHTS.iter().filter(|(kind, _)| !kind.is_async());
    !sync
        .into_iter()
        .any(|(kind, _)| of == format!("chaos-{}", kind.name()))
}
