//! A value of the document whose texts are scripts.

use minijinja::value::ValueKind;
use script::{CompileError, EvalError, ScriptId, ScriptsBuilder, Target, Value};
use serde_json::Value as Json;

use super::evaluator::Evaluator;

/// A compiled value. What holds no script is a literal.
#[derive(Debug)]
pub(crate) enum Template {
    Literal(Value),
    Script(ScriptId),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Template {
    /// Compiles every text within. The recursion is as deep as the document nests, which its parser
    /// bounds.
    pub(crate) fn compile(
        value: &Json,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        match value {
            Json::String(text) if is_script(text) => {
                scripts.add(text, Target::Value).map(Self::Script)
            }
            Json::Array(items) => {
                let items = items.iter().map(|item| Self::compile(item, scripts));
                Ok(Self::list(items.collect::<Result<_, _>>()?))
            }
            Json::Object(members) => {
                let members = members.iter().map(|(name, member)| {
                    Self::compile(member, scripts).map(|member| (name.clone(), member))
                });
                Ok(Self::map(members.collect::<Result<_, _>>()?))
            }
            plain => Ok(Self::Literal(script::json_to_value(plain))),
        }
    }

    /// The value, with every script evaluated.
    pub(crate) fn evaluate(&self, evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Script(id) => evaluator.evaluate(*id),
            Self::List(items) => {
                let values = items.iter().map(|item| item.evaluate(evaluator));
                Ok(Value::from(values.collect::<Result<Vec<_>, _>>()?))
            }
            Self::Map(members) => {
                let values = members.iter().map(|(name, member)| {
                    member
                        .evaluate(evaluator)
                        .map(|value| (name.as_str(), value))
                });
                Ok(Value::from_pairs(values.collect::<Result<Vec<_>, _>>()?))
            }
        }
    }

    fn literal(&self) -> Option<&Value> {
        match self {
            Self::Literal(value) => Some(value),
            _ => None,
        }
    }

    fn list(items: Vec<Self>) -> Self {
        match items
            .iter()
            .map(|item| item.literal().cloned())
            .collect::<Option<Vec<_>>>()
        {
            Some(values) => Self::Literal(Value::from(values)),
            None => Self::List(items),
        }
    }

    fn map(members: Vec<(String, Self)>) -> Self {
        let literals = members
            .iter()
            .map(|(name, member)| Some((name.as_str(), member.literal()?.clone())));
        match literals.collect::<Option<Vec<_>>>() {
            Some(pairs) => Self::Literal(Value::from_pairs(pairs)),
            None => Self::Map(members),
        }
    }
}

/// Whether a text is more than itself.
pub(crate) fn is_script(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// Whether lists and maps in a value are nested no deeper than `depth` levels. It walks by a list of
/// its own.
pub(crate) fn nests_within(value: &Value, depth: usize) -> bool {
    let mut waiting = vec![(value.clone(), 0)];
    while let Some((value, above)) = waiting.pop() {
        let is_map = value.kind() == ValueKind::Map;
        if !is_map && !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            continue;
        }
        if above == depth {
            return false;
        }
        for key in value.try_iter().into_iter().flatten() {
            let part = if is_map {
                value.get_item(&key).unwrap_or_default()
            } else {
                key
            };
            waiting.push((part, above + 1));
        }
    }
    true
}
