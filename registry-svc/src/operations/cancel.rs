//! Stopping a run.

use std::time::Duration;

use bus::dead_letters::DeadLetters;
use bus::letters::Letters;
use bus::queue::waits_in_queue;
use bus::{Bus, journal};
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::letters::{CancelRun, Cancelling, Letter, LetterKey};
use shared::v1::reply::Failure;
use shared::v1::run_log::RunState;

use super::refusal;
use crate::store::Store;

/// How long one question to JetStream may take.
const TRY: Duration = Duration::from_secs(2);

/// Tells a run to stop that has not ended: one in the queue, one at work, one that waits. Whoever has it hears of it.
///
/// # Errors
/// `bus_unavailable`, and those of the database.
pub async fn cancel_run<S: Store>(
    store: &S,
    bus: &Bus,
    letters: &DeadLetters,
    message: CancelRun,
) -> Result<Cancelling, Failure> {
    let run_id = message.run_id;
    if !message.held {
        match standing(store, bus, letters, run_id).await? {
            Cancelling::Told => {}
            other => return Ok(other),
        }
    }
    let stored = Letters::new(bus.clone(), TRY);
    let key = LetterKey::cancel();
    let stored = stored.put(run_id, &key, &Letter::Cancel, &[]).await;
    // One that is there already says the same.
    let first = stored.map_err(|error| away(&error))?;
    if first {
        tracing::info!(%run_id, "a run is told to stop");
    }
    Ok(Cancelling::Told)
}

/// How a run stands; [`Cancelling::Told`] where it can be told.
async fn standing<S: Store>(
    store: &S,
    bus: &Bus,
    letters: &DeadLetters,
    run_id: RunId,
) -> Result<Cancelling, Failure> {
    let dead = letters.get(run_id).await.map_err(|error| away(&error))?;
    if dead.is_some() {
        return Ok(Cancelling::Dead);
    }
    let logged = store.run(run_id).await.map_err(refusal::store)?;
    let logged = logged.map(|(run, _)| run.state);
    if let Some(RunState::Succeeded | RunState::Failed | RunState::Cancelled) = logged {
        return Ok(Cancelling::Ended);
    }
    let goes_on = journal::goes_on(bus, run_id, TRY);
    if goes_on.await.map_err(|error| away(&error))? {
        return Ok(Cancelling::Told);
    }
    let queued = waits_in_queue(bus, run_id, TRY);
    // In a queue that long it is most likely there; a letter to nobody does no harm.
    if queued.await.map_err(|error| away(&error))?.unwrap_or(true) {
        return Ok(Cancelling::Told);
    }
    // One that the log holds for running may be at work on a runner, or have ended a moment ago.
    Ok(match logged {
        Some(RunState::Running) => Cancelling::Told,
        Some(_) => Cancelling::Ended,
        None => Cancelling::Unknown,
    })
}

fn away(error: &dyn std::fmt::Display) -> Failure {
    tracing::warn!(%error, "a run cannot be told to stop");
    let detail = "the run cannot be reached; try again in a moment";
    Failure::new(Code::BusUnavailable, detail)
}
