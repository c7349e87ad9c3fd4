//! Letting parked runs go on when their moment has come, or a letter that they wait for.
//!
//! Every instance watches: what two of them let go on at once goes on once, so there is no leader to be lost.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};
use std::time::Duration;

use bus::Bus;
use bus::letters::{Heard, LetterError, Letters, Watch};
use bus::parking::{Arrival, Gate, Parked, Parking, ParkingError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use shared::ids::RunId;
use shared::v1::letters::LetterKey;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How many runs are let go on at the same time.
const AT_ONCE: usize = 64;

/// How long storing one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause before one is tried again, or the watch is begun anew.
const PAUSE: Duration = Duration::from_secs(1);

/// How often a run with a letter is looked for that cannot be reached.
const TRIES: u32 = 10;

/// The clock is looked at so often at least: it may be set.
const LOOK: Duration = Duration::from_secs(1);

/// After how long the watch is begun anew.
const ANEW: Duration = Duration::from_secs(300);

/// The runs by when they are due.
#[derive(Default)]
struct Due {
    runs: BinaryHeap<Reverse<Parked>>,
    /// The numbers of those that went on before their moment.
    gone: HashSet<u64>,
}

impl Due {
    fn add(&mut self, parked: Parked) {
        self.runs.push(Reverse(parked));
    }

    /// This one went on before its moment.
    fn forget(&mut self, sequence: u64) {
        self.gone.insert(sequence);
    }

    /// The next run whose moment has come.
    fn pop(&mut self, now_ms: i64) -> Option<Parked> {
        loop {
            let Reverse(first) = self.runs.peek()?;
            if first.due_ms > now_ms {
                return None;
            }
            let Reverse(parked) = self.runs.pop()?;
            if !self.gone.remove(&parked.sequence) {
                return Some(parked);
            }
        }
    }

    fn len(&self) -> usize {
        self.runs.len().saturating_sub(self.gone.len())
    }

    /// How long there is nothing to do.
    fn rest(&self, now_ms: i64) -> Duration {
        self.runs.peek().map_or(LOOK, |Reverse(first)| {
            let left = u64::try_from(first.due_ms - now_ms).unwrap_or(0);
            Duration::from_millis(left).min(LOOK)
        })
    }
}

/// Lets runs go on until `stop`.
pub(crate) async fn run(bus: Bus, stop: CancellationToken) {
    let letters = Letters::new(bus.clone(), PATIENCE);
    loop {
        let watched = Box::pin(watch(&bus, &letters));
        tokio::select! {
            () = stop.cancelled() => return,
            ended = watched => match ended {
                Ok(()) => tracing::debug!("the parked runs are watched anew"),
                Err(error) => tracing::warn!(%error, "the parked runs are watched anew"),
            },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(PAUSE) => {}
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum WatchError {
    #[error(transparent)]
    Parking(#[from] ParkingError),
    #[error(transparent)]
    Letters(#[from] LetterError),
}

/// The letters are listened to before the runs: whichever of the two comes first, the other one finds it.
async fn watch(bus: &Bus, letters: &Letters) -> Result<(), WatchError> {
    let mut mail = Mail::open(letters).await?;
    let mut parking = Parking::watch(bus).await?;
    let gate = parking.gate();
    let mut due = Due::default();
    let mut leaving = FuturesUnordered::new();
    let mut called = FuturesUnordered::new();
    // What a watch does not hear of, for whatever reason, the next one does.
    let anew = sleep(ANEW);
    tokio::pin!(anew);
    loop {
        let now_ms = ops::clock::now_ms();
        while leaving.len() < AT_ONCE
            && let Some(parked) = due.pop(now_ms)
        {
            leaving.push(let_go(&gate, parked));
        }
        while called.len() < AT_ONCE
            && let Some((run, key)) = mail.new.pop_front()
        {
            called.push(call(&gate, run, key));
        }
        metrics::gauge!("earshot_registry_parked_runs").set(due.len() as f64);
        tokio::select! {
            parked = parking.next() => match parked {
                Some(arrival) => due.add(mail.judge(arrival?)),
                None => return Ok(()),
            },
            heard = mail.watch.next() => match heard {
                Some(heard) => mail.hear(heard?),
                None => return Ok(()),
            },
            () = &mut anew, if leaving.is_empty() && called.is_empty() => return Ok(()),
            Some(again) = leaving.next() => due.runs.extend(again.map(Reverse)),
            Some(gone) = called.next() => gone.into_iter().for_each(|sequence| due.forget(sequence)),
            () = sleep(due.rest(now_ms)), if leaving.len() < AT_ONCE => {}
        }
    }
}

/// The letters that there are.
struct Mail {
    watch: Watch,
    known: HashSet<(RunId, LetterKey)>,
    /// Those whose runs are to be looked for.
    new: VecDeque<(RunId, LetterKey)>,
}

impl Mail {
    /// Reads those that are there.
    async fn open(letters: &Letters) -> Result<Self, LetterError> {
        let watch = letters.watch(Heard::All).await?;
        let mut mail = Self {
            watch,
            known: HashSet::new(),
            new: VecDeque::new(),
        };
        while let Some((run, key, _)) = mail.watch.next_there().await? {
            mail.known.insert((run, key));
        }
        Ok(mail)
    }

    fn hear(&mut self, (run, key, _): (RunId, LetterKey, i64)) {
        self.known.insert((run, key.clone()));
        self.new.push_back((run, key));
    }

    /// When a run is due that was parked: at once where its letter is there.
    fn judge(&self, arrival: Arrival) -> Parked {
        let mut keys = arrival.awaits;
        keys.push(LetterKey::cancel());
        let mut keys = keys.into_iter();
        let Parked { due_ms, sequence } = arrival.parked;
        if keys.any(|key| self.known.contains(&(arrival.run, key))) {
            return Parked {
                due_ms: 0,
                sequence,
            };
        }
        Parked { due_ms, sequence }
    }
}

/// Lets a run go on that has a letter, where it is parked and waits for it; the number of what was parked.
async fn call(gate: &Gate, run: RunId, key: LetterKey) -> Option<u64> {
    for _ in 0..TRIES {
        match gate.release_for(run, &key, PATIENCE).await {
            Ok(gone) => {
                if gone.is_some() {
                    metrics::counter!("earshot_registry_resumed_runs_total").increment(1);
                }
                return gone;
            }
            Err(error) => {
                tracing::warn!(%error, "a run that has a letter cannot go on yet");
                sleep(PAUSE).await;
            }
        }
    }
    // The next watch finds it.
    None
}

/// Lets one run go on; what comes back is to be tried again.
async fn let_go(gate: &Gate, parked: Parked) -> Option<Parked> {
    match gate.release(parked, PATIENCE).await {
        Ok(was_there) => {
            if was_there {
                metrics::counter!("earshot_registry_resumed_runs_total").increment(1);
            }
            None
        }
        Err(error) => {
            tracing::warn!(%error, "a parked run cannot go on yet");
            sleep(PAUSE).await;
            Some(parked)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_on_in_the_order_of_their_moments_and_none_before_its_own() {
        let mut due = Due::default();
        for (due_ms, sequence) in [(30, 1), (10, 2), (20, 3)] {
            due.add(Parked { due_ms, sequence });
        }
        assert_eq!(due.pop(9), None);
        assert_eq!(due.rest(9), Duration::from_millis(1));
        let gone: Vec<u64> = std::iter::from_fn(|| due.pop(25))
            .map(|parked| parked.sequence)
            .collect();
        assert_eq!(gone, [2, 3]);
        assert_eq!(due.rest(25), Duration::from_millis(5));
        assert_eq!(due.pop(30).map(|parked| parked.sequence), Some(1));
        assert_eq!(due.rest(30), LOOK);
    }

    #[test]
    fn a_run_that_went_on_before_its_moment_is_passed_over_and_counts_no_more() {
        let mut due = Due::default();
        for (due_ms, sequence) in [(10, 1), (20, 2)] {
            due.add(Parked { due_ms, sequence });
        }
        due.forget(1);
        assert_eq!(due.len(), 1);
        assert_eq!(due.pop(30).map(|parked| parked.sequence), Some(2));
        assert_eq!(due.len(), 0);
    }
}
