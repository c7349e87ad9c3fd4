//! One step of the tree, and the ways on from it.

use super::Reply;
use super::action::{HttpRequest, Log, PushToWorkflow, SetMemory, SseFrame, Stop, StoreValue};
use super::decision::{Condition, Switch};
use super::each::ForEach;
use super::outside::{CallWorkflow, PublishMessage, WaitForCallback};
use super::{When, Window};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// One step with its children.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Step {
    /// Unique in the document and stable over its versions: `[a-z][a-z0-9_]{0,63}`.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// When the step begins; at once where this is absent.
    pub when: Option<When>,
    /// The hours in which it may begin.
    pub window: Option<Window>,
    /// What the step does.
    pub kind: StepKind,
    /// The children after success; always empty for decisions and `stop`.
    pub then: Vec<Step>,
    /// The children after a failure; always empty for decisions and `stop`.
    pub on_failure: Vec<Step>,
    /// Whether a failure counts as success.
    pub continue_on_error: bool,
}

/// A step as it is read: the `name` of a `store_value` is not yet where it belongs.
#[derive(Deserialize)]
struct Written {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    when: Option<When>,
    #[serde(default)]
    window: Option<Window>,
    #[serde(flatten)]
    kind: StepKind,
    #[serde(default)]
    then: Vec<Step>,
    #[serde(default)]
    on_failure: Vec<Step>,
    #[serde(default)]
    continue_on_error: bool,
}

impl TryFrom<Written> for Step {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written {
            mut name, mut kind, ..
        } = written;
        if let StepKind::StoreValue(store) = &mut kind {
            store.name = name.take().ok_or("a `store_value` needs a `name`")?;
        }
        Ok(Self {
            id: written.id,
            name,
            when: written.when,
            window: written.window,
            kind,
            then: written.then,
            on_failure: written.on_failure,
            continue_on_error: written.continue_on_error,
        })
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            when: Option<&'a When>,
            #[serde(skip_serializing_if = "Option::is_none")]
            window: Option<&'a Window>,
            #[serde(flatten)]
            kind: &'a StepKind,
            #[serde(skip_serializing_if = "<[Step]>::is_empty")]
            then: &'a [Step],
            #[serde(skip_serializing_if = "<[Step]>::is_empty")]
            on_failure: &'a [Step],
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            continue_on_error: bool,
        }
        let shown = Shown {
            id: &self.id,
            name: self.name.as_deref(),
            when: self.when.as_ref(),
            window: self.window.as_ref(),
            kind: &self.kind,
            then: &self.then,
            on_failure: &self.on_failure,
            continue_on_error: self.continue_on_error,
        };
        shown.serialize(serializer)
    }
}

/// What a step does, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepKind {
    /// Goes one of two ways.
    Condition(Condition),
    /// Goes the way of the first case that holds.
    Switch(Switch),
    /// Answers the caller of a `continue` endpoint.
    Respond(Reply),
    /// Sends one frame to the caller of an `sse` endpoint.
    SseFrame(SseFrame),
    /// Stores a computed value in `__data`.
    StoreValue(StoreValue),
    /// Writes shared memory.
    SetMemory(SetMemory),
    /// Starts another workflow.
    PushToWorkflow(PushToWorkflow),
    /// Starts another workflow and waits for it.
    CallWorkflow(CallWorkflow),
    /// Waits until a URL is called.
    WaitForCallback(WaitForCallback),
    /// Publishes a message on NATS.
    PublishMessage(PublishMessage),
    /// Calls a URL.
    HttpRequest(HttpRequest),
    /// Does its steps once for every item of a list.
    ForEach(ForEach),
    /// Writes a line into the run log.
    Log(Log),
    /// Ends the run.
    Stop(Stop),
}

impl StepKind {
    /// The word that stands in `type`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Condition(_) => "condition",
            Self::Switch(_) => "switch",
            Self::Respond(_) => "respond",
            Self::SseFrame(_) => "sse_frame",
            Self::StoreValue(_) => "store_value",
            Self::SetMemory(_) => "set_memory",
            Self::PushToWorkflow(_) => "push_to_workflow",
            Self::CallWorkflow(_) => "call_workflow",
            Self::WaitForCallback(_) => "wait_for_callback",
            Self::PublishMessage(_) => "publish_message",
            Self::HttpRequest(_) => "http_request",
            Self::ForEach(_) => "for_each",
            Self::Log(_) => "log",
            Self::Stop(_) => "stop",
        }
    }
}

/// A way on from a step. Of the ways of one step, a run takes at most one; that of a turn it takes once for every item,
/// before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Branch {
    /// After success.
    Then,
    /// After a failure.
    OnFailure,
    /// The condition holds.
    Yes,
    /// The condition does not hold.
    No,
    /// This case of a switch, counted from 0.
    Case(usize),
    /// No case of a switch.
    Default,
    /// The turn of an item.
    Do,
}

impl fmt::Display for Branch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Then => formatter.write_str("then"),
            Self::OnFailure => formatter.write_str("on_failure"),
            Self::Yes => formatter.write_str("yes"),
            Self::No => formatter.write_str("no"),
            Self::Case(index) => write!(formatter, "cases[{index}].then"),
            Self::Default => formatter.write_str("default"),
            Self::Do => formatter.write_str("do"),
        }
    }
}

impl Step {
    /// Every way on from the step that its type has, also the empty ones.
    #[must_use]
    pub fn branches(&self) -> Vec<(Branch, &[Step])> {
        match &self.kind {
            StepKind::Condition(condition) => vec![
                (Branch::Yes, condition.yes.as_slice()),
                (Branch::No, condition.no.as_slice()),
            ],
            StepKind::Switch(switch) => {
                let cases = switch.cases.iter().enumerate();
                let mut branches: Vec<(Branch, &[Step])> = cases
                    .map(|(index, case)| (Branch::Case(index), case.then.as_slice()))
                    .collect();
                branches.push((Branch::Default, switch.default.as_slice()));
                branches
            }
            StepKind::Stop(_) => Vec::new(),
            StepKind::ForEach(each) => vec![
                (Branch::Do, each.steps.as_slice()),
                (Branch::Then, self.then.as_slice()),
                (Branch::OnFailure, self.on_failure.as_slice()),
            ],
            _ => vec![
                (Branch::Then, self.then.as_slice()),
                (Branch::OnFailure, self.on_failure.as_slice()),
            ],
        }
    }

    /// Whether the step only chooses a way.
    #[must_use]
    pub const fn is_decision(&self) -> bool {
        matches!(self.kind, StepKind::Condition(_) | StepKind::Switch(_))
    }
}
