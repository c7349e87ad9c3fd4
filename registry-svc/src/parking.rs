//! Letting parked runs go on when their moment has come.
//!
//! Every instance watches: what two of them let go on at once goes on once, so there is no leader to be lost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use bus::Bus;
use bus::parking::{Gate, Parked, Parking, ParkingError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How many runs are let go on at the same time.
const AT_ONCE: usize = 64;

/// How long storing one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause before one is tried again, or the watch is begun anew.
const PAUSE: Duration = Duration::from_secs(1);

/// The clock is looked at so often at least: it may be set.
const LOOK: Duration = Duration::from_secs(1);

/// After how long the watch is begun anew.
const ANEW: Duration = Duration::from_secs(300);

/// The runs by when they are due.
#[derive(Default)]
struct Due {
    runs: BinaryHeap<Reverse<Parked>>,
}

impl Due {
    fn add(&mut self, parked: Parked) {
        self.runs.push(Reverse(parked));
    }

    /// The next run whose moment has come.
    fn pop(&mut self, now_ms: i64) -> Option<Parked> {
        let Reverse(first) = self.runs.peek()?;
        if first.due_ms > now_ms {
            return None;
        }
        self.runs.pop().map(|Reverse(parked)| parked)
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
    loop {
        let watched = async {
            match Parking::watch(&bus).await {
                Ok(parking) => watch(parking).await,
                Err(error) => Err(error),
            }
        };
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

async fn watch(mut parking: Parking) -> Result<(), ParkingError> {
    let gate = parking.gate();
    let mut due = Due::default();
    let mut leaving = FuturesUnordered::new();
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
        metrics::gauge!("earshot_registry_parked_runs").set(due.runs.len() as f64);
        tokio::select! {
            parked = parking.next() => match parked {
                Some(parked) => due.add(parked?),
                None => return Ok(()),
            },
            () = &mut anew, if leaving.is_empty() => return Ok(()),
            Some(again) = leaving.next() => due.runs.extend(again.map(Reverse)),
            () = sleep(due.rest(now_ms)), if leaving.len() < AT_ONCE => {}
        }
    }
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
}
