//! What one step does, as far as it can be said without the run's state.

use std::error::Error;
use std::ops::Range;

use script::Value;
use shared::ids::RunId;
use shared::v1::reply::Outcome;

use super::each::Items;
use super::effect::{Errand, FrameOut, HttpRequest, Level, StepIndex};
use super::plan::{Node, NodeKind};
use crate::reply::{HeaderNote, Made};
use crate::template::Evaluator;

/// What a step wants done.
#[derive(Debug)]
pub(super) enum Done {
    Go(Range<StepIndex>),
    Store(String, Value),
    Reply(Made),
    Frame(FrameOut),
    /// What is to be done outside, and the name under `__data` for what comes of it.
    Errand(Errand, Option<String>),
    /// What is to be done outside before a letter is waited for.
    Call(Errand),
    /// A message to be published.
    Publish(Errand, Vec<HeaderNote>),
    /// A letter is waited for.
    Await,
    Request(HttpRequest, Vec<HeaderNote>),
    Turns(Items),
    Log(Level, String),
    Stop(Outcome, Option<String>),
}

/// Evaluates the scripts of a step. `name` is that of its spot.
///
/// # Errors
/// A sentence that says why the step failed.
pub(super) fn carry_out(
    node: &Node,
    name: &str,
    run_id: RunId,
    evaluator: &mut Evaluator<'_>,
) -> Result<Done, String> {
    match &node.kind {
        NodeKind::Condition { question, yes, no } => {
            let holds = question.holds(None, evaluator).map_err(sentence)?;
            evaluator.note_output(holds);
            Ok(Done::Go(if holds { yes.clone() } else { no.clone() }))
        }
        NodeKind::Switch {
            value,
            cases,
            default,
        } => {
            let value = value
                .as_ref()
                .map(|value| value.evaluate(evaluator, &mut evaluator.room_to_read()))
                .transpose()
                .map_err(sentence)?;
            for (index, (question, then)) in cases.iter().enumerate() {
                if question
                    .holds(value.as_ref(), evaluator)
                    .map_err(sentence)?
                {
                    evaluator.note_output(index);
                    return Ok(Done::Go(then.clone()));
                }
            }
            evaluator.note_output("default");
            Ok(Done::Go(default.clone()))
        }
        NodeKind::Respond(Some(reply)) => reply.make(evaluator).map(Done::Reply).map_err(sentence),
        NodeKind::Respond(None) => {
            Err("a `respond` step replies with data, html or redirect".to_owned())
        }
        NodeKind::Frame(frame) => frame.make(evaluator).map(Done::Frame).map_err(sentence),
        NodeKind::Store { name, value } => {
            let value = value.evaluate(evaluator, &mut evaluator.room_to_store());
            let value = value.map_err(sentence)?;
            evaluator.note_input("name", &Value::from(name.as_str()));
            evaluator.note_output(value.clone());
            Ok(Done::Store(name.clone(), value))
        }
        NodeKind::Memory(_)
        | NodeKind::Push(_)
        | NodeKind::Call(_)
        | NodeKind::Callback(_)
        | NodeKind::Publish(_)
        | NodeKind::Http(_) => outside(node, name, run_id, evaluator),
        NodeKind::Each(spec) => spec.items(evaluator).map(Done::Turns),
        NodeKind::Log { level, message } => {
            let message = evaluator.render(*message).map_err(sentence)?;
            Ok(Done::Log(*level, message))
        }
        NodeKind::Stop { outcome, message } => {
            let message = message
                .map(|message| evaluator.render(message))
                .transpose()
                .map_err(sentence)?;
            Ok(Done::Stop(*outcome, message))
        }
    }
}

/// The same for a step that something outside is to be done for.
fn outside(
    node: &Node,
    name: &str,
    run_id: RunId,
    evaluator: &mut Evaluator<'_>,
) -> Result<Done, String> {
    match &node.kind {
        NodeKind::Memory(spec) => {
            let request = spec.prepare(format!("{run_id}:{name}"), evaluator);
            Ok(Done::Errand(
                request.map_err(sentence)?,
                spec.result.clone(),
            ))
        }
        NodeKind::Push(spec) => {
            let errand = spec.prepare(name, evaluator).map_err(sentence)?;
            Ok(Done::Errand(errand, spec.result.clone()))
        }
        NodeKind::Call(spec) => {
            let errand = spec.prepare(name, evaluator).map_err(sentence)?;
            Ok(Done::Call(errand))
        }
        NodeKind::Callback(_) => Ok(Done::Await),
        NodeKind::Publish(spec) => {
            let (errand, notes) = spec.prepare(run_id, name, evaluator).map_err(sentence)?;
            Ok(Done::Publish(errand, notes))
        }
        NodeKind::Http(spec) => {
            let (request, notes) = spec.prepare(run_id, name, evaluator).map_err(sentence)?;
            Ok(Done::Request(request, notes))
        }
        _ => Err("the step does nothing outside".to_owned()),
    }
}

/// An error with all its causes.
pub(super) fn sentence(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
