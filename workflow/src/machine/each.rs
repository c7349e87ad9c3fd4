//! `for_each`: the items, and what is known of a turn beside them.

use std::ops::Range;

use minijinja::value::ValueKind;
use script::{Budget, CompileError, ScriptsBuilder, Value};

use super::carry::sentence;
use super::effect::StepIndex;
use crate::document::{self, OnError};
use crate::template::{Evaluator, Template};

/// How many items there may be.
pub const MOST_ITEMS: usize = 10_000;

/// How many turns a run may have in all: four lists within one another would keep a runner busy for ever.
pub(super) const MOST_TURNS: usize = 100_000;

/// A compiled `for_each` step.
#[derive(Debug)]
pub(super) struct EachSpec {
    items: Template,
    /// The name under `__data` for the item.
    pub(super) name: String,
    pub(super) concurrency: usize,
    /// Whether no turn begins any more once one has failed.
    pub(super) stops: bool,
    /// The steps of a turn.
    pub(super) steps: Range<StepIndex>,
    /// What a turn hands out.
    pub(super) collect: Option<Template>,
    /// The name under `__data` for the list of that.
    pub(super) result: Option<String>,
}

/// The items of one `for_each` as it began.
#[derive(Debug)]
pub(super) struct Items {
    /// Of a map, the keys.
    keys: Option<Vec<Value>>,
    values: Vec<Value>,
    /// How large what the turns hand out may be, all of it together.
    pub(super) room: Budget,
}

impl EachSpec {
    /// `steps` is where the steps of a turn stand.
    pub(super) fn compile(
        each: &document::ForEach,
        steps: Range<StepIndex>,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let collect = each.collect.as_ref();
        let collect = collect.map(|collect| Template::compile(collect, scripts));
        Ok(Self {
            items: Template::compile(&each.items, scripts)?,
            name: each.name.clone(),
            concurrency: usize::try_from(each.concurrency).unwrap_or(1).max(1),
            stops: each.on_error == OnError::Stop,
            steps,
            collect: collect.transpose()?,
            result: each.result.clone(),
        })
    }

    /// The items.
    ///
    /// # Errors
    /// A sentence that says why there are none to be had.
    pub(super) fn items(&self, evaluator: &mut Evaluator<'_>) -> Result<Items, String> {
        let room = evaluator.room_to_store();
        let items = self.items.evaluate(evaluator, &mut room.clone());
        let items = items.map_err(sentence)?;
        evaluator.note_input("as", &Value::from(self.name.as_str()));
        evaluator.note_input("items", &items);
        if let Some(result) = &self.result {
            evaluator.note_input("result", &Value::from(result.as_str()));
        }
        let is = match items.kind() {
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => None,
            ValueKind::Undefined => Some("is undefined"),
            ValueKind::None => Some("is null"),
            ValueKind::String => Some("is a text"),
            ValueKind::Number => Some("is a number"),
            ValueKind::Bool => Some("is true or false"),
            _ => Some("is neither"),
        };
        if let Some(is) = is {
            return Err(format!("`items` must be a list or a map, and {is}"));
        }
        // Of a map, these are the keys.
        let mut values: Vec<Value> = items.try_iter().into_iter().flatten().collect();
        if values.len() > MOST_ITEMS {
            let there = values.len();
            return Err(format!(
                "`items` has {there} items; {MOST_ITEMS} are allowed"
            ));
        }
        let mut keys = None;
        if items.kind() == ValueKind::Map {
            let named = values.iter().map(|key| items.get_item(key));
            let named = named.map(Result::unwrap_or_default).collect();
            keys = Some(std::mem::replace(&mut values, named));
        }
        Ok(Items { keys, values, room })
    }
}

impl Items {
    pub(super) const fn len(&self) -> usize {
        self.values.len()
    }

    /// The item of a turn.
    pub(super) fn get(&self, index: usize) -> Value {
        self.values.get(index).cloned().unwrap_or_default()
    }

    /// `__data.__each` of a turn; `parent` is that of the turn around it.
    pub(super) fn about(&self, index: usize, parent: Option<Value>) -> Value {
        let length = self.values.len();
        let mut about = vec![
            ("index", Value::from(index)),
            ("number", Value::from(index + 1)),
            ("length", Value::from(length)),
            ("first", Value::from(index == 0)),
            ("last", Value::from(index + 1 == length)),
        ];
        let key = self.keys.as_ref().and_then(|keys| keys.get(index));
        about.extend(key.map(|key| ("key", key.clone())));
        about.extend(parent.map(|parent| ("parent", parent)));
        Value::from_pairs(about)
    }
}
