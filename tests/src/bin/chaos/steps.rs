//! The rules for the steps of one request.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::book::Seen;
use crate::checker::{DATA, EARLY, GROUNDLESS, REPEATED, TWICE};
use crate::faults::Window;
use crate::kinds::{FLAKY, Kind, Step, WAITS};
use crate::recorder::{answer, pause};
use crate::schedule::{Harm, Part};

/// By how much a fault may be older than the call that it explains: the queue's patience and the rests of jobs.
const AFTERMATH: Duration = Duration::from_secs(90);

/// How much later than its process woke a call may come that it was about to make when it was stopped.
const WAKING: Duration = Duration::from_secs(2);

/// A request with what was seen of its steps.
pub(crate) struct Request<'a> {
    pub(crate) token: &'a str,
    pub(crate) kind: Kind,
    pub(crate) seen: &'a [Seen],
    pub(crate) faults: &'a [Window],
    /// When the load began.
    pub(crate) start: Instant,
}

impl Request<'_> {
    /// Checks every step, and adds what is broken.
    pub(crate) fn check(&self, add: &mut impl FnMut(&'static str, String)) {
        for step in self.kind.steps() {
            let calls: Vec<&Seen> = self.of(step.0).collect();
            self.same(*step, &calls, add);
            // A synchronous run may be sent again as a whole.
            if self.kind.is_async() {
                self.once(step.0, &calls, add);
                self.in_time(*step, add);
            }
        }
    }

    fn of(&self, step: &str) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(move |call| call.step == step)
    }

    fn told(&self, calls: &[&Seen]) -> String {
        let calls = calls.iter().map(|call| {
            let by = call
                .pid
                .map_or_else(String::new, |pid| format!(" by {pid}"));
            format!("{:.2} s{by}", (call.at - self.start).as_secs_f64())
        });
        calls.collect::<Vec<_>>().join(", ")
    }

    /// Each call of a step has the same key, and tells the answer to the step above it.
    fn same(
        &self,
        (step, parent): Step,
        calls: &[&Seen],
        add: &mut impl FnMut(&'static str, String),
    ) {
        let token = self.token;
        let keys: BTreeSet<_> = calls.iter().map(|call| &call.key).collect();
        if self.kind.is_async() && (keys.len() > 1 || keys.contains(&None)) {
            add(
                TWICE,
                format!("{token} {step}: {} with {keys:?}", self.told(calls)),
            );
        }
        let right = parent.map(|parent| answer(token, parent));
        for call in calls.iter().filter(|call| call.saw != right) {
            add(DATA, format!("{token} {step}: was told {:?}", call.saw));
        }
    }

    /// No call is made again but for a fault, and none once the step was over.
    fn once(&self, step: &str, calls: &[&Seen], add: &mut impl FnMut(&'static str, String)) {
        let token = self.token;
        let planned = if step == FLAKY { 2 } else { 1 };
        for pair in calls.windows(2).skip(planned - 1) {
            if !self.woken(pair[1]) && !self.explained(pair[0], pair[1].at) {
                add(GROUNDLESS, format!("{token} {step}: {}", self.told(calls)));
            }
        }
        let after = self
            .seen
            .iter()
            .filter(|call| self.kind.follows(&call.step) == Some(step));
        let Some(over) = after.map(|call| call.at).min() else {
            return;
        };
        let late = calls.iter().copied().filter(|call| call.at > over);
        let late: Vec<&Seen> = late.filter(|call| !self.woken(call)).collect();
        if !late.is_empty() {
            let over = (over - self.start).as_secs_f64();
            add(
                REPEATED,
                format!(
                    "{token} {step}: over at {over:.2} s, and called at {}",
                    self.told(&late)
                ),
            );
        }
    }

    /// No step begins before it is to.
    fn in_time(&self, (step, parent): Step, add: &mut impl FnMut(&'static str, String)) {
        let wait = WAITS
            .iter()
            .find(|(of, _)| self.kind == Kind::Waits && *of == step);
        let first = |step: &str| self.of(step).next().map(|call| call.at);
        // Moments are kept to the second or so.
        if let Some((_, seconds)) = wait
            && let (Some(from), Some(at)) = (parent.and_then(first), first(step))
            && at < from + Duration::from_secs(seconds - 1)
        {
            let after = (at - from).as_secs_f64();
            add(
                EARLY,
                format!("{} {step}: {after:.2} s after {parent:?}", self.token),
            );
        }
    }

    /// Whether a fault explains that a call is made again: one of the runner that made it, or of the bus.
    fn explained(&self, call: &Seen, again: Instant) -> bool {
        let from = call.at.checked_sub(AFTERMATH).unwrap_or(call.at);
        self.faults.iter().any(|fault| match fault.part {
            Part::Nats => fault.overlaps(from, again),
            Part::Runner(_) => {
                call.pid.is_none_or(|pid| pid == fault.pid) && fault.overlaps(from, again)
            }
            _ => false,
        })
    }

    /// Whether a call was made by a process that woke. It was about to make it when it was stopped, which nobody can take
    /// from it: the step above it had been answered just then.
    fn woken(&self, call: &Seen) -> bool {
        let stops = self.faults.iter().filter(|fault| {
            fault.harm == Harm::Stop
                && matches!(fault.part, Part::Runner(_))
                && call.pid.is_none_or(|pid| pid == fault.pid)
        });
        let mut woke = stops.filter(|stop| {
            stop.ended
                .is_some_and(|woke| woke <= call.at && call.at < woke + WAKING)
        });
        let Some(parent) = self.kind.follows(&call.step) else {
            return woke.next().is_some();
        };
        woke.any(|stop| {
            self.of(parent).any(|above| {
                let answered = above.at + pause(self.token, parent);
                above.pid == call.pid && answered <= stop.began && stop.began < answered + WAKING
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A runner that is harmed, and one that is not.
    const HARMED: u32 = 7;
    const WELL: u32 = 8;

    fn call(start: Instant, step: &str, ms: u64, pid: u32) -> Seen {
        let parent = Kind::Chain.follows(step);
        Seen {
            step: step.to_owned(),
            at: start + Duration::from_millis(ms),
            key: Some(format!("run-{step}")),
            saw: parent.map(|parent| answer("chain-1", parent)),
            count: None,
            pid: Some(pid),
        }
    }

    fn harm(start: Instant, harm: Harm, from: u64, to: u64) -> Window {
        Window {
            part: Part::Runner(0),
            harm,
            pid: HARMED,
            began: start + Duration::from_millis(from),
            ended: Some(start + Duration::from_millis(to)),
        }
    }

    fn broken(start: Instant, seen: &[Seen], faults: &[Window]) -> Vec<&'static str> {
        let request = Request {
            token: "chain-1",
            kind: Kind::Chain,
            seen,
            faults,
            start,
        };
        let mut broken = Vec::new();
        request.check(&mut |rule, _| broken.push(rule));
        broken
    }

    #[test]
    fn a_step_in_flight_may_be_done_again_where_its_runner_was_harmed_and_nowhere_else() {
        let start = Instant::now();
        let kill = [harm(start, Harm::Kill, 1_100, 2_000)];
        let by = |pid| [call(start, "a", 1_000, pid), call(start, "a", 7_000, WELL)];
        assert_eq!(broken(start, &by(HARMED), &kill), [""; 0]);
        assert_eq!(broken(start, &by(WELL), &kill), [GROUNDLESS]);
        assert_eq!(broken(start, &by(HARMED), &[]), [GROUNDLESS]);
    }

    #[test]
    fn a_step_that_is_over_may_not_be_done_again_whatever_happened() {
        let start = Instant::now();
        let seen = [
            call(start, "a", 1_000, HARMED),
            call(start, "b", 2_000, HARMED),
            call(start, "a", 9_000, WELL),
        ];
        let kill = [harm(start, Harm::Kill, 2_100, 3_000)];
        assert_eq!(broken(start, &seen, &kill), [REPEATED]);
    }

    #[test]
    fn who_was_stopped_just_before_a_step_may_make_it_too_late_and_who_was_not_may_not() {
        let start = Instant::now();
        // The step above is answered after a quarter of a second at most.
        let seen = [
            call(start, "a", 1_000, HARMED),
            call(start, "b", 8_000, WELL),
            call(start, "d", 9_000, WELL),
            call(start, "b", 12_010, HARMED),
        ];
        let just_then = [harm(start, Harm::Stop, 1_300, 12_000)];
        assert_eq!(broken(start, &seen, &just_then), [""; 0]);
        let later = [harm(start, Harm::Stop, 6_000, 12_000)];
        assert!(broken(start, &seen, &later).contains(&REPEATED));
    }

    #[test]
    fn another_key_and_another_answer_are_seen() {
        let start = Instant::now();
        let mut seen = [call(start, "a", 0, WELL), call(start, "b", 10, WELL)];
        assert_eq!(broken(start, &seen, &[]), [""; 0]);
        seen[1].saw = Some(answer("chain-2", "a"));
        seen[0].key = None;
        assert_eq!(broken(start, &seen, &[]), [TWICE, DATA]);
    }
}
