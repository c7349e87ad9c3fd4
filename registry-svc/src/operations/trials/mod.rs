//! Runs that a person asks for: replays of earlier runs, and test runs of drafts.

mod masked;
mod request;
mod target;

use bus::Bus;
use bus::new_run::NewRun;
use shared::codes::Code;
use shared::ids::{RunId, WorkflowId};
use shared::rpc::Context;
use shared::v1::registry::PushTarget;
use shared::v1::reply::Failure;
use shared::v1::run::{RunRequest, Trigger, TriggerSource};
use shared::v1::run_log::{GetRun, RunFound};
use shared::v1::trials::{Against, ReplayRun, Started, TestRun, Trial};

use self::request::Prepared;
use super::{entry, get_run, refusal};
use crate::enqueue::enqueue;
use crate::store::Store;

/// Carries an earlier run out again, with its own request or another one. It may still be under way: its request is known.
///
/// # Errors
/// `not_found` (no such run in the run log), `payload_needed` (the run log has no whole request), `conflict` (what is to be
/// carried out is not there; recorded answers of a run that has not ended), `invalid_workflow` (of a draft, with every
/// problem), `invalid_request`, `malformed_body`, `queue_unavailable`, `bus_unavailable`.
pub async fn replay_run<S: Store>(
    store: &S,
    bus: &Bus,
    context: Context,
    now_ms: i64,
    message: ReplayRun,
) -> Result<Started, Failure> {
    let origin = find(store, message.origin).await?;
    if message.recorded {
        answers(&origin, origin.record.workflow_id)?;
    }
    let (target, document) = target::of(store, &origin.record, message.against).await?;
    let listens = target.source.is_listener();
    let payload = message.payload.as_ref();
    let mut prepared = request::of_replay(&origin.record, payload, listens, now_ms)?;
    let trial = Trial {
        against: message.against,
        document,
        recorded: message.recorded.then_some(message.origin),
    };
    tracing::info!(origin = %message.origin, run_id = %message.run_id, actor = %message.actor,
        against = trial.against.as_str(), recorded = message.recorded, "a run is replayed");
    let replay_of = Some(message.origin);
    prepared.absent.extend(jwt(&origin, &prepared));
    let new = new_run(
        context,
        message.run_id,
        target,
        origin.record.trigger,
        now_ms,
    );
    start(bus, &new, prepared, (replay_of, trial)).await
}

/// Carries a workflow's draft out, published or not.
///
/// # Errors
/// `not_found` (no such workflow, or no such run to take answers of), `invalid_workflow` (with every problem), and as
/// [`replay_run`].
pub async fn test_run<S: Store>(
    store: &S,
    bus: &Bus,
    context: Context,
    now_ms: i64,
    message: TestRun,
) -> Result<Started, Failure> {
    let workflow = entry::find(store, message.workflow_id).await?;
    if let Some(recorded) = message.recorded {
        answers(&find(store, recorded).await?, message.workflow_id)?;
    }
    let (target, document) = target::draft(store, workflow).await?;
    let listens = target.source.is_listener();
    let prepared = request::of_test(&message.payload, listens, now_ms)?;
    let trial = Trial {
        against: Against::Draft,
        document: Some(document),
        recorded: message.recorded,
    };
    tracing::info!(workflow_id = %message.workflow_id, run_id = %message.run_id, actor = %message.actor,
        recorded = message.recorded.is_some(), "a draft is tested");
    let new = new_run(context, message.run_id, target, None, now_ms);
    start(bus, &new, prepared, (None, trial)).await
}

/// The run of this version, started as an earlier one was, or by hand.
fn new_run(
    context: Context,
    run_id: RunId,
    target: PushTarget,
    trigger: Option<Trigger>,
    now_ms: i64,
) -> NewRun {
    let by_hand = Trigger {
        source: TriggerSource::Manual,
        scheduled_at_ms: None,
    };
    let listens = target.source.is_listener();
    NewRun {
        run_id,
        trace: context.trace,
        request_id: context.request_id,
        target,
        trigger: (!listens).then(|| trigger.unwrap_or(by_hand)),
        received_at_ms: now_ms,
        pushes: 0,
        caller: None,
    }
}

async fn find<S: Store>(store: &S, run_id: RunId) -> Result<RunFound, Failure> {
    let found = get_run(store, GetRun { run_id }).await?;
    found.ok_or_else(|| {
        let detail = format!(
            "the run log has no run {run_id}: it may be too old, or its workflow keeps no such runs"
        );
        Failure::new(Code::NotFound, detail)
    })
}

/// Whether a run's record may answer what a run of this workflow asks.
fn answers(recorded: &RunFound, workflow: WorkflowId) -> Result<(), Failure> {
    let record = &recorded.record;
    if record.workflow_id != workflow {
        let detail = format!("the run {} is of another workflow", record.run_id);
        return Err(refusal::invalid(detail));
    }
    if !record.state.is_final() {
        let detail = format!(
            "the run {} has not ended, and so has not all its answers: wait for its end, or run with real effects",
            record.run_id
        );
        return Err(Failure::new(Code::Conflict, detail));
    }
    Ok(())
}

/// The claims of a JWT are not kept.
fn jwt(origin: &RunFound, prepared: &Prepared) -> Option<String> {
    let lost = origin.record.request.authenticated && prepared.received.claims.is_none();
    lost.then(|| "__data.__jwt".to_owned())
}

async fn start(
    bus: &Bus,
    new: &NewRun,
    prepared: Prepared,
    (replay_of, trial): (Option<RunId>, Trial),
) -> Result<Started, Failure> {
    let masked = masked::places(&prepared.received, &prepared.body);
    let request = RunRequest {
        request: prepared.received,
        replay_of,
        trial: Some(Box::new(trial)),
        ..new.request()
    };
    enqueue(bus, &request, &prepared.body).await?;
    Ok(Started {
        run_id: new.run_id,
        workflow_id: new.target.workflow_id,
        version: new.target.version,
        content_hash: new.target.content_hash,
        masked,
        absent: prepared.absent,
    })
}
