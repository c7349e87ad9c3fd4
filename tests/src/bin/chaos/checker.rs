//! The rules that hold after everything that happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::book::{Accepted, Pages, Seen, Sent};
use crate::faults::Window;
use crate::kinds::{FLAKY, Kind, WAITS};
use crate::recorder::{answer, pause};
use crate::schedule::{Harm, Part};

/// By how much a fault may be older than the call that it explains: the queue's patience and the rests of jobs.
const AFTERMATH: Duration = Duration::from_secs(90);

/// How much later than its process woke a call may come that it was about to make when it was stopped.
const WAKING: Duration = Duration::from_secs(2);

/// What must not happen, and did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

/// The rules, each with what breaking it is called.
pub(crate) const LOST: &str = "accepted runs unfinished or lost";
pub(crate) const HALF: &str = "runs that were not accepted, and half done";
pub(crate) const WRONG: &str = "wrong replies";
pub(crate) const MISSING: &str = "replies and frames that never came";
pub(crate) const TWICE: &str = "steps with two Idempotency-Keys";
pub(crate) const REPEATED: &str = "finished steps repeated";
pub(crate) const GROUNDLESS: &str = "steps repeated without a fault";
pub(crate) const DATA: &str = "steps with wrong data";
pub(crate) const EARLY: &str = "steps before their time";
pub(crate) const COUNTS: &str = "numbers added to wrongly";
pub(crate) const LEFT: &str = "jobs left in a stream";
pub(crate) const LATE: &str = "first successes too late";
pub(crate) const BACK: &str = "parts that did not come back";

pub(crate) const RULES: [&str; 13] = [
    LOST, HALF, WRONG, MISSING, TWICE, REPEATED, GROUNDLESS, DATA, EARLY, COUNTS, LEFT, LATE, BACK,
];

/// What a request's steps still lack; none where it is done, or never began.
pub(crate) fn lacks(token: &str, sent: &Sent, pages: &Pages) -> Vec<&'static str> {
    let seen = pages.seen.get(token);
    let began = seen.is_some_and(|seen| !seen.is_empty());
    if !sent.kind.is_async() || sent.accepted != Accepted::Yes && !began {
        return Vec::new();
    }
    let done = |step: &str| seen.is_some_and(|seen| seen.iter().any(|call| call.step == step));
    let steps = sent.kind.steps().iter().map(|(step, _)| *step);
    steps.filter(|step| !done(step)).collect()
}

/// How many requests are not done.
pub(crate) fn open(pages: &Pages) -> usize {
    let sent = pages.sent.iter();
    let open = sent.filter(|(token, sent)| {
        let waits = sent.accepted == Accepted::Yes && sent.kind.is_async() && !sent.answered;
        sent.accepted == Accepted::Pending && sent.kind.is_async()
            || waits
            || !lacks(token, sent, pages).is_empty()
    });
    open.count()
}

/// Everything that was broken.
pub(crate) fn check(pages: &Pages, faults: &[Window], start: Instant) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    let mut add = |rule, what: String| found.push(Violation { rule, what });
    for what in &pages.wrong {
        add(WRONG, what.clone());
    }
    for (token, sent) in &pages.sent {
        let seconds = (sent.began - start).as_secs_f64();
        let lacks = lacks(token, sent, pages);
        if !lacks.is_empty() {
            let rule = if sent.accepted == Accepted::Yes {
                LOST
            } else {
                HALF
            };
            add(
                rule,
                format!(
                    "{token} (sent at {seconds:.1} s) lacks {}",
                    lacks.join(", ")
                ),
            );
        }
        if sent.accepted == Accepted::Yes && sent.kind.is_async() && !sent.answered {
            add(MISSING, format!("{token} (sent at {seconds:.1} s)"));
        }
        if let Some(seen) = pages.seen.get(token) {
            steps(token, sent.kind, seen, (faults, start), &mut add);
        }
    }
    for token in pages.seen.keys() {
        if !pages.sent.contains_key(token) {
            add(DATA, format!("nobody sent {token}, and a step of it came"));
        }
    }
    counts(pages, &mut add);
    found
}

/// The rules for the steps of one request.
fn steps(
    token: &str,
    kind: Kind,
    seen: &[Seen],
    (faults, start): (&[Window], Instant),
    add: &mut impl FnMut(&'static str, String),
) {
    let told = |calls: &[&Seen]| {
        let calls = calls.iter().map(|call| {
            let pid = call
                .pid
                .map_or_else(String::new, |pid| format!(" by {pid}"));
            format!("{:.2} s{pid}", (call.at - start).as_secs_f64())
        });
        calls.collect::<Vec<_>>().join(", ")
    };
    for (step, parent) in kind.steps() {
        let calls: Vec<&Seen> = seen.iter().filter(|call| call.step == *step).collect();
        let keys: BTreeSet<_> = calls.iter().map(|call| &call.key).collect();
        if keys.len() > 1 || kind.is_async() && keys.contains(&None) {
            add(
                TWICE,
                format!("{token} {step}: {} with {keys:?}", told(&calls)),
            );
        }
        for call in &calls {
            let saw = parent.map(|parent| answer(token, parent));
            if call.saw != saw {
                add(DATA, format!("{token} {step}: was told {:?}", call.saw));
            }
        }
        // A synchronous run may be sent again as a whole.
        if !kind.is_async() {
            continue;
        }
        let planned = if *step == FLAKY { 2 } else { 1 };
        for pair in calls.windows(2).skip(planned - 1) {
            if !explained(pair[0], pair[1].at, faults) {
                add(GROUNDLESS, format!("{token} {step}: {}", told(&calls)));
            }
        }
        let after = seen
            .iter()
            .filter(|call| kind.follows(&call.step) == Some(step));
        if let Some(over) = after.map(|call| call.at).min() {
            let late: Vec<&Seen> = calls
                .iter()
                .copied()
                .filter(|call| call.at > over)
                .collect();
            if late
                .iter()
                .any(|call| !woken(token, kind, call, seen, faults))
            {
                let over = (over - start).as_secs_f64();
                add(
                    REPEATED,
                    format!(
                        "{token} {step}: over at {over:.2} s, and called at {}",
                        told(&late)
                    ),
                );
            }
        }
        let wait = WAITS
            .iter()
            .find(|(of, _)| kind == Kind::Waits && of == step);
        let first = |step: &str| {
            seen.iter()
                .find(|call| call.step == step)
                .map(|call| call.at)
        };
        if let Some((_, seconds)) = wait
            && let (Some(from), Some(at)) = (parent.and_then(first), first(step))
            // Moments are kept to the second or so.
            && at < from + Duration::from_secs(seconds - 1)
        {
            add(
                EARLY,
                format!(
                    "{token} {step}: {:.2} s after {parent:?}",
                    (at - from).as_secs_f64()
                ),
            );
        }
    }
}

/// Whether a fault explains that a call is made again: one of the runner that made it, or of the bus.
fn explained(call: &Seen, again: Instant, faults: &[Window]) -> bool {
    let from = call.at.checked_sub(AFTERMATH).unwrap_or(call.at);
    faults.iter().any(|fault| match fault.part {
        Part::Nats => fault.overlaps(from, again),
        Part::Runner(_) => {
            call.pid.is_none_or(|pid| pid == fault.pid) && fault.overlaps(from, again)
        }
        _ => false,
    })
}

/// Whether a call was made by a process that woke. It was about to make it when it was stopped, which nobody can take from
/// it: the step above it had been answered just then.
fn woken(token: &str, kind: Kind, call: &Seen, seen: &[Seen], faults: &[Window]) -> bool {
    let stops = faults.iter().filter(|fault| {
        fault.harm == Harm::Stop
            && matches!(fault.part, Part::Runner(_))
            && call.pid.is_none_or(|pid| pid == fault.pid)
    });
    let mut woke = stops.filter(|stop| {
        stop.ended
            .is_some_and(|woke| woke <= call.at && call.at < woke + WAKING)
    });
    let Some(parent) = kind.follows(&call.step) else {
        return woke.next().is_some();
    };
    let answered = |stop: &Window| {
        let mut before = seen.iter().filter(|above| above.step == parent);
        before.any(|above| {
            let answered = above.at + pause(token, parent);
            above.pid == call.pid && answered <= stop.began && stop.began < answered + WAKING
        })
    };
    woke.any(answered)
}

/// Each addition to a number is another one, and none is left out.
fn counts(pages: &Pages, add: &mut impl FnMut(&'static str, String)) {
    let mut numbers: BTreeMap<u64, BTreeMap<&str, BTreeSet<i64>>> = BTreeMap::new();
    for (token, sent) in &pages.sent {
        if sent.kind != Kind::Memory {
            continue;
        }
        let counter = crate::draw::hash(token) % crate::kinds::COUNTERS;
        let seen = pages.seen.get(token).into_iter().flatten();
        let counted = seen.filter(|call| call.step == "counted");
        let values = counted.map(|call| call.count.unwrap_or_default());
        let of = numbers
            .entry(counter)
            .or_default()
            .entry(token)
            .or_default();
        of.extend(values);
    }
    for (counter, by_token) in numbers {
        let mut all: Vec<i64> = Vec::new();
        for (token, values) in by_token {
            if values.len() > 1 {
                add(COUNTS, format!("{token} was told {values:?}"));
            }
            all.extend(values);
        }
        all.sort_unstable();
        let right: Vec<i64> = (1..=all.len())
            .filter_map(|n| i64::try_from(n).ok())
            .collect();
        if all != right {
            let off = all.iter().zip(&right).find(|(is, right)| is != right);
            add(
                COUNTS,
                format!(
                    "number {counter} has {} additions and goes to {:?}; first wrong: {off:?}",
                    all.len(),
                    all.last()
                ),
            );
        }
    }
}
