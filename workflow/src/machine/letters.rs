//! Steps that wait for a letter, and what a letter becomes.

use bytes::Bytes;
use jiff::SignedDuration;
use script::{CompileError, EvalError, ScriptsBuilder, Value};
use serde_json::{Map, Value as Json};
use shared::limits::JOURNAL_BODY;
use shared::v1::auth::CallbackTerms;
use shared::v1::letters::{Called, Letter};
use shared::v1::reply::Outcome;

use super::effect::Errand;
use super::push::PushSpec;
use crate::data::{callback, parse_json, says_json, text_or_base64};
use crate::document;
use crate::template::Evaluator;

/// A compiled `wait_for_callback` step.
#[derive(Debug)]
pub(super) struct CallbackSpec {
    pub(super) wait: WaitSpec,
    pub(super) terms: CallbackTerms,
}

/// A compiled `call_workflow` step.
#[derive(Debug)]
pub(super) struct CallSpec {
    pub(super) wait: WaitSpec,
    push: PushSpec,
}

/// How long a letter is waited for, and what becomes of it.
#[derive(Debug)]
pub(super) struct WaitSpec {
    pub(super) timeout: SignedDuration,
    /// The name under `__data` for it.
    pub(super) result: String,
    /// Why the step failed where none came.
    pub(super) in_vain: String,
}

impl CallbackSpec {
    pub(super) fn new(step: &document::WaitForCallback) -> Self {
        let methods = step.methods.iter().map(|method| method.as_str().to_owned());
        let (status, body) = match &step.reply {
            Some(reply) => (reply.status, Some(reply.body.clone())),
            None => (200, None),
        };
        Self {
            wait: WaitSpec {
                timeout: step.timeout.duration(),
                result: step.result.clone(),
                in_vain: format!("nobody called the resume URL within {}", step.timeout),
            },
            terms: CallbackTerms {
                journalled: true,
                methods: methods.collect(),
                max_body_bytes: step.max_body_bytes,
                status,
                body,
            },
        }
    }
}

impl CallSpec {
    pub(super) fn compile(
        step: &document::CallWorkflow,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let push = document::PushToWorkflow {
            workflow: step.workflow.clone(),
            data: step.data.clone(),
            result: None,
        };
        Ok(Self {
            wait: WaitSpec {
                timeout: step.timeout.duration(),
                result: step.result.clone(),
                in_vain: format!("`{}` did not end within {}", step.workflow, step.timeout),
            },
            push: PushSpec::compile(&push, scripts)?,
        })
    }

    /// What the step wants done before it waits.
    ///
    /// # Errors
    /// [`EvalError`] where a script fails, or the data is too large.
    pub(super) fn prepare(
        &self,
        step_id: &str,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Errand, EvalError> {
        let started = self.push.prepare(step_id, evaluator)?;
        Ok(match started {
            Errand::Push { workflow, data, by } => Errand::Call { workflow, data, by },
            other => other,
        })
    }
}

/// What a letter says, as the machine is told: the answer that the step waits for. None where nothing is to be waited for
/// any more.
///
/// # Errors
/// Why nothing can be made of it, a sentence for people.
#[must_use]
pub fn letter_answer(letter: &Letter, body: &Bytes) -> Option<Result<Json, String>> {
    let answer = match letter {
        Letter::Cancel | Letter::Closed | Letter::Used => return None,
        Letter::Callback { received } => callback(received, body)
            .map(|value| script::value_to_json(&value))
            .map_err(|problem| format!("the callback cannot be read: {problem}")),
        Letter::Called(called) => Ok(of_called(called, body)),
    };
    Some(answer.and_then(bounded))
}

fn bounded(answer: Json) -> Result<Json, String> {
    let bytes = answer.to_string().len();
    if bytes > JOURNAL_BODY {
        return Err(format!(
            "what came has {bytes} bytes as JSON; a run can keep {JOURNAL_BODY}"
        ));
    }
    Ok(answer)
}

fn of_called(called: &Called, body: &Bytes) -> Json {
    let mut answer = Map::new();
    let mut put = |name: &str, value: Json| answer.insert(name.to_owned(), value);
    put("run_id", called.run_id.to_string().into());
    put("outcome", outcome(called.outcome).into());
    if let Some(error) = &called.error {
        put("error", error.as_str().into());
    }
    put("status", called.status.into());
    let data = called.status.map(|_| data(called, body));
    put("data", data.unwrap_or_default());
    Json::Object(answer)
}

/// The reply's body: decoded where it says that it is JSON and is.
fn data(called: &Called, body: &Bytes) -> Json {
    let decoded = says_json(called.content_type.as_deref()).then(|| parse_json(body).ok());
    let value: Value = decoded.flatten().unwrap_or_else(|| text_or_base64(body).0);
    script::value_to_json(&value)
}

/// The words that the run log has for them.
const fn outcome(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Succeeded) => "succeeded",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Cancelled) => "cancelled",
        None => "dead",
    }
}

/// Why a call failed; none where it did not.
pub(super) fn failure(answer: &Value) -> Option<String> {
    let member = |name: &str| answer.get_attr(name).ok();
    let outcome = member("outcome")?;
    if outcome.as_str() == Some("succeeded") {
        return None;
    }
    let run = member("run_id").unwrap_or_default();
    let error = member("error").filter(|error| !error.is_undefined());
    let error = error.map_or(String::new(), |error| format!(": {error}"));
    Some(format!("the called run {run} ended as {outcome}{error}"))
}
