//! What stands beside an operator must suit it.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use crate::document::{Compare, Operator, StepKind, Test};
use regex::RegexBuilder;
use serde_json::Value;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for node in &context.tree.nodes {
        let mut found = Vec::new();
        match &node.step.kind {
            StepKind::Condition(condition) => test(&condition.test, &node.path, false, &mut found),
            StepKind::Switch(switch) => {
                for (number, case) in switch.cases.iter().enumerate() {
                    let path = format!("{}.cases[{number}]", node.path);
                    test(&case.test, &path, switch.value.is_none(), &mut found);
                }
            }
            _ => {}
        }
        let id = Some(node.step.id.as_str());
        problems.extend(found.into_iter().map(|problem| problem.step(id)));
    }
}

/// Judges each comparison; `bare` where no switch lends a left value.
fn test(test: &Test, path: &str, bare: bool, problems: &mut Vec<Problem>) {
    let (word, group) = match test {
        Test::Compare(compare) => {
            if bare && compare.left.is_none() {
                problems.push(
                    Problem::error(format!("{path}.left"), "required", "there is no left value")
                        .hint("give `left` here, or `value` in the switch for all its cases"),
                );
            }
            problems.extend(right(compare, path));
            return;
        }
        Test::All(group) => ("all", group),
        Test::Any(group) => ("any", group),
    };
    for (number, inner) in group.iter().enumerate() {
        self::test(inner, &format!("{path}.{word}[{number}]"), bare, problems);
    }
}

fn right(compare: &Compare, path: &str) -> Option<Problem> {
    let right = compare.right.as_ref()?;
    let operator = compare.operator;
    let (message, hint) = match (operator, right) {
        (Operator::Between, Value::Array(ends)) if ends.len() == 2 => return None,
        (Operator::Between, _) if !is_script(right) => (
            "`between` needs two values".to_owned(),
            "write a list of two: [low, high]".to_owned(),
        ),
        (Operator::In | Operator::NotIn, Value::Array(_)) => return None,
        (Operator::In | Operator::NotIn, _) if !is_script(right) => (
            format!("`{operator}` needs a list"),
            "write a list, or a single `{{ }}` that yields one".to_owned(),
        ),
        (Operator::Matches, Value::String(text)) if is_static(text) => {
            let error = RegexBuilder::new(text).size_limit(1 << 20).build().err()?;
            let problem = Problem::error(
                format!("{path}.right"),
                "regular_expression",
                format!(
                    "the regular expression does not compile: {}",
                    last_line(&error)
                ),
            );
            return Some(problem.hint("look-around and back-references are not supported"));
        }
        (Operator::Matches, Value::String(_)) => return None,
        (Operator::Matches, _) => (
            "`matches` needs a regular expression".to_owned(),
            "write it as a text, in quotes".to_owned(),
        ),
        _ => return None,
    };
    Some(Problem::error(format!("{path}.right"), "operand", message).hint(hint))
}

/// Whether the value comes from a script, so that only a run can judge it.
fn is_script(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !is_static(text))
}

/// The engine draws the place over several lines; the last one says what is wrong.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or(&text);
    line.trim_start_matches("error: ").to_owned()
}
