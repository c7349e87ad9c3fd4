//! `push_to_workflow`: starting another workflow.

use script::{CompileError, EvalError, ScriptsBuilder, Value, json_text};
use shared::limits::MAX_BODY;

use super::effect::Errand;
use crate::document;
use crate::template::{Evaluator, Template};

/// A compiled `push_to_workflow` step.
#[derive(Debug)]
pub(super) struct PushSpec {
    workflow: String,
    /// What is handed over; the fields of the run where this is absent.
    data: Option<Template>,
    /// The name under `__data` for the id of the run that was started.
    pub(super) result: Option<String>,
}

impl PushSpec {
    pub(super) fn compile(
        step: &document::PushToWorkflow,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let data = step.data.as_ref();
        let data = data.map(|data| Template::compile(data, scripts));
        Ok(Self {
            workflow: step.workflow.clone(),
            data: data.transpose()?,
            result: step.result.clone(),
        })
    }

    /// What the step wants done.
    ///
    /// # Errors
    /// [`EvalError`] where a script fails, or the data is too large.
    pub(super) fn prepare(
        &self,
        spot: &str,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Errand, EvalError> {
        let data = match &self.data {
            Some(data) => data.evaluate(evaluator, &mut evaluator.room_to_store())?,
            None => fields(evaluator.data()),
        };
        evaluator.note_input("workflow", &Value::from(self.workflow.as_str()));
        evaluator.note_input("data", &data);
        let most = usize::try_from(MAX_BODY).unwrap_or(usize::MAX);
        Ok(Errand::Push {
            workflow: self.workflow.clone(),
            data: json_text(&data, most)?,
            by: spot.to_owned(),
        })
    }
}

/// What a run has under `__data`, without what the platform adds.
fn fields(data: &Value) -> Value {
    let names = data.try_iter().into_iter().flatten();
    let own = names.filter(|name| name.as_str().is_some_and(|name| !name.starts_with("__")));
    Value::from_pairs(own.map(|name| {
        let value = data.get_item(&name).unwrap_or_default();
        (name, value)
    }))
}
