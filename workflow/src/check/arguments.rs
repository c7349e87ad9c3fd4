//! What stands beside an operator must suit it.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use crate::condition::pattern;
use crate::document::{Compare, Operator, StepKind, Test};
use serde_json::Value;

/// The most regular expressions of one document. Each may take 1 MiB of memory when it is compiled,
/// in every runner that has the document ready.
const MOST_PATTERNS: usize = 500;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut patterns = 0;
    for node in &context.tree.nodes {
        let mut arguments = Arguments {
            bare: false,
            patterns,
            found: Vec::new(),
        };
        match &node.step.kind {
            StepKind::Condition(condition) => arguments.test(&condition.test, &node.path),
            StepKind::Switch(switch) => {
                arguments.bare = switch.value.is_none();
                for (number, case) in switch.cases.iter().enumerate() {
                    arguments.test(&case.test, &format!("{}.cases[{number}]", node.path));
                }
            }
            _ => {}
        }
        patterns = arguments.patterns;
        let id = Some(node.step.id.as_str());
        let found = arguments.found.into_iter();
        problems.extend(found.map(|problem| problem.step(id)));
    }
}

/// The judgement on the tests of one step.
struct Arguments {
    /// Whether no switch lends a left value.
    bare: bool,
    /// How many regular expressions there were so far, in this step and before.
    patterns: usize,
    found: Vec<Problem>,
}

impl Arguments {
    /// Judges each comparison.
    fn test(&mut self, test: &Test, path: &str) {
        let (word, group) = match test {
            Test::Compare(compare) => {
                if self.bare && compare.left.is_none() {
                    self.found.push(
                        Problem::error(
                            format!("{path}.left"),
                            "required",
                            "there is no left value",
                        )
                        .hint("give `left` here, or `value` in the switch for all its cases"),
                    );
                }
                let problem = if compare.operator == Operator::Matches {
                    self.matches(compare, path)
                } else {
                    right(compare, path)
                };
                self.found.extend(problem);
                return;
            }
            Test::All(group) => ("all", group),
            Test::Any(group) => ("any", group),
        };
        for (number, inner) in group.iter().enumerate() {
            self.test(inner, &format!("{path}.{word}[{number}]"));
        }
    }

    /// Judges what stands beside `matches`, as a run will compile it.
    fn matches(&mut self, compare: &Compare, path: &str) -> Option<Problem> {
        let path = format!("{path}.right");
        let Value::String(text) = compare.right.as_ref()? else {
            let message = "`matches` needs a regular expression";
            let problem = Problem::error(path, "operand", message);
            return Some(problem.hint("write it as a text, in quotes"));
        };
        if !is_static(text) {
            return None;
        }
        self.patterns += 1;
        if self.patterns > MOST_PATTERNS {
            // One word about it is enough, and the others are not compiled.
            let message = format!("the workflow has more than {MOST_PATTERNS} regular expressions");
            let problem = Problem::error(path, "regular_expression", message)
                .hint("join some of them by `|`, or split the workflow");
            return (self.patterns == MOST_PATTERNS + 1).then_some(problem);
        }
        let error = pattern(text, compare.ignore_case).err()?;
        let message = format!(
            "the regular expression does not compile: {}",
            last_line(&error)
        );
        let problem = Problem::error(path, "regular_expression", message);
        Some(problem.hint("look-around and back-references are not supported"))
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
