//! From the stream into the database: one transaction for each batch, acknowledged after its commit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bus::Bus;
use bus::queue::{Job, Jobs, QueueError};
use shared::ids::RunId;
use shared::v1::run_log::{RunEnded, RunLogBatch};
use shared::{frame, subjects};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::summary::stored;
use crate::store::{NewRun, Store, StoreError};

/// How many batches are asked for at once.
const AT_ONCE: usize = 8;

/// How long to wait before the stream is asked again that could not be read.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a batch rests that could not be stored or read.
const REST: Duration = Duration::from_secs(1);
const LONG_REST: Duration = Duration::from_secs(30);

/// How long what is at work may take after the word to stop.
const FINISHED_IN: Duration = Duration::from_secs(3);

/// Stores what runners tell, until `stop` and until what is at work then is stored.
pub(crate) async fn ingest<S: Store>(bus: Bus, store: S, stop: CancellationToken) {
    let late = async {
        stop.cancelled().await;
        sleep(FINISHED_IN).await;
    };
    tokio::select! {
        () = follow_on(&bus, &store, &stop) => {}
        () = late => tracing::warn!("a batch of the run log was left for later"),
    }
}

async fn follow_on<S: Store>(bus: &Bus, store: &S, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = follow(bus, store, stop).await {
            tracing::warn!(%error, "the run log cannot be read at the moment");
            let _ = timeout(PAUSE, stop.cancelled()).await;
        }
    }
}

async fn follow<S: Store>(
    bus: &Bus,
    store: &S,
    stop: &CancellationToken,
) -> Result<(), QueueError> {
    let mut jobs = Jobs::open_run_log(bus).await?;
    while !stop.is_cancelled() {
        let mut batch = jobs.ask(AT_ONCE).await?;
        // To its end also at a stop: what is on its way here would be stuck for as long as the stream is patient.
        while let Some(job) = batch.next().await? {
            take(bus, store, job).await;
        }
    }
    Ok(())
}

async fn take<S: Store>(bus: &Bus, store: &S, job: Job) {
    let batch: RunLogBatch = match frame::unpack(&job.payload()) {
        Ok(batch) => batch,
        Err(error) => {
            // Most likely written by a newer release during a rolling upgrade: one of those takes it.
            tracing::error!(%error, "a batch of the run log could not be read");
            metrics::counter!("earshot_registry_run_log_unreadable_total").increment(1);
            return job.release(Some(LONG_REST)).await;
        }
    };
    let runs: Vec<NewRun> = batch
        .records
        .iter()
        .filter_map(|record| {
            let run = stored(record);
            run.inspect_err(|error| tracing::error!(%error, "a record of the run log is lost"))
                .ok()
        })
        .collect();
    match put(store, &runs).await {
        Ok(ended) => {
            metrics::counter!("earshot_registry_run_log_records_total")
                .increment(runs.len() as u64);
            if !job.done().await {
                tracing::warn!("a stored batch of the run log could not be acknowledged");
            }
            tell(bus, store, &runs, &ended).await;
        }
        Err(error) => {
            tracing::warn!(%error, "a batch of the run log could not be stored and is tried again");
            job.release(Some(REST)).await;
        }
    }
}

/// Stores a batch. Where the database refuses its data, record by record, so that the others are not lost with one. Any
/// other fault loses none: the batch waits.
async fn put<S: Store>(store: &S, runs: &[NewRun]) -> Result<BTreeMap<RunId, i64>, StoreError> {
    match store.put_runs(runs).await {
        Err(error) if error.is_of_the_data() => {}
        settled => return settled,
    }
    let mut ended = BTreeMap::new();
    for run in runs {
        match store.put_runs(std::slice::from_ref(run)).await {
            Ok(one) => ended.extend(one),
            Err(error) if !error.is_of_the_data() => return Err(error),
            Err(error) => {
                metrics::counter!("earshot_registry_run_log_refused_total").increment(1);
                tracing::error!(%error, run_id = %run.summary.run_id, "a record of the run log is lost");
            }
        }
    }
    Ok(ended)
}

/// Tells whoever follows live of the runs that have ended, in the order in which they did.
async fn tell<S: Store>(bus: &Bus, store: &S, runs: &[NewRun], ended: &BTreeMap<RunId, i64>) {
    if ended.is_empty() {
        return;
    }
    let told = runs.iter().map(|run| (run.summary.run_id, run));
    let told = told.filter(|(id, run)| run.summary.ended_at_ms.is_some() && ended.contains_key(id));
    let mut told: Vec<&NewRun> = BTreeMap::from_iter(told).into_values().collect();
    told.sort_by_key(|run| run.summary.ended_at_ms);
    let workflows: BTreeSet<_> = told.iter().map(|run| run.summary.workflow_id).collect();
    let names = match store.names(&workflows).await {
        Ok(names) => names,
        Err(error) => return tracing::warn!(%error, "runs that ended could not be told of"),
    };
    let ended = told.into_iter().map(|told| {
        let mut run = told.summary.clone();
        run.workflow = names.get(&run.workflow_id).cloned();
        run.started_at_ms = ended.get(&run.run_id).copied().unwrap_or(run.started_at_ms);
        let words = told.words.clone();
        RunEnded { words, run }
    });
    match frame::pack(&ended.collect::<Vec<_>>()) {
        Ok(payload) => {
            if let Err(error) = bus.publish(subjects::RUNS_ENDED.to_owned(), payload).await {
                tracing::debug!(%error, "runs that ended could not be told of");
            }
        }
        Err(error) => tracing::error!(%error, "runs that ended could not be written"),
    }
}
