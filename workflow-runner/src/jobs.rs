//! Runs out of the durable work queue.

use std::sync::Arc;
use std::time::Duration;

use bus::queue::{Job, Jobs};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{interval, sleep};

use crate::driver;
use crate::intake::read;
use crate::service::Shared;

/// How often a job in work is reported, well within the queue's patience.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// How long a job that could not be carried out rests before another runner gets it.
const REST: Duration = Duration::from_secs(5);

/// Takes jobs until the runner stops, as many at once as it has permits.
pub(crate) async fn take(runner: Arc<Shared>) {
    let permits = Arc::new(Semaphore::new(runner.config.async_runs));
    while !runner.stopping.is_cancelled() {
        let jobs = tokio::select! {
            () = runner.stopping.cancelled() => return,
            jobs = Jobs::open(&runner.bus, runner.config.async_runs) => jobs,
        };
        match jobs {
            Ok(jobs) => follow(&runner, jobs, &permits).await,
            Err(error) => {
                tracing::warn!(%error, "the work queue cannot be read yet");
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

async fn follow(runner: &Arc<Shared>, mut jobs: Jobs, permits: &Arc<Semaphore>) {
    loop {
        let next = async {
            let permit = permits.clone().acquire_owned().await.ok()?;
            Some((jobs.next().await?, permit))
        };
        let (job, permit) = tokio::select! {
            biased;
            () = runner.stopping.cancelled() => return,
            next = next => match next {
                Some(next) => next,
                None => return,
            },
        };
        match job {
            Ok(job) => {
                runner.jobs.spawn(work(runner.clone(), job, permit));
            }
            Err(error) => {
                // The stream goes on by itself, for instance once NATS is back.
                tracing::warn!(%error, "the work queue stumbled");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn work(runner: Arc<Shared>, job: Job, permit: OwnedSemaphorePermit) {
    let (mut request, body) = match read(job.payload()) {
        Ok(read) => read,
        Err(error) => {
            // Most likely written by a newer release during a rolling upgrade: one of those takes it.
            tracing::error!(%error, "a job could not be read and goes back to the queue");
            return job.release(Some(REST)).await;
        }
    };
    request.attempt = job.earlier_deliveries();
    let run_id = request.run_id;
    let mut running = tokio::spawn(driver::run(runner.clone(), request, body));
    let mut progress = interval(PROGRESS_EVERY);
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
        Ok(()) if job.done().await => {}
        Ok(()) => {
            tracing::warn!(%run_id, "a finished job could not be acknowledged; it may repeat");
        }
        Err(error) => {
            tracing::error!(%run_id, %error, "a run broke off and goes back to the queue");
            job.release(Some(REST)).await;
        }
    }
    drop(permit);
}
