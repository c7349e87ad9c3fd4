//! Which schedule is due next.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use shared::ids::WorkflowId;

/// The clock is looked at so often at least: it may be set.
const LOOK: Duration = Duration::from_secs(1);

/// The schedules by their next moment, in milliseconds since the Unix epoch: each stands here once.
#[derive(Default)]
pub(super) struct Board {
    due: BTreeSet<(i64, WorkflowId)>,
    moments: HashMap<WorkflowId, i64>,
}

impl Board {
    /// Sets the next moment of a schedule; none takes it off.
    pub(super) fn set(&mut self, workflow: WorkflowId, due_ms: Option<i64>) {
        let before = match due_ms {
            Some(due_ms) => self.moments.insert(workflow, due_ms),
            None => self.moments.remove(&workflow),
        };
        if let Some(before) = before {
            self.due.remove(&(before, workflow));
        }
        if let Some(due_ms) = due_ms {
            self.due.insert((due_ms, workflow));
        }
    }

    /// Takes the next schedule off whose moment has come.
    pub(super) fn pop(&mut self, now_ms: i64) -> Option<WorkflowId> {
        let (due_ms, workflow) = *self.due.first()?;
        if due_ms > now_ms {
            return None;
        }
        self.set(workflow, None);
        Some(workflow)
    }

    /// How long there is nothing to do.
    pub(super) fn rest(&self, now_ms: i64) -> Duration {
        self.due.first().map_or(LOOK, |(due_ms, _)| {
            let left = u64::try_from(due_ms.saturating_sub(now_ms)).unwrap_or(0);
            Duration::from_millis(left).min(LOOK)
        })
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn workflow(number: u128) -> WorkflowId {
        WorkflowId(Uuid::from_u128(number))
    }

    #[test]
    fn schedules_come_in_the_order_of_their_moments_and_none_before_its_own() {
        let mut board = Board::default();
        for (number, due_ms) in [(1, 30), (2, 10), (3, 20)] {
            board.set(workflow(number), Some(due_ms));
        }
        assert_eq!(board.pop(9), None);
        assert_eq!(board.rest(9), Duration::from_millis(1));
        assert_eq!(board.pop(25), Some(workflow(2)));
        assert_eq!(board.pop(25), Some(workflow(3)));
        assert_eq!(board.pop(25), None);
        assert_eq!(board.rest(25), Duration::from_millis(5));
        assert_eq!(board.rest(-1_000_000), LOOK, "the clock was put back");
    }

    #[test]
    fn a_schedule_has_one_moment_the_last_that_was_set() {
        let mut board = Board::default();
        board.set(workflow(1), Some(10));
        board.set(workflow(1), Some(50));
        assert_eq!((board.pop(20), board.len()), (None, 1));
        board.set(workflow(1), None);
        assert_eq!((board.pop(100), board.len()), (None, 0));
        assert_eq!(board.rest(0), LOOK);
    }
}
