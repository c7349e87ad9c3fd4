//! A published document, compiled.

use std::collections::BTreeSet;
use std::ops::Range;

use script::{CompileError, ScriptId, Scripts};
use shared::v1::auth::CallbackTerms;
use shared::v1::reply::Outcome;
use shared::v1::views::ReturnType;
use thiserror::Error;

use super::carry::sentence;
use super::due::DueSpec;
use super::each::EachSpec;
use super::effect::{Level, StepIndex};
use super::http::HttpSpec;
use super::letters::{CallSpec, CallbackSpec};
use super::memory::MemorySpec;
use super::prepare;
use super::publish::PublishSpec;
use super::push::PushSpec;
use super::spot::Spot;
use crate::condition::{PrepareError, Prepared};
use crate::data::Data;
use crate::document::{self, Document, RunLog, RunMode};
use crate::reply::{FrameSpec, Reply, ReplySpec};
use crate::template::{Evaluator, Surroundings, Template};

/// A document whose scripts, questions and patterns are compiled. All runs of one version share it.
#[derive(Debug)]
pub struct Plan {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Range<StepIndex>,
    pub(super) scripts: Scripts,
    /// The listener's own reply.
    pub(super) reply: Option<ReplySpec>,
    /// Without one nobody waits, and there is no reply.
    return_type: Option<ReturnType>,
    run_mode: RunMode,
    /// The secrets that its scripts use.
    secrets: BTreeSet<String>,
    /// Whether its scripts ask what is outside.
    pub(super) asks: bool,
    run_log: RunLog,
}

/// A document that cannot be compiled. One that the check passed can.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The text is no workflow document.
    #[error("this is no workflow document")]
    Document(#[from] serde_json::Error),
    /// The listener's reply does not compile.
    #[error("the listener's reply does not compile")]
    Reply(#[source] CompileError),
    /// A script asks for the resume URL of a step that does not wait for a callback.
    #[error("there is no `wait_for_callback` step `{id}`, whose URL a script asks for")]
    NoCallback {
        /// The id.
        id: String,
    },
    /// A step does not compile.
    #[error("the step `{id}` does not compile")]
    Step {
        /// The step's id.
        id: String,
        /// Why.
        #[source]
        source: PrepareError,
    },
}

/// One step. Its children stand side by side, so a range names them.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: String,
    /// The innermost `for_each` that it is done in the turns of.
    pub(super) within: Option<StepIndex>,
    pub(super) due: Option<DueSpec>,
    pub(super) kind: NodeKind,
    pub(super) then: Range<StepIndex>,
    pub(super) on_failure: Range<StepIndex>,
    pub(super) continue_on_error: bool,
}

impl Node {
    /// Whether it waits for a letter.
    pub(super) const fn awaits(&self) -> bool {
        matches!(self.kind, NodeKind::Callback(_) | NodeKind::Call(_))
    }
}

/// What a step does.
#[derive(Debug)]
pub(super) enum NodeKind {
    Condition {
        question: Prepared,
        yes: Range<StepIndex>,
        no: Range<StepIndex>,
    },
    Switch {
        value: Option<Template>,
        cases: Vec<(Prepared, Range<StepIndex>)>,
        default: Range<StepIndex>,
    },
    Respond(Option<ReplySpec>),
    Frame(FrameSpec),
    Store {
        name: String,
        value: Template,
    },
    Memory(Box<MemorySpec>),
    Push(PushSpec),
    Call(Box<CallSpec>),
    Callback(Box<CallbackSpec>),
    Publish(Box<PublishSpec>),
    Http(Box<HttpSpec>),
    Each(Box<EachSpec>),
    Log {
        level: Level,
        message: ScriptId,
    },
    Stop {
        outcome: Outcome,
        message: Option<ScriptId>,
    },
}

const fn return_type(word: document::ReturnType) -> ReturnType {
    match word {
        document::ReturnType::Data => ReturnType::Data,
        document::ReturnType::Html => ReturnType::Html,
        document::ReturnType::Redirect => ReturnType::Redirect,
        document::ReturnType::Continue => ReturnType::Continue,
        document::ReturnType::Sse => ReturnType::Sse,
    }
}

impl NodeKind {
    /// The word that stands in `type`.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Condition { .. } => "condition",
            Self::Switch { .. } => "switch",
            Self::Respond(_) => "respond",
            Self::Frame(_) => "sse_frame",
            Self::Store { .. } => "store_value",
            Self::Memory(_) => "set_memory",
            Self::Push(_) => "push_to_workflow",
            Self::Call(_) => "call_workflow",
            Self::Callback(_) => "wait_for_callback",
            Self::Publish(_) => "publish_message",
            Self::Http(_) => "http_request",
            Self::Each(_) => "for_each",
            Self::Log { .. } => "log",
            Self::Stop { .. } => "stop",
        }
    }
}

impl Plan {
    /// Compiles the JSON text of a published document.
    ///
    /// # Errors
    /// When the text is no document, or one that does not compile.
    pub fn from_json(text: &str) -> Result<Self, PlanError> {
        Self::compile(&serde_json::from_str(text)?)
    }

    /// Compiles a document.
    ///
    /// # Errors
    /// When something in it does not compile.
    pub fn compile(document: &Document) -> Result<Self, PlanError> {
        let mut scripts = script::ScriptsBuilder::new();
        let listener = document.spec.listener.as_ref();
        let reply = match listener {
            Some(listener) => {
                ReplySpec::compile(&listener.reply, &mut scripts).map_err(PlanError::Reply)?
            }
            None => None,
        };
        let (nodes, roots) = prepare::nodes(&document.spec.steps, &mut scripts)?;
        let run_mode = document.spec.run_mode;
        let scripts = scripts.build();
        let settings = scripts.all_settings();
        for id in settings.callbacks {
            let is_one = |node: &Node| node.id == id && matches!(node.kind, NodeKind::Callback(_));
            if !nodes.iter().any(is_one) {
                return Err(PlanError::NoCallback { id });
            }
        }
        Ok(Self {
            nodes,
            roots,
            secrets: settings.secrets,
            asks: settings.asks,
            scripts,
            reply,
            return_type: listener.map(|listener| return_type(listener.reply.return_type)),
            run_mode,
            run_log: document.spec.run_log.unwrap_or_default(),
        })
    }

    /// The names of the secrets that a run may read: those that stand in its scripts, and no other.
    #[must_use]
    pub const fn secrets(&self) -> &BTreeSet<String> {
        &self.secrets
    }

    /// What a caller gets; none where there is no listener, and so nobody who waits.
    #[must_use]
    pub const fn return_type(&self) -> Option<ReturnType> {
        self.return_type
    }

    /// Whether the caller waits for the run.
    #[must_use]
    pub const fn run_mode(&self) -> RunMode {
        self.run_mode
    }

    /// What the run log keeps.
    #[must_use]
    pub const fn run_log(&self) -> RunLog {
        self.run_log
    }

    /// Whether its runs may wait for letters.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.nodes.iter().any(Node::awaits)
    }

    /// Where the step waits whose resume URL is asked for at this spot, and what the URL takes: in a `for_each`, in the turn
    /// that asks. None where no such step waits for a callback in that turn or in those around it.
    pub(super) fn callback(&self, asks: Spot, id: &str) -> Option<(Spot, CallbackTerms)> {
        let step = self.step_index(id)?;
        let NodeKind::Callback(spec) = &self.nodes.get(step)?.kind else {
            return None;
        };
        let around = self.around(step);
        let mut known = self.around(asks.step);
        if known.len() < asks.turn.items().len() {
            // What a turn hands out is asked for by its `for_each`, in the turn.
            known.push(asks.step);
        }
        let turn = asks.turn.up_to(around.len());
        (known.starts_with(&around)).then(|| (Spot { step, turn }, spec.terms.clone()))
    }

    /// The `for_each` steps in whose turns a step is done, the outermost first.
    fn around(&self, step: StepIndex) -> Vec<StepIndex> {
        let within = |step: &StepIndex| self.nodes.get(*step)?.within;
        let mut around: Vec<StepIndex> = std::iter::successors(within(&step), within).collect();
        around.reverse();
        around
    }

    /// The status of the listener's own reply.
    #[must_use]
    pub fn reply_status(&self) -> Option<u16> {
        self.reply.as_ref().map(ReplySpec::status)
    }

    /// The listener's own reply as it is made where it does not wait for the run: out of the request alone. None where there
    /// is none, and where it does wait.
    ///
    /// # Errors
    /// A sentence that says why it cannot be made.
    #[must_use]
    pub fn early_reply(
        &self,
        data: &Data,
        surroundings: &Surroundings,
    ) -> Option<Result<Reply, String>> {
        let spec = self.reply.as_ref()?;
        if self.run_mode == RunMode::Sync {
            return None;
        }
        let mut evaluator = Evaluator::new(&self.scripts, surroundings, data.scope_value());
        let made = spec.make(&mut evaluator);
        Some(made.map(|made| made.reply).map_err(sentence))
    }

    /// The id of a step.
    #[must_use]
    pub fn step_id(&self, step: StepIndex) -> Option<&str> {
        self.nodes.get(step).map(|node| node.id.as_str())
    }

    /// The place of the step with this id.
    #[must_use]
    pub fn step_index(&self, id: &str) -> Option<StepIndex> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// How many steps there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no step.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
