//! What becomes of a key whose request was not answered by its workflow.

use shared::codes::Code;
use shared::v1::run::RunMode;

use crate::problem::Problem;

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is answered with the same problem for as long as keys are kept: the run may have done its work.
    Kept,
    /// It is free: nothing ran, or running again does no harm.
    Free,
    /// It is open whether the run was stored. Whoever comes next stores the same run once more, which makes it one.
    Open,
}

/// `harmless`: the endpoint lets a run that was lost be sent again.
pub(super) fn of(problem: &Problem, mode: RunMode, harmless: bool) -> Fate {
    let may_have_run = problem.run_id().is_some();
    match (problem.code(), mode) {
        (Code::QueueUnavailable | Code::BusUnavailable, RunMode::Async) if may_have_run => {
            Fate::Open
        }
        (Code::RunnerLost | Code::ReplyBroken, _) if harmless => Fate::Free,
        (Code::RunnerLost | Code::ReplyBroken, _) => Fate::Kept,
        (Code::BusUnavailable | Code::Internal, _) if may_have_run && !harmless => Fate::Kept,
        (Code::RunFailed | Code::RunTimeout | Code::ReplyRefused, _) => Fate::Kept,
        _ => Fate::Free,
    }
}

/// The problem as it is kept. A 503 asks its caller to try again, which would be in vain for a day.
pub(super) fn lasting(problem: Problem) -> Problem {
    match (problem.code(), problem.run_id()) {
        (Code::BusUnavailable, Some(run_id)) => {
            let detail = "the connection to the message bus was lost while the run was under way, which may have done its work";
            Problem::new(Code::ReplyBroken, detail).of_run(run_id)
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::RunId;
    use uuid::Uuid;

    use super::*;

    const RUN: RunId = RunId(Uuid::from_u128(1));

    fn of_code(code: Code, ran: bool, mode: RunMode, harmless: bool) -> Fate {
        let problem = Problem::new(code, "");
        let problem = if ran { problem.of_run(RUN) } else { problem };
        of(&problem, mode, harmless)
    }

    #[test]
    fn what_was_refused_before_anything_ran_leaves_the_key_free() {
        for code in [
            Code::NoRunner,
            Code::Overloaded,
            Code::VersionUnavailable,
            Code::AuthUnavailable,
            Code::MalformedBody,
        ] {
            assert_eq!(
                of_code(code, true, RunMode::Sync, false),
                Fate::Free,
                "{code}"
            );
        }
        for code in [Code::BusUnavailable, Code::QueueUnavailable, Code::Internal] {
            for mode in [RunMode::Sync, RunMode::Async] {
                assert_eq!(of_code(code, false, mode, false), Fate::Free, "{code}");
            }
        }
    }

    #[test]
    fn what_may_have_run_is_kept_unless_running_again_does_no_harm() {
        for code in [
            Code::RunnerLost,
            Code::ReplyBroken,
            Code::BusUnavailable,
            Code::Internal,
        ] {
            assert_eq!(
                of_code(code, true, RunMode::Sync, false),
                Fate::Kept,
                "{code}"
            );
            assert_eq!(
                of_code(code, true, RunMode::Sync, true),
                Fate::Free,
                "{code}"
            );
        }
        for code in [Code::RunFailed, Code::RunTimeout, Code::ReplyRefused] {
            assert_eq!(
                of_code(code, true, RunMode::Sync, true),
                Fate::Kept,
                "{code}"
            );
        }
        let kept = lasting(Problem::new(Code::BusUnavailable, "").of_run(RUN));
        assert_eq!(kept.code(), Code::ReplyBroken);
    }

    #[test]
    fn a_run_that_may_or_may_not_be_stored_is_left_to_who_comes_next() {
        for code in [Code::QueueUnavailable, Code::BusUnavailable] {
            assert_eq!(
                of_code(code, true, RunMode::Async, false),
                Fate::Open,
                "{code}"
            );
        }
    }
}
