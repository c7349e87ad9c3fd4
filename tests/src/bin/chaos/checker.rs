//! The rules that hold after everything that happened.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::book::{Accepted, Pages, Sent};
use crate::faults::Window;
use crate::kinds::Kind;
use crate::steps::Request;

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
pub(crate) const FAILED: &str = "runs that failed or were given up";
pub(crate) const LATE: &str = "first successes too late";
pub(crate) const BACK: &str = "parts that did not come back";

pub(crate) const RULES: [&str; 14] = [
    LOST, HALF, WRONG, MISSING, TWICE, REPEATED, GROUNDLESS, DATA, EARLY, COUNTS, LEFT, FAILED,
    LATE, BACK,
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
            let of = Request {
                token,
                kind: sent.kind,
                seen,
                faults,
                start,
            };
            of.check(&mut add);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{Book, Seen};

    fn seen(book: &Book, token: &str, step: &str, count: Option<i64>) {
        let kind = book.open().sent[token].kind;
        let saw = kind.follows(step);
        let call = Seen {
            step: step.to_owned(),
            at: Instant::now(),
            key: Some(format!("{token}-{step}")),
            saw: saw.map(|above| crate::recorder::answer(token, above)),
            count,
            pid: None,
        };
        let mut pages = book.open();
        pages.seen.entry(token.to_owned()).or_default().push(call);
    }

    fn broken(book: &Book) -> Vec<&'static str> {
        let found = check(&book.open(), &[], Instant::now());
        found.iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn what_was_accepted_must_be_done_and_what_was_not_must_not_be_half_done() {
        let book = Book::default();
        for (token, accepted) in [("kept", Accepted::Yes), ("refused", Accepted::Unsure)] {
            book.sends(token, Kind::Keyed);
            book.knows(token, accepted);
        }
        assert_eq!(broken(&book), [LOST, MISSING]);
        book.has_all("kept");
        assert_eq!(broken(&book), [LOST]);
        seen(&book, "kept", "a", None);
        seen(&book, "kept", "b", None);
        assert_eq!(broken(&book), [""; 0]);
        seen(&book, "refused", "a", None);
        assert_eq!(broken(&book), [HALF]);
    }

    #[test]
    fn every_addition_counts_once() {
        let book = Book::default();
        let counter = |token: &str| crate::draw::hash(token) % crate::kinds::COUNTERS;
        // Two requests that add to the same number.
        let tokens: Vec<String> = (0..1_000)
            .map(|n| format!("memory-{n}"))
            .filter(|token| counter(token) == counter("memory-0"))
            .take(2)
            .collect();
        for (token, count) in tokens.iter().zip([1, 3]) {
            book.sends(token, Kind::Memory);
            seen(&book, token, "a", None);
            seen(&book, token, "counted", Some(count));
        }
        assert_eq!(broken(&book), [COUNTS]);
        for call in book.open().seen.get_mut(&tokens[1]).into_iter().flatten() {
            call.count = call.count.map(|_| 2);
        }
        assert_eq!(broken(&book), [""; 0]);
    }
}
