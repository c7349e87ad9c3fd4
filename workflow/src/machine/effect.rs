//! What the machine asks of its driver, and what the driver tells it.

use std::time::Duration;

use jiff::Timestamp;
use script::Value;
use serde_json::Value as Json;
use shared::v1::auth::CallbackTerms;
use shared::v1::reply::Outcome;

use super::spot::Spot;
use crate::reply::Reply;

/// An outgoing request, ready to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method, upper case.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Header names and values, free of CR and LF.
    pub headers: Vec<(String, String)>,
    /// Query names and values to add to the URL.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The body's type, used where the headers name none.
    pub content_type: Option<String>,
    /// How long the whole request may take, redirects included.
    pub timeout: Duration,
    /// How many redirects are followed; with none, a redirect is the response.
    pub max_redirects: u32,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The response to an outgoing request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Header names (lower case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, decoded as its content encoding says.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// How many bytes it has, its headers included.
    #[must_use]
    pub fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.len() + value.len());
        headers.fold(self.body.len(), usize::saturating_add)
    }
}

/// What a step or a script wants from outside, save for a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Read a name of shared memory. The answer is its value, or null.
    MemoryGet {
        /// The name.
        name: String,
    },
    /// Add to a number of shared memory, once for each `id`, however often it is asked. The answer is what it is then.
    MemoryAdd {
        /// The name.
        name: String,
        /// What is added.
        by: i64,
        /// How long it stays after that; as it was where this is absent.
        keep: Option<Duration>,
        /// The same for each attempt at this question.
        id: String,
    },
    /// Set a name of shared memory. The answer is null.
    MemorySet {
        /// The name.
        name: String,
        /// The value; null removes the name.
        value: Json,
        /// How long it stays.
        keep: Option<Duration>,
    },
    /// Sign the resume URL of a place. The answer is the URL.
    CallbackUrl {
        /// The place.
        place: String,
        /// What the URL takes; none where nothing waits there.
        terms: Option<CallbackTerms>,
    },
    /// Publish a message on NATS. The answer is null.
    Publish {
        /// The subject.
        subject: String,
        /// Header names and values, free of CR and LF.
        headers: Vec<(String, String)>,
        /// What it says.
        payload: String,
        /// The same for each attempt at this message.
        id: String,
    },
    /// The same as [`Errand::Push`], and have the run write a letter to this place when it ends.
    Call {
        /// The workflow's name.
        workflow: String,
        /// What is `__data` there, as the JSON text of an object.
        data: String,
        /// The name of the spot that asks, which is the place.
        by: String,
    },
    /// Start another workflow. The answer is the id of its run.
    Push {
        /// The workflow's name.
        workflow: String,
        /// What is `__data` there, as the JSON text of an object.
        data: String,
        /// The name of the spot that asks: one spot of a run starts one run, however often it is asked.
        by: String,
    },
}

/// A frame of a streamed reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameOut {
    /// The `event` field.
    pub event: Option<String>,
    /// The `id` field.
    pub id: Option<String>,
    /// The `retry` field, in milliseconds.
    pub retry: Option<u64>,
    /// The `data` field.
    pub data: String,
    /// Whether this frame closes the stream.
    pub last: bool,
}

/// How serious a line in the run log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever builds the workflow.
    Debug,
    /// An event.
    Info,
    /// Something unexpected that the run lives with.
    Warn,
    /// Something that failed.
    Error,
}

/// The index of a step in its plan.
pub type StepIndex = usize;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed {
        /// Why, a sentence for people.
        error: String,
        /// Whether the run goes on as if nothing had happened, by `on_failure` or
        /// `continue_on_error`. Where it does not, the run is marked failed.
        handled: bool,
    },
}

/// What the scripts of a step made.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The step, where it is carried out.
    pub spot: Spot,
    /// Its id.
    pub step: String,
    /// Its type, as the document has it.
    pub kind: &'static str,
    /// What it took in, by name.
    pub input: Vec<(&'static str, Value)>,
    /// What came of it, where that shows in no other effect.
    pub output: Option<Value>,
}

/// What the machine asks of its driver.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Make this request and tell the machine what came of it: [`Event::HttpDone`].
    Http {
        /// The step that asks.
        step: Spot,
        /// The request.
        request: HttpRequest,
    },
    /// Do this, and tell the machine what came of it: [`Event::Answer`].
    Ask {
        /// The step that asks; for the listener's own reply, the number of steps.
        step: Spot,
        /// What is to be done.
        errand: Errand,
    },
    /// Tell the machine when this moment has come: [`Event::Due`].
    Wake {
        /// The step that waits.
        step: Spot,
        /// The moment.
        at: Timestamp,
    },
    /// Tell the machine of the letter for a place: [`Event::Answer`]; or, where none has come by then and none can come any
    /// more, that the moment has come: [`Event::Due`].
    Await {
        /// The step that waits.
        step: Spot,
        /// The place.
        place: String,
        /// Until when.
        until: Timestamp,
        /// Whether it may come within a moment.
        soon: bool,
    },
    /// A line for the run log.
    Log {
        /// The step's id; none for the run itself.
        step: Option<String>,
        /// How serious it is.
        level: Level,
        /// The line.
        message: String,
    },
    /// Values that scripts printed although nothing has defined them, for the run log.
    Undefined {
        /// The step's id; none for the listener's own reply.
        step: Option<String>,
        /// The paths as the author wrote them, each once.
        names: Vec<String>,
        /// Where each stands first: line and column of its script, from 1.
        places: Vec<(u32, u32)>,
    },
    /// A step began and its scripts were evaluated, for the run log. Told only where the surroundings say that the run
    /// is recorded, and before all else of the step.
    Evaluated(Box<Evaluated>),
    /// What came of a step whose scripts were evaluated before that, for the run log. Told as [`Effect::Evaluated`] is.
    Came {
        /// The step.
        step: Spot,
        /// What came of it.
        value: Value,
    },
    /// A step ended, for the run log.
    StepFinished {
        /// The step, where it was carried out.
        spot: Spot,
        /// The step's id.
        step: String,
        /// How.
        outcome: StepOutcome,
    },
    /// The reply of the run. At most one is asked for.
    Reply(Reply),
    /// The reply that the run was to give cannot be made, and no step handles that. The reason was
    /// logged.
    ReplyRefused,
    /// A frame of the run's stream.
    Frame(FrameOut),
    /// The run is over. Nothing follows.
    Finished(Outcome),
}

/// What the driver tells the machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A request came to its end. The error is a sentence for people.
    HttpDone {
        /// The step that asked.
        step: Spot,
        /// What came of it.
        result: Result<HttpResponse, String>,
    },
    /// What came of an errand: a JSON value, or why there is none, a sentence for people.
    Answer {
        /// The step that asked.
        step: Spot,
        /// The answer.
        answer: Result<Json, String>,
    },
    /// The moment that a step waited for has come.
    Due {
        /// The step.
        step: Spot,
    },
    /// The caller left, or an operator stops the run.
    Cancel,
}

impl Event {
    /// The step that it is for.
    #[must_use]
    pub const fn step(&self) -> Option<Spot> {
        match self {
            Self::HttpDone { step, .. } | Self::Answer { step, .. } | Self::Due { step } => {
                Some(*step)
            }
            Self::Cancel => None,
        }
    }
}

impl Effect {
    /// The step that waits for an event after this.
    #[must_use]
    pub const fn waiting(&self) -> Option<Spot> {
        match self {
            Self::Http { step, .. }
            | Self::Ask { step, .. }
            | Self::Wake { step, .. }
            | Self::Await { step, .. } => Some(*step),
            _ => None,
        }
    }
}
