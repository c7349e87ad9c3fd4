//! Tests of the whole check, by documents that are wrong in one way or in many.

mod each;
mod examples;
mod large;
mod mistakes;
mod outside;
mod paths;
mod schedules;
mod structure;
mod structure_cases;
mod twelve;
mod warnings;

use super::{Options, Problem, Report, Severity, check_text};
use crate::machine::Plan;

/// The head of a document with these lines within `spec`.
fn document(spec: &str) -> String {
    let head = "apiVersion: earshot/v1\nkind: Workflow\nmetadata: {name: test}\nspec:\n  \
                record_type: virtual\n  source: listener\n";
    let mut text = head.to_owned();
    for line in spec.lines() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A `continue` workflow, synchronous, with these steps.
fn continues(steps: &str) -> String {
    let mut spec = "run_mode: sync\nlistener: {return_type: continue}\nsteps:\n".to_owned();
    spec.push_str(steps);
    document(&spec)
}

/// A synchronous `data` workflow with these steps.
fn answers(steps: &str) -> String {
    let mut spec =
        "run_mode: sync\nlistener: {return_type: data, return_data: ok}\nsteps:\n".to_owned();
    spec.push_str(steps);
    document(&spec)
}

/// A workflow without steps whose listener has these fields.
fn listens(fields: &str) -> String {
    document(&format!("listener: {{{fields}}}"))
}

fn judge(text: &str) -> Report {
    let report = check_text(text, Options::default());
    assert_compiles(&report, text);
    report
}

/// Asserts that a document compiles if it passed, also once it was stored and read again: one that is
/// published and then runs nowhere is worse than one that is refused.
fn assert_compiles(report: &Report, what: &str) {
    if let Some(document) = &report.document {
        let stored = serde_json::to_string(document).unwrap();
        for plan in [Plan::compile(document), Plan::from_json(&stored)] {
            assert!(plan.is_ok(), "{:?} in\n{what}", plan.err());
        }
    }
}

/// Every problem as `severity code path`.
fn lines(report: &Report) -> Vec<String> {
    report.problems.iter().map(line).collect()
}

fn line(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    format!("{severity} {} {}", problem.code, problem.path)
}

/// Asserts that the text has exactly this one problem, with a hint.
fn assert_one(text: &str, expected: &str) {
    let report = judge(text);
    assert_eq!(
        lines(&report),
        [expected],
        "{:#?}\nin\n{text}",
        report.problems
    );
    for problem in &report.problems {
        assert!(!problem.hint.is_empty(), "{problem} has no hint");
        assert!(!problem.message.is_empty());
    }
    assert_eq!(report.passes(), expected.starts_with("warning"));
}

/// Asserts that nothing is wrong with the text.
fn assert_fine(text: &str) {
    let report = judge(text);
    assert_eq!(
        lines(&report),
        Vec::<String>::new(),
        "{:#?}\nin\n{text}",
        report.problems
    );
    assert!(report.passes());
}
