//! From the tree of steps to nodes that stand side by side.

use std::collections::VecDeque;
use std::ops::Range;

use script::{Question, ScriptsBuilder, Target};
use shared::v1::reply::Outcome;

use super::due::DueSpec;
use super::each::EachSpec;
use super::effect::{Errand, Level, StepIndex};
use super::http::HttpSpec;
use super::letters::{CallSpec, CallbackSpec};
use super::memory::MemorySpec;
use super::plan::{Node, NodeKind, Plan, PlanError};
use super::publish::PublishSpec;
use super::push::PushSpec;
use super::spot::Spot;
use crate::condition::{PrepareError, Prepared};
use crate::document::{self, Step, StepKind};
use crate::reply::{FrameSpec, ReplySpec};
use crate::template::Template;

/// Compiles all steps. It walks by a list of its own, level by level, so a deep tree needs no deep
/// stack; and the children of one step get consecutive places.
pub(super) fn nodes(
    roots: &[Step],
    scripts: &mut ScriptsBuilder,
) -> Result<(Vec<Node>, Range<StepIndex>), PlanError> {
    let mut places = Places {
        taken: 0,
        within: None,
        waiting: VecDeque::new(),
    };
    let root_places = places.take(roots);
    let mut nodes = Vec::new();
    while let Some((step, within)) = places.waiting.pop_front() {
        places.within = within;
        let failed = |source| PlanError::Step {
            id: step.id.clone(),
            source,
        };
        let due = DueSpec::compile(step, scripts).map_err(|error| failed(error.into()))?;
        let kind = kind(step, nodes.len(), &mut places, scripts).map_err(failed)?;
        nodes.push(Node {
            id: step.id.clone(),
            within,
            due,
            kind,
            then: places.take(&step.then),
            on_failure: places.take(&step.on_failure),
            continue_on_error: step.continue_on_error,
        });
    }
    Ok((nodes, root_places))
}

/// The places that were given away, and the steps that wait to be compiled, in the order of their
/// places.
struct Places<'a> {
    taken: usize,
    /// The `for_each` that the step at hand stands in.
    within: Option<StepIndex>,
    waiting: VecDeque<(&'a Step, Option<StepIndex>)>,
}

impl<'a> Places<'a> {
    fn take(&mut self, steps: &'a [Step]) -> Range<StepIndex> {
        self.take_within(steps, self.within)
    }

    fn take_within(&mut self, steps: &'a [Step], within: Option<StepIndex>) -> Range<StepIndex> {
        let first = self.taken;
        self.taken += steps.len();
        let waiting = steps.iter().map(|step| (step, within));
        self.waiting.extend(waiting);
        first..self.taken
    }
}

fn kind<'a>(
    step: &'a Step,
    index: StepIndex,
    places: &mut Places<'a>,
    scripts: &mut ScriptsBuilder,
) -> Result<NodeKind, PrepareError> {
    Ok(match &step.kind {
        StepKind::Condition(condition) => NodeKind::Condition {
            question: Prepared::compile(&condition.test, scripts)?,
            yes: places.take(&condition.yes),
            no: places.take(&condition.no),
        },
        StepKind::Switch(switch) => {
            let value = switch
                .value
                .as_ref()
                .map(|value| Template::compile(value, scripts))
                .transpose()?;
            let cases = switch.cases.iter().map(|case| {
                Prepared::compile(&case.test, scripts)
                    .map(|question| (question, places.take(&case.then)))
            });
            let cases = cases.collect::<Result<_, _>>()?;
            NodeKind::Switch {
                value,
                cases,
                default: places.take(&switch.default),
            }
        }
        StepKind::Respond(reply) => NodeKind::Respond(ReplySpec::compile(reply, scripts)?),
        StepKind::SseFrame(frame) => NodeKind::Frame(FrameSpec::compile(frame, scripts)?),
        StepKind::StoreValue(store) => NodeKind::Store {
            name: store.name.clone(),
            value: Template::compile(&store.value, scripts)?,
        },
        StepKind::SetMemory(memory) => {
            NodeKind::Memory(Box::new(MemorySpec::compile(memory, scripts)?))
        }
        StepKind::PushToWorkflow(push) => NodeKind::Push(PushSpec::compile(push, scripts)?),
        StepKind::CallWorkflow(call) => NodeKind::Call(Box::new(CallSpec::compile(call, scripts)?)),
        StepKind::WaitForCallback(wait) => NodeKind::Callback(Box::new(CallbackSpec::new(wait))),
        StepKind::PublishMessage(publish) => {
            NodeKind::Publish(Box::new(PublishSpec::compile(publish, scripts)?))
        }
        StepKind::HttpRequest(request) => {
            NodeKind::Http(Box::new(HttpSpec::compile(request, scripts)?))
        }
        StepKind::ForEach(each) => {
            let steps = places.take_within(&each.steps, Some(index));
            NodeKind::Each(Box::new(EachSpec::compile(each, steps, scripts)?))
        }
        StepKind::Log(log) => NodeKind::Log {
            level: level(log.level),
            message: scripts.add(&log.message, Target::Text)?,
        },
        StepKind::Stop(stop) => NodeKind::Stop {
            outcome: match stop.outcome {
                document::Outcome::Success => Outcome::Succeeded,
                document::Outcome::Failure => Outcome::Failed,
            },
            message: stop
                .message
                .as_deref()
                .map(|message| scripts.add(message, Target::Text))
                .transpose()?,
        },
    })
}

/// A question of a script as the driver is asked. `id` is the same for every attempt at it.
pub(super) fn errand_of(plan: &Plan, asks: Spot, question: &Question, id: String) -> Errand {
    match question {
        Question::Memory { name } => Errand::MemoryGet { name: name.clone() },
        Question::Increment { name, by } => Errand::MemoryAdd {
            name: name.clone(),
            by: *by,
            keep: None,
            id,
        },
        Question::Callback { step } => match plan.callback(asks, step) {
            Some((spot, terms)) => Errand::CallbackUrl {
                place: plan.name(spot),
                terms: Some(terms),
            },
            // The check refuses documents that ask for such a one.
            None => Errand::CallbackUrl {
                place: step.clone(),
                terms: None,
            },
        },
    }
}

const fn level(level: document::Level) -> Level {
    match level {
        document::Level::Debug => Level::Debug,
        document::Level::Info => Level::Info,
        document::Level::Warn => Level::Warn,
        document::Level::Error => Level::Error,
    }
}
