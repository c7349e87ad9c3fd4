//! Runs out of the durable work queue.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bus::StoreError;
use bus::dead_letters::{DeadLetterError, DeadLetters};
use bus::parking::Gate;
use bus::queue::{Job, Jobs, QueueError};
use bytes::Bytes;
use shared::frame::{self, FrameError, Kind};
use shared::ids::RunId;
use shared::v1::dead_letters::DeadLetter;
use shared::v1::letters::LetterKey;
use shared::v1::run::RunRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, interval_at, timeout};

use crate::driver::{Ending, tell};
use crate::intake::read;
use crate::run::{self, Carried};
use crate::service::Shared;

/// How long a job that could not be carried out rests before another runner gets it.
const REST: Duration = Duration::from_secs(5);

/// The longest rest of a job that cannot be carried out again and again.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How long a job rests that was handed out so often before.
fn rest(earlier: u32) -> Duration {
    REST.saturating_mul(earlier.saturating_add(1))
        .min(LONGEST_REST)
}

/// How long parking one may take.
const PARKED: Duration = Duration::from_secs(5);

/// How long to wait before the queue is asked again that could not be read.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes jobs until the runner stops, as many at once as it has permits.
pub(crate) async fn take(runner: Arc<Shared>) {
    let permits = Arc::new(Semaphore::new(runner.config.async_runs));
    while !runner.stopping.is_cancelled() {
        if let Err(error) = follow(&runner, &permits).await {
            tracing::warn!(%error, "the work queue cannot be read at the moment");
            let _ = timeout(PAUSE, runner.stopping.cancelled()).await;
        }
    }
}

async fn follow(runner: &Arc<Shared>, permits: &Arc<Semaphore>) -> Result<(), QueueError> {
    tokio::select! {
        // A run that was stopped while it waited in the queue is not begun.
        () = runner.cancelled.known() => {}
        () = runner.stopping.cancelled() => return Ok(()),
    }
    let mut jobs = Jobs::open(&runner.bus).await?;
    let progress_every = jobs.patience() / 3;
    let progress_ms = u64::try_from(progress_every.as_millis()).unwrap_or(u64::MAX);
    runner.progress_ms.store(progress_ms, Ordering::Relaxed);
    loop {
        let free = tokio::select! {
            biased;
            () = runner.stopping.cancelled() => return Ok(()),
            free = all_free(permits) => free,
        };
        let Some(mut free) = free else { return Ok(()) };
        let mut batch = jobs.ask(free.num_permits()).await?;
        // Read to its end also when the runner stops: what is on its way here would be stuck for as long as the queue
        // is patient.
        while let Some(job) = batch.next().await? {
            let permit = free.split(1);
            runner
                .jobs
                .spawn(work(runner.clone(), job, progress_every, permit));
        }
    }
}

/// Waits for a permit and takes all that are free then.
async fn all_free(permits: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    let mut free = permits.clone().acquire_owned().await.ok()?;
    let more = u32::try_from(permits.available_permits()).unwrap_or(u32::MAX);
    if let Ok(more) = permits.clone().try_acquire_many_owned(more) {
        free.merge(more);
    }
    Some(free)
}

async fn work(
    runner: Arc<Shared>,
    job: Job,
    progress_every: Duration,
    permit: Option<OwnedSemaphorePermit>,
) {
    let (mut request, body) = match read(job.payload()) {
        Ok(read) => read,
        Err(error) => {
            // Most likely written by a newer release during a rolling upgrade: one of those takes it.
            tracing::error!(%error, "a job could not be read and goes back to the queue");
            return job.release(Some(REST)).await;
        }
    };
    // Of one that was parked or put aside the count goes on.
    request.attempt = request.attempt.saturating_add(job.earlier_deliveries());
    let (attempt, rest) = (request.attempt, rest(job.earlier_deliveries()));
    let run_id = request.run_id;
    if ops::planted("acknowledges-early") {
        job.done().await;
    }
    let mut running = tokio::spawn(carry(runner.clone(), request, body, job.payload()));
    let mut progress = interval_at(Instant::now() + progress_every, progress_every);
    let outcome = loop {
        tokio::select! {
            outcome = &mut running => break outcome,
            _ = progress.tick() => job.in_progress().await,
            () = runner.abandoning.cancelled() => {
                running.abort();
                return job.release(None).await;
            }
        }
    };
    match outcome {
        Ok(Carried::NotYet | Carried::Again) => job.release(Some(rest)).await,
        Ok(Carried::Dead { attempts, reason }) => {
            bury(&runner, &job, attempt, (attempts, reason)).await;
        }
        Ok(Carried::Waits { until_ms, awaits }) => {
            park(&runner, &job, attempt, until_ms, &awaits).await;
        }
        // Whoever took it over acknowledges it.
        Ok(Carried::Left) => {}
        Ok(Carried::Out { journal, letters }) => {
            if !job.done().await {
                tracing::warn!(%run_id, "a finished job could not be acknowledged; it may repeat");
            } else if journal || letters {
                runner.sweeper.ended(run_id, letters);
            }
        }
        Err(error) => {
            tracing::error!(%run_id, %error, "a run broke off and goes back to the queue");
            job.release(Some(REST)).await;
        }
    }
    drop(permit);
}

async fn carry(runner: Arc<Shared>, request: RunRequest, body: Bytes, job: Bytes) -> Carried {
    let carried = run::run(runner.clone(), request, body).await;
    if carried != Carried::Again {
        return carried;
    }
    // nats-server has lost count of its deliveries with its process.
    match read(job) {
        Ok((request, body)) => {
            let attempt = 1;
            let request = RunRequest { attempt, ..request };
            run::run(runner, request, body).await
        }
        Err(_) => Carried::NotYet,
    }
}

/// Moves a job out of the queue to where it waits for its moment. What is done twice, since an acknowledgement is lost, is
/// found out by the journal.
async fn park(runner: &Shared, job: &Job, attempt: u32, until_ms: i64, awaits: &[LetterKey]) {
    let parked = async {
        let (request, again) = taken_out(job, attempt, |request| request.resumed = true)?;
        let run_id = request.run_id;
        let stored = runner.bus.park(run_id, until_ms, awaits, again, PARKED);
        stored.await?;
        Ok(run_id)
    };
    match parked.await {
        Ok(run_id) => {
            leave(job, Ok(())).await;
            look_back(runner, run_id, awaits).await;
        }
        Err(error) => leave(job, Err(error)).await,
    }
}

/// Lets a run go on at once whose letter came between the last look for it and the parking. Where that cannot be seen,
/// registry-svc sees it.
async fn look_back(runner: &Shared, run_id: RunId, awaits: &[LetterKey]) {
    let cancel = LetterKey::cancel();
    for key in awaits.iter().chain([&cancel]) {
        match runner.letters.get(run_id, key).await {
            Ok(None) => {}
            Ok(Some(_)) => {
                let released = async {
                    let gate = Gate::open(&runner.bus).await?;
                    gate.release_for(run_id, key, PARKED).await
                };
                if let Err(error) = released.await {
                    tracing::warn!(%error, "a parked run is left to registry-svc");
                }
                return;
            }
            Err(error) => tracing::debug!(%error, "the letters of a parked run are not seen"),
        }
    }
}

/// Puts a run aside that cannot be carried out.
async fn bury(runner: &Shared, job: &Job, attempt: u32, (attempts, reason): (u32, String)) {
    let buried = async {
        let (request, again) = taken_out(job, attempt, |request| request.pardoned = attempts)?;
        let letter = DeadLetter {
            run_id: request.run_id,
            workflow_id: request.workflow_id,
            endpoint_id: request.endpoint_id,
            version: request.version,
            received_at_ms: request.request.received_at_ms,
            attempts,
            reason,
            died_at_ms: ops::clock::now_ms(),
            trigger: request.trigger,
        };
        let letters = DeadLetters::new(runner.bus.clone(), PARKED);
        letters.put(&letter, again).await?;
        if let Some(caller) = &request.caller {
            let ending = Ending {
                outcome: None,
                error: Some(letter.reason.clone()),
                reply: None,
            };
            if !tell(&runner.letters, request.run_id, caller, ending).await {
                return Err(AsideError::Untold);
            }
        }
        metrics::counter!("earshot_runner_dead_letters_total").increment(1);
        let DeadLetter { run_id, reason, .. } = &letter;
        tracing::error!(%run_id, reason, "a run cannot be carried out and is a dead letter");
        Ok(())
    };
    leave(job, buried.await).await;
}

/// A job as it comes back into the queue one day, after so many attempts.
fn taken_out(
    job: &Job,
    attempt: u32,
    change: impl FnOnce(&mut RunRequest),
) -> Result<(RunRequest, Bytes), FrameError> {
    let (mut request, body) = read(job.payload())?;
    request.attempt = attempt.saturating_add(1);
    change(&mut request);
    let again = frame::encode(Kind::Request, &request, &body)?;
    Ok((request, again))
}

/// Takes a job out of the queue that is stored elsewhere.
async fn leave(job: &Job, stored: Result<(), AsideError>) {
    match stored {
        Ok(()) => {
            if !job.done().await {
                tracing::warn!(
                    "a job that was put aside could not be acknowledged; it comes again"
                );
            }
        }
        Err(error) => {
            tracing::error!(%error, "a job cannot be put aside yet");
            job.release(Some(REST)).await;
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum AsideError {
    #[error("it cannot be written")]
    Frame(#[from] FrameError),
    #[error("it cannot be stored")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Letter(#[from] DeadLetterError),
    #[error("the run that waits for it cannot be told")]
    Untold,
}
