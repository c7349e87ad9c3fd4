//! A place apart for work that keeps a processor busy, so that everybody else's goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The place. At most half of the processors work in it at once, but always one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Offloader {
    turns: Arc<Semaphore>,
    bound: Duration,
}

/// The right to work there.
#[derive(Debug)]
struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Offloader {
    /// A place where one piece of work may take `bound` of wall time.
    #[must_use]
    pub fn new(bound: Duration) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new((processors / 2).max(1))),
            bound,
        }
    }

    /// Waits for a turn.
    async fn turn(&self) -> Turn {
        // It is never closed; if it were, all would be free to go.
        let permit = self.turns.clone().acquire_owned().await.ok();
        Turn { _permit: permit }
    }

    /// Does work at once, on this thread. The flag is set when its time is over, and the work is to end then. The other
    /// tasks of this thread go on elsewhere meanwhile (`tokio::task::block_in_place`).
    fn in_place(&self, turn: Option<Turn>, work: impl FnOnce(Arc<AtomicBool>)) {
        if !can_move_on() {
            return watched(self.bound, work);
        }
        tokio::task::block_in_place(|| {
            let turn = turn.unwrap_or_else(|| Handle::current().block_on(self.turn()));
            watched(self.bound, work);
            drop(turn);
        });
    }
}

/// Whether something was once found to be heavy; it is taken for heavy from then on.
#[derive(Debug, Default)]
pub struct Mark(AtomicBool);

/// The offloader as one piece of work uses it that may turn out to be heavy.
#[derive(Debug)]
pub struct Place {
    offloader: Offloader,
    mark: Arc<Mark>,
    turn: Mutex<Option<Turn>>,
}

impl Place {
    /// A place for work that bears this mark.
    #[must_use]
    pub fn new(offloader: Offloader, mark: Arc<Mark>) -> Self {
        Self {
            offloader,
            mark,
            turn: Mutex::default(),
        }
    }

    /// Waits for a turn where the work is known to be heavy, before it begins: so it waits without a thread of its own.
    /// It always gives way once, since short work is done in the reader of a subscription.
    pub async fn enter(&self) {
        if self.mark.0.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
            let turn = self.offloader.turn().await;
            self.put(Some(turn));
        }
    }

    /// Gives back a turn that was not needed.
    pub fn leave(&self) {
        self.put(None);
    }

    /// Does heavy work, and marks it as such. `work` is told when its time is over, and how long that was.
    pub fn carry(&self, work: impl FnOnce(Arc<AtomicBool>, Duration)) {
        self.mark.0.store(true, Ordering::Relaxed);
        metrics::counter!("earshot_offloaded_total").increment(1);
        let bound = self.offloader.bound;
        self.offloader
            .in_place(self.put(None), |over| work(over, bound));
    }

    fn put(&self, turn: Option<Turn>) -> Option<Turn> {
        let mut place = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, turn)
    }
}

/// Whether this thread belongs to a runtime whose other tasks can go on elsewhere.
fn can_move_on() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Does work with a flag that is set when `bound` is over. A thread of its own keeps the time: the runtime may be too busy
/// to.
fn watched<T>(bound: Duration, work: impl FnOnce(Arc<AtomicBool>) -> T) -> T {
    let over = Arc::new(AtomicBool::new(false));
    let ends_at = Instant::now() + bound;
    let flag = over.clone();
    let clock = thread::spawn(move || {
        // Parking may end early.
        while !flag.load(Ordering::Relaxed) {
            let left = ends_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                flag.store(true, Ordering::Relaxed);
            } else {
                thread::park_timeout(left);
            }
        }
    });
    let done = work(over.clone());
    over.store(true, Ordering::Relaxed);
    clock.thread().unpark();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_millis(20);

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn other_tasks_of_the_thread_go_on_and_work_that_spins_is_told_to_end() {
        let offloader = Offloader::new(BOUND);
        let neighbour = tokio::spawn(async { 7 });
        tokio::task::spawn_blocking(|| {}).await.unwrap();
        let spinning = tokio::spawn(async move {
            offloader.in_place(None, |over| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        });
        assert_eq!(neighbour.await.unwrap(), 7);
        spinning.await.unwrap();
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_does_the_work_all_the_same() {
        let mut done = false;
        Offloader::new(BOUND).in_place(None, |_| done = true);
        assert!(done);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_turn_is_waited_for() {
        let offloader = Offloader::new(BOUND);
        let mut turns = Vec::new();
        while offloader.turns.available_permits() > 0 {
            turns.push(offloader.turn().await);
        }
        let waiting = tokio::spawn({
            let offloader = offloader.clone();
            async move { offloader.in_place(None, |_| {}) }
        });
        assert!(!waiting.is_finished());
        turns.pop();
        waiting.await.unwrap();
    }
}
