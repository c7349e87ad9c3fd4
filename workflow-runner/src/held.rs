//! The runs that this runner holds, for whoever has to reach into one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::RunId;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

/// What can be done to a run from outside.
pub(crate) struct Hold {
    /// Stops the run.
    pub cancel: CancellationToken,
    /// Told when a letter may have come for the run.
    pub letters: Notify,
    /// How much credit its stream has; see `shared::limits::stream_cost`.
    pub credit: Semaphore,
}

/// All runs that are held. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Held {
    runs: Arc<Mutex<HashMap<RunId, Arc<Hold>>>>,
}

impl Held {
    /// Holds a run until what comes back is dropped.
    #[must_use]
    pub(crate) fn hold(&self, run_id: RunId, credit: u32) -> Holding {
        let hold = Arc::new(Hold {
            cancel: CancellationToken::new(),
            letters: Notify::new(),
            credit: Semaphore::new(credit as usize),
        });
        self.lock().insert(run_id, hold.clone());
        Holding {
            run_id,
            hold,
            held: self.clone(),
        }
    }

    /// The hold of a run that is still under way.
    #[must_use]
    pub(crate) fn find(&self, run_id: RunId) -> Option<Arc<Hold>> {
        self.lock().get(&run_id).cloned()
    }

    /// Nothing can panic while the lock is held, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Hold>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that is held.
pub(crate) struct Holding {
    run_id: RunId,
    /// What can be done to it.
    pub hold: Arc<Hold>,
    held: Held,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut runs = self.held.lock();
        // The same run may be here a second time, sent again by a gateway that gave it up.
        if runs
            .get(&self.run_id)
            .is_some_and(|hold| Arc::ptr_eq(hold, &self.hold))
        {
            runs.remove(&self.run_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_run_can_be_found_while_it_is_held_and_not_after() {
        let held = Held::default();
        let run = RunId(Uuid::now_v7());
        let first = held.hold(run, 1);
        let second = held.hold(run, 2);
        drop(first);
        assert_eq!(held.find(run).unwrap().credit.available_permits(), 2);
        drop(second);
        assert!(held.find(run).is_none());
    }
}
