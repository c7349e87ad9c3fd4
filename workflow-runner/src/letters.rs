//! Hearing of the letters of runs: two readers for the whole process, however many runs wait.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::letters::{Heard, LetterError, Watch};
use shared::ids::RunId;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::service::Shared;

/// The pause before the letters are listened to anew.
const PAUSE: Duration = Duration::from_secs(1);

/// After how long that is done in any case: what one reader does not hear of, for whatever reason, the next one does.
const ANEW: Duration = Duration::from_secs(300);

/// The runs that operators stop. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Cancelled {
    runs: Arc<Mutex<HashSet<RunId>>>,
    known: CancellationToken,
}

impl Cancelled {
    /// Whether this run is to be stopped.
    #[must_use]
    pub(crate) fn has(&self, run_id: RunId) -> bool {
        self.lock().contains(&run_id)
    }

    /// Waits until those are known that were stopped before this runner started.
    pub(crate) async fn known(&self) {
        self.known.cancelled().await;
    }

    /// Nothing can panic while the lock is held, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, HashSet<RunId>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens until the runner lets go of what it has.
pub(crate) async fn follow(runner: Arc<Shared>) {
    let end = runner.abandoning.clone();
    let followed = async {
        loop {
            let heard = Box::pin(async { tokio::try_join!(cancels(&runner), others(&runner)) });
            match timeout(ANEW, heard).await {
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the letters of runs are listened to anew");
                    sleep(PAUSE).await;
                }
                Ok(Ok(_)) => sleep(PAUSE).await,
                Err(_) => {}
            }
        }
    };
    end.run_until_cancelled(Box::pin(followed)).await;
}

/// Stops the runs that are to be stopped: those at work here at once, and those that come when they are taken up.
async fn cancels(runner: &Shared) -> Result<(), LetterError> {
    let mut watch = runner.letters.watch(Heard::Cancels).await?;
    let mut there = HashSet::new();
    while let Some((run, ..)) = watch.next_there().await? {
        there.insert(run);
        // Who takes the run up meanwhile finds it here.
        runner.cancelled.lock().insert(run);
        stop(runner, run);
    }
    *runner.cancelled.lock() = there;
    runner.cancelled.known.cancel();
    while let Some(run) = next(&mut watch).await? {
        runner.cancelled.lock().insert(run);
        stop(runner, run);
    }
    Ok(())
}

async fn next(watch: &mut Watch) -> Result<Option<RunId>, LetterError> {
    let heard = watch.next().await.transpose()?;
    Ok(heard.map(|(run, ..)| run))
}

fn stop(runner: &Shared, run: RunId) {
    if let Some(hold) = runner.held.find(run) {
        tracing::info!(run_id = %run, "an operator stops the run");
        hold.cancel.cancel();
    }
}

/// Tells runs that are held here of their letters.
async fn others(runner: &Shared) -> Result<(), LetterError> {
    let mut watch = runner.letters.watch(Heard::New).await?;
    while let Some(run) = next(&mut watch).await? {
        if let Some(hold) = runner.held.find(run) {
            hold.letters.notify_one();
        }
    }
    Ok(())
}
