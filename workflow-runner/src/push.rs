//! `push_to_workflow` and `call_workflow`: one run starts another.

use std::time::Duration;

use bus::CallError;
use bus::new_run::NewRun;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use shared::ids::RunId;
use shared::limits::{MAX_BODY, PUSHES};
use shared::rpc::Context;
use shared::v1::letters::Caller;
use shared::v1::registry::ResolveWorkflow;
use shared::v1::run::{Trigger, TriggerSource};
use tokio::time::{Instant, sleep};

use crate::errands::Of;
use crate::service::Shared;

/// How long one try may take.
const TRY: Duration = Duration::from_secs(5);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// What a run of a workflow without a listener is told of who started it.
const PUSHED: Trigger = Trigger {
    source: TriggerSource::Push,
    scheduled_at_ms: None,
};

/// Starts a run of another workflow, which tells `caller` of its end; its id.
///
/// # Errors
/// Why there is none, a sentence for people.
pub(crate) async fn push(
    runner: &Shared,
    of: &Of,
    workflow: &str,
    data: &str,
    (by, caller): (&str, Option<Caller>),
) -> Result<Json, String> {
    let pushes = of.pushes.saturating_add(1);
    if pushes > PUSHES {
        return Err(format!(
            "workflows have pushed to each other {PUSHES} times in a row: most likely they do so in a circle"
        ));
    }
    if !data.starts_with('{') {
        return Err("`data` must be a map".to_owned());
    }
    if data.len() as u64 > MAX_BODY {
        let bytes = data.len();
        return Err(format!(
            "`data` has {bytes} bytes as JSON; {MAX_BODY} are allowed"
        ));
    }
    let ends_at = Instant::now() + of.patience;
    loop {
        let fault = match attempt(runner, of, workflow, data, (by, pushes, caller.as_ref())).await {
            Ok(Some(run)) => return Ok(run.to_string().into()),
            Ok(None) => return Err(format!("there is no published workflow `{workflow}`")),
            Err(fault) => fault,
        };
        if Instant::now() >= ends_at {
            return Err(format!("`{workflow}` could not be started: {fault}"));
        }
        tracing::warn!(error = fault, "a push to a workflow is tried again");
        sleep(PAUSE).await;
    }
}

/// None where there is no such workflow.
async fn attempt(
    runner: &Shared,
    of: &Of,
    workflow: &str,
    data: &str,
    (by, pushes, caller): (&str, u32, Option<&Caller>),
) -> Result<Option<RunId>, String> {
    let now = ops::clock::now_ms();
    let context = Context {
        trace: of.trace,
        request_id: of.request_id,
        deadline_ms: now,
    };
    let name = workflow.to_owned();
    let asked = runner.bus.call(context, ResolveWorkflow { name }, TRY, now);
    let found = asked.await.map_err(|error| match error {
        CallError::Failed(failure) => failure.detail,
        other => other.to_string(),
    })?;
    let Some(target) = found else {
        return Ok(None);
    };
    let run_id = if ops::planted("pushes-anew") {
        RunId(uuid::Uuid::now_v7())
    } else {
        of_step(of.run_id, of.restart, by)
    };
    let new = NewRun {
        run_id,
        trace: of.trace,
        request_id: of.request_id,
        trigger: (!target.source.is_listener()).then_some(PUSHED),
        target,
        received_at_ms: now,
        pushes,
        caller: caller.cloned(),
    };
    let started = runner.bus.start_run(&new, data.as_bytes(), TRY).await;
    started.map_err(|error| error.to_string())?;
    if ops::planted("pushes-anew") {
        // So long that a short trial hits it.
        sleep(PAUSE).await;
    }
    tracing::info!(pushed = %run_id, workflow, "started a run of another workflow");
    Ok(Some(run_id))
}

/// The id of the run that a step of a run starts: the same for each attempt, and another one where a person has the run
/// begin again. It sorts beside the run's own.
fn of_step(run: RunId, restart: u64, step: &str) -> RunId {
    let mut digest = Sha256::new();
    digest.update(run.0.as_bytes());
    digest.update(step.as_bytes());
    if restart > 0 {
        digest.update(restart.to_be_bytes());
    }
    let [a, b, c, d, e, f, ..] = *run.0.as_bytes();
    // The first six bytes of a UUIDv7 are its time.
    let at_ms = i64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    RunId::drawn(at_ms, digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_step_of_a_run_always_starts_the_same_run_and_no_other_does() {
        let (run, other) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
        let pushed = of_step(run, 0, "a");
        assert_eq!(pushed, of_step(run, 0, "a"));
        assert_ne!(pushed, of_step(run, 0, "b"));
        assert_ne!(pushed, of_step(run, 1, "a"));
        assert_ne!(pushed, of_step(other, 0, "a"));
        assert_ne!(pushed, run);
        assert_eq!(pushed.0.get_version_num(), 7);
        assert_eq!(pushed.0.get_timestamp(), run.0.get_timestamp());
    }
}
