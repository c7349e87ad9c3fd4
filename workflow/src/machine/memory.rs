//! Shared memory: what steps write, and what scripts ask.

use std::time::Duration;

use script::{CompileError, EvalError, ScriptId, ScriptsBuilder, Target, Value, value_to_json};

use super::effect::Errand;
use crate::document;
use crate::template::{Evaluator, Template};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 256;

/// The largest value, as JSON text, in bytes.
const LARGEST_VALUE: usize = 256 * 1024;

/// A compiled `set_memory` step.
#[derive(Debug)]
pub(super) struct MemorySpec {
    name: ScriptId,
    what: What,
    keep: Option<Duration>,
    /// The name under `__data` for what a number is then.
    pub(super) result: Option<String>,
}

#[derive(Debug)]
enum What {
    Set(Template),
    Add(Template),
}

impl MemorySpec {
    pub(super) fn compile(
        step: &document::SetMemory,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let what = match (&step.value, &step.increment) {
            (_, Some(by)) => What::Add(Template::compile(by, scripts)?),
            (value, None) => {
                let value = value.clone().unwrap_or_default();
                What::Set(Template::compile(&value, scripts)?)
            }
        };
        let keep = step.ttl.map(|ttl| ttl.duration());
        Ok(Self {
            name: scripts.add(&step.memory, Target::Text)?,
            what,
            keep: keep.map(|keep| keep.unsigned_abs()),
            result: step.result.clone(),
        })
    }

    /// What the step wants done. `id` is the same for every attempt at this spot of this run.
    ///
    /// # Errors
    /// A sentence that says why the step failed.
    pub(super) fn prepare(
        &self,
        id: String,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Errand, MemoryFault> {
        let name = evaluator.render(self.name)?.trim().to_owned();
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(MemoryFault::Name);
        }
        let keep = self.keep;
        match &self.what {
            What::Set(value) => {
                let value = value.evaluate(evaluator, &mut evaluator.room_to_store())?;
                evaluator.note_input("memory", &Value::from(name.as_str()));
                evaluator.note_output(value.clone());
                let text = script::json_text(&value, LARGEST_VALUE).map_err(EvalError::from)?;
                let value = serde_json::from_str(&text).unwrap_or_default();
                Ok(Errand::MemorySet { name, value, keep })
            }
            What::Add(by) => {
                let by = by.evaluate(evaluator, &mut evaluator.room_to_store())?;
                evaluator.note_input("memory", &Value::from(name.as_str()));
                evaluator.note_input("increment", &by);
                let by = whole(&value_to_json(&by)).ok_or(MemoryFault::Number)?;
                Ok(Errand::MemoryAdd { name, by, keep, id })
            }
        }
    }
}

/// Why shared memory cannot be written so.
#[derive(Debug, thiserror::Error)]
pub(super) enum MemoryFault {
    #[error("`memory` must be a name of 1 to 256 bytes")]
    Name,
    #[error("`increment` must be a whole number")]
    Number,
    #[error(transparent)]
    Script(#[from] EvalError),
}

fn whole(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}
