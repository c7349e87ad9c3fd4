//! `publish_message`: a message on NATS.

use script::{CompileError, EvalError, ScriptId, ScriptsBuilder, Target, Value, json_text};
use shared::ids::RunId;

use super::effect::Errand;
use crate::document;
use crate::reply::{HeaderNote, check_header};
use crate::template::{Evaluator, Template};

/// The largest payload, in bytes.
const LARGEST: usize = 1024 * 1024;

/// The most bytes of headers.
const MOST_HEADERS: usize = 64 * 1024;

/// A compiled `publish_message` step.
#[derive(Debug)]
pub(super) struct PublishSpec {
    subject: ScriptId,
    data: Option<Template>,
    headers: Vec<(String, ScriptId)>,
}

/// Why a message cannot be published so.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishFault {
    #[error("the payload has {0} bytes; {LARGEST} are allowed")]
    TooLarge(usize),
    #[error("the headers have more than {MOST_HEADERS} bytes")]
    Headers,
    #[error(transparent)]
    Script(#[from] EvalError),
}

impl PublishSpec {
    pub(super) fn compile(
        step: &document::PublishMessage,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let data = step.data.as_ref();
        let data = data.map(|data| Template::compile(data, scripts));
        let headers = step.headers.iter().map(|(name, script)| {
            let script = scripts.add(script, Target::Header)?;
            Ok((name.to_owned(), script))
        });
        let headers = headers.collect::<Result<_, CompileError>>()?;
        Ok(Self {
            subject: scripts.add(&step.subject, Target::Text)?,
            data: data.transpose()?,
            headers,
        })
    }

    /// What the step wants done. The message's id is the same for every attempt at this step of this run.
    ///
    /// # Errors
    /// [`PublishFault`].
    pub(super) fn prepare(
        &self,
        run_id: RunId,
        step_id: &str,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<(Errand, Vec<HeaderNote>), PublishFault> {
        let subject = evaluator.render(self.subject)?.trim().to_owned();
        let data = match &self.data {
            Some(data) => data.evaluate(evaluator, &mut evaluator.room_to_write())?,
            None => Value::from(""),
        };
        evaluator.note_input("subject", &Value::from(subject.as_str()));
        evaluator.note_input("data", &data);
        let payload = match data.as_str() {
            Some(text) => text.to_owned(),
            None => json_text(&data, evaluator.surroundings().bounds.output_bytes)
                .map_err(EvalError::from)?,
        };
        if payload.len() > LARGEST {
            return Err(PublishFault::TooLarge(payload.len()));
        }
        let mut headers = Vec::with_capacity(self.headers.len());
        let mut notes = Vec::new();
        let mut bytes = 0_usize;
        for (name, script) in &self.headers {
            let value = evaluator.render(*script)?;
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            if bytes > MOST_HEADERS {
                return Err(PublishFault::Headers);
            }
            let (header, note) = check_header(name, &value);
            // Names of headers on NATS are told apart by case.
            headers.extend(header.map(|(_, value)| (name.clone(), value)));
            notes.extend(note);
        }
        let errand = Errand::Publish {
            subject,
            headers,
            payload,
            id: format!("{run_id}-{step_id}"),
        };
        Ok((errand, notes))
    }
}
