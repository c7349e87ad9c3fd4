//! A question, compiled once and asked in every run.

use regex::{Regex, RegexBuilder};
use script::{CompileError, EvalError, ScriptsBuilder, Value};
use serde_json::Value as Json;
use thiserror::Error;

use super::holds::{Right, holds};
use super::print::printed;
use crate::document::{Compare, Operator, Test};
use crate::template::{Evaluator, Template};

/// How large a compiled regular expression may be, in bytes.
const PATTERN_SIZE: usize = 1024 * 1024;

/// A question that cannot be compiled.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// A script in it does not compile.
    #[error(transparent)]
    Script(#[from] CompileError),
    /// The right side of `matches` is no regular expression, or too large a one.
    #[error("the regular expression does not compile")]
    Pattern(#[source] regex::Error),
}

/// A question that could not be decided.
#[derive(Debug, Error)]
pub enum ConditionError {
    /// A script in it failed.
    #[error(transparent)]
    Script(#[from] EvalError),
    /// What a script rendered for `matches` is no regular expression, or too large a one.
    #[error("the regular expression does not compile")]
    Pattern(#[source] regex::Error),
}

/// A compiled question. The recursion over groups is as deep as the document nests, which its parser
/// bounds.
#[derive(Debug)]
pub(crate) enum Prepared {
    Compare(Box<Comparison>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// One compiled comparison.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// None means the value of the switch around it.
    left: Option<Template>,
    operator: Operator,
    right: RightSide,
    ignore_case: bool,
}

#[derive(Debug)]
enum RightSide {
    Value(Template),
    Pattern(Regex),
    /// A pattern that a script writes: compiled when it is known.
    WrittenPattern(Template),
}

impl Prepared {
    /// Compiles a question.
    pub(crate) fn compile(test: &Test, scripts: &mut ScriptsBuilder) -> Result<Self, PrepareError> {
        match test {
            Test::All(tests) => Self::group(tests, scripts).map(Self::All),
            Test::Any(tests) => Self::group(tests, scripts).map(Self::Any),
            Test::Compare(compare) => Comparison::compile(compare, scripts)
                .map(|compare| Self::Compare(Box::new(compare))),
        }
    }

    fn group(tests: &[Test], scripts: &mut ScriptsBuilder) -> Result<Vec<Self>, PrepareError> {
        tests
            .iter()
            .map(|test| Self::compile(test, scripts))
            .collect()
    }

    /// Decides it. Groups stop at the first part that settles them.
    pub(crate) fn holds(
        &self,
        switch_value: Option<&Value>,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<bool, ConditionError> {
        match self {
            Self::Compare(compare) => compare.holds(switch_value, evaluator),
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(switch_value, evaluator)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(switch_value, evaluator)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

impl Comparison {
    fn compile(compare: &Compare, scripts: &mut ScriptsBuilder) -> Result<Self, PrepareError> {
        let left = compare
            .left
            .as_ref()
            .map(|left| Template::compile(left, scripts))
            .transpose()?;
        let right = Template::compile(compare.right.as_ref().unwrap_or(&Json::Null), scripts)?;
        let right = match (compare.operator, right) {
            (Operator::Matches, Template::Literal(pattern)) => {
                let pattern = self::pattern(&printed(&pattern), compare.ignore_case);
                RightSide::Pattern(pattern.map_err(PrepareError::Pattern)?)
            }
            (Operator::Matches, written) => RightSide::WrittenPattern(written),
            (_, value) => RightSide::Value(value),
        };
        Ok(Self {
            left,
            operator: compare.operator,
            right,
            ignore_case: compare.ignore_case,
        })
    }

    fn holds(
        &self,
        switch_value: Option<&Value>,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<bool, ConditionError> {
        let left = match &self.left {
            Some(left) => left.evaluate(evaluator, &mut evaluator.room_to_read())?,
            None => switch_value.cloned().unwrap_or_default(),
        };
        evaluator.note_input("left", &left);
        let now = evaluator.surroundings().now;
        let decide = |right: Right<'_>| holds(&left, self.operator, right, self.ignore_case, now);
        match &self.right {
            RightSide::Value(right) => {
                let right = right.evaluate(evaluator, &mut evaluator.room_to_read())?;
                evaluator.note_input("right", &right);
                Ok(decide(Right::Value(&right)))
            }
            RightSide::Pattern(pattern) => Ok(decide(Right::Pattern(pattern))),
            RightSide::WrittenPattern(written) => {
                let text = written.evaluate(evaluator, &mut evaluator.room_to_read())?;
                evaluator.note_input("right", &text);
                let pattern = pattern(&printed(&text), self.ignore_case);
                let pattern = pattern.map_err(ConditionError::Pattern)?;
                Ok(decide(Right::Pattern(&pattern)))
            }
        }
    }
}

/// Compiles the regular expression of `matches`. The check of a document does the same, so that what
/// it passes compiles here.
pub(crate) fn pattern(text: &str, ignore_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .case_insensitive(ignore_case)
        .size_limit(PATTERN_SIZE)
        .build()
}
