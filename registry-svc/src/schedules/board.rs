//! Which schedule is due next.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use shared::ids::WorkflowId;

/// The clock is looked at so often at least: it may be set.
const LOOK: Duration = Duration::from_secs(1);

/// The schedules by their next moment, in milliseconds since the Unix epoch: each stands here once, or is in hand.
#[derive(Default)]
pub(super) struct Board {
    due: BTreeSet<(i64, WorkflowId)>,
    moments: HashMap<WorkflowId, i64>,
    /// Those that were taken off, each with whether something was heard of it since.
    in_hand: HashMap<WorkflowId, bool>,
}

impl Board {
    /// Tells the next moment of a schedule; none takes it off. One in hand is looked at again when it is put back.
    pub(super) fn set(&mut self, workflow: WorkflowId, due_ms: Option<i64>) {
        match self.in_hand.get_mut(&workflow) {
            Some(heard) => *heard = true,
            None => self.put(workflow, due_ms),
        }
    }

    /// Puts one back that was taken off. What it was found to be may be outdated where something was heard of it
    /// meanwhile, so it is due at once then.
    pub(super) fn put_back(&mut self, workflow: WorkflowId, due_ms: Option<i64>, now_ms: i64) {
        let heard = self.in_hand.remove(&workflow).unwrap_or(false);
        self.put(workflow, if heard { Some(now_ms) } else { due_ms });
    }

    fn put(&mut self, workflow: WorkflowId, due_ms: Option<i64>) {
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

    /// Takes the next schedule off whose moment has come. It is in hand until it is put back.
    pub(super) fn pop(&mut self, now_ms: i64) -> Option<WorkflowId> {
        let (due_ms, workflow) = *self.due.first()?;
        if due_ms > now_ms {
            return None;
        }
        self.put(workflow, None);
        self.in_hand.insert(workflow, false);
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
        self.due.len() + self.in_hand.len()
    }

    pub(super) fn in_hand(&self) -> usize {
        self.in_hand.len()
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

    #[test]
    fn one_that_is_in_hand_is_taken_by_nobody_else() {
        let mut board = Board::default();
        board.set(workflow(1), Some(10));
        assert_eq!(board.pop(20), Some(workflow(1)));
        board.set(workflow(1), Some(15));
        assert_eq!((board.pop(20), board.in_hand(), board.len()), (None, 1, 1));
        board.put_back(workflow(1), None, 20);
        assert_eq!((board.in_hand(), board.pop(20)), (0, Some(workflow(1))));
        board.put_back(workflow(1), None, 20);
        assert_eq!((board.pop(100), board.len()), (None, 0));
    }

    #[test]
    fn what_is_heard_of_one_in_hand_counts_more_than_what_was_read_before() {
        let mut board = Board::default();
        for heard in [Some(50), None] {
            board.set(workflow(1), Some(10));
            assert_eq!(board.pop(20), Some(workflow(1)));
            // Published anew, or taken off, while it was read.
            board.set(workflow(1), heard);
            board.put_back(workflow(1), Some(1_000_000), 30);
            assert_eq!(board.pop(30), Some(workflow(1)), "{heard:?}");
            board.put_back(workflow(1), heard, 30);
            assert_eq!(board.pop(60), heard.map(|_| workflow(1)));
            board.put_back(workflow(1), None, 60);
        }
    }
}
