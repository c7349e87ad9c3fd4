//! What came of it, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::book::{Accepted, Pages};
use crate::checker::{RULES, Violation};
use crate::faults::Window;
use crate::kinds::WEIGHTS;
use crate::measure::First;

/// How many violations of one rule are told.
const TOLD: usize = 8;

/// What came of a run of the chaos test.
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) rate: u64,
    pub(crate) took: Duration,
    pub(crate) planted: Option<String>,
    /// How long after the last fault everything was done; none where it was not.
    pub(crate) settled: Option<Duration>,
    pub(crate) firsts: Vec<First>,
    /// What the run log says of runs that should have succeeded.
    pub(crate) log: BTreeMap<&'static str, usize>,
    /// The runs that it takes for unfinished.
    pub(crate) behind: Vec<String>,
    pub(crate) violations: Vec<Violation>,
}

impl Report {
    /// As JSON.
    pub(crate) fn json(&self, pages: &Pages, faults: &[Window]) -> Value {
        let kinds = WEIGHTS.iter().map(|(kind, _)| {
            let of = pages.sent.values().filter(|sent| sent.kind == *kind);
            let (mut sent, mut accepted) = (0_u64, 0_u64);
            for request in of {
                sent += 1;
                accepted += u64::from(request.accepted == Accepted::Yes);
            }
            let answers = pages.answers.iter().filter(|((of, _), _)| of == kind);
            let answers: BTreeMap<_, _> = answers
                .map(|((_, answer), count)| (answer.as_str(), *count))
                .collect();
            let kind = kind.name().to_owned();
            (
                kind,
                json!({"sent": sent, "accepted": accepted, "answers": answers}),
            )
        });
        let mut harmed: BTreeMap<String, u64> = BTreeMap::new();
        for fault in faults {
            *harmed
                .entry(format!("{} {}", fault.part, fault.harm))
                .or_default() += 1;
        }
        let rules = RULES.iter().map(|rule| {
            let of = self
                .violations
                .iter()
                .filter(|violation| violation.rule == *rule);
            ((*rule).to_owned(), of.count().into())
        });
        let slowest = self.firsts.iter().filter_map(|first| first.after).max();
        json!({
            "seed": self.seed,
            "rate": self.rate,
            "seconds": self.took.as_secs_f64(),
            "planted": self.planted,
            "requests": kinds.collect::<serde_json::Map<_, _>>(),
            "faults": harmed,
            "steps": {
                "calls": pages.seen.values().map(Vec::len).sum::<usize>(),
                "repeated": repeated(pages),
            },
            "settled_seconds": self.settled.map(|settled| settled.as_secs_f64()),
            "first_success_seconds": {
                "measured": self.firsts.len(),
                "slowest": slowest.map(|slowest| slowest.as_secs_f64()),
            },
            "run_log": self.log,
            "run_log_behind": self.behind,
            "violations": rules.collect::<serde_json::Map<_, Value>>(),
            "details": self.violations.iter().map(|violation| {
                format!("{}: {}", violation.rule, violation.what)
            }).collect::<Vec<_>>(),
        })
    }

    /// As tables.
    pub(crate) fn table(&self, pages: &Pages, faults: &[Window]) -> String {
        let json = self.json(pages, faults);
        let mut text = String::new();
        let mut line = |told: String| {
            let _ = writeln!(text, "{told}");
        };
        line(format!(
            "{:<10} {:>8} {:>9}  answers",
            "requests", "sent", "accepted"
        ));
        for (kind, counts) in json["requests"].as_object().into_iter().flatten() {
            let answers = pairs(&counts["answers"]);
            line(format!(
                "{kind:<10} {:>8} {:>9}  {answers}",
                counts["sent"], counts["accepted"]
            ));
        }
        line(String::new());
        line(format!("faults      {}", pairs(&json["faults"])));
        line(format!("steps       {}", pairs(&json["steps"])));
        let settled = self.settled.map_or_else(
            || "not done in time".to_owned(),
            |settled| {
                format!(
                    "all done {:.1} s after the last fault",
                    settled.as_secs_f64()
                )
            },
        );
        line(format!("end         {settled}"));
        let firsts = &json["first_success_seconds"];
        line(format!(
            "restarts    {} measured, slowest first success after {:.3} s",
            firsts["measured"],
            firsts["slowest"].as_f64().unwrap_or_default()
        ));
        line(format!("run log     {}", pairs(&json["run_log"])));
        for behind in self.behind.iter().take(TOLD) {
            line(format!("            {behind}"));
        }
        line(String::new());
        for (rule, count) in json["violations"].as_object().into_iter().flatten() {
            line(format!("{:>6} {rule}", count.as_u64().unwrap_or_default()));
            let of = self
                .violations
                .iter()
                .filter(|violation| violation.rule == rule);
            for violation in of.take(TOLD) {
                line(format!("         {}", violation.what));
            }
        }
        text
    }
}

/// How many calls were made again: those in flight when something happened.
fn repeated(pages: &Pages) -> usize {
    let seen = pages.seen.values().map(|seen| {
        let mut steps: BTreeMap<&str, usize> = BTreeMap::new();
        for call in seen {
            *steps.entry(call.step.as_str()).or_default() += 1;
        }
        let again = steps.iter().map(|(step, calls)| {
            let planned = if *step == crate::kinds::FLAKY { 2 } else { 1 };
            calls.saturating_sub(planned)
        });
        again.sum::<usize>()
    });
    seen.sum()
}

fn pairs(map: &Value) -> String {
    let pairs = map.as_object().into_iter().flatten();
    let told = pairs.map(|(name, value)| format!("{name}: {value}"));
    told.collect::<Vec<_>>().join(", ")
}
