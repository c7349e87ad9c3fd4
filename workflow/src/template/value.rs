//! A value of the document whose texts are scripts.

use script::{Budget, CompileError, EvalError, ScriptId, ScriptsBuilder, Target, Value};
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

    /// The value, with every script evaluated. It ends as soon as the value is too large.
    pub(crate) fn evaluate(
        &self,
        evaluator: &mut Evaluator<'_>,
        room: &mut Budget,
    ) -> Result<Value, EvalError> {
        self.evaluate_below(0, evaluator, room)
    }

    /// The same below so many lists and maps.
    fn evaluate_below(
        &self,
        above: usize,
        evaluator: &mut Evaluator<'_>,
        room: &mut Budget,
    ) -> Result<Value, EvalError> {
        match self {
            Self::Literal(value) => {
                room.spend(value, above)?;
                Ok(value.clone())
            }
            Self::Script(id) => {
                let value = evaluator.evaluate(*id)?;
                room.spend(&value, above)?;
                Ok(value)
            }
            Self::List(items) => {
                room.open(above)?;
                let values = items
                    .iter()
                    .map(|item| item.evaluate_below(above + 1, evaluator, room));
                Ok(Value::from(values.collect::<Result<Vec<_>, _>>()?))
            }
            Self::Map(members) => {
                room.open(above)?;
                let values = members.iter().map(|(name, member)| {
                    room.take_text(name.len())?;
                    let value = member.evaluate_below(above + 1, evaluator, room)?;
                    Ok((name.as_str(), value))
                });
                let values = values.collect::<Result<Vec<_>, EvalError>>()?;
                Ok(Value::from_pairs(values))
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
