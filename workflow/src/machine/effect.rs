//! What the machine asks of its driver, and what the driver tells it.

use std::time::Duration;

use script::Value;
use shared::v1::reply::Outcome;

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
    /// The step.
    pub index: StepIndex,
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
        step: StepIndex,
        /// The request.
        request: HttpRequest,
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
    /// A step ended, for the run log.
    StepFinished {
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
        step: StepIndex,
        /// What came of it.
        result: Result<HttpResponse, String>,
    },
    /// The driver has time for more of what [`super::Machine::has_work`] tells of.
    GoOn,
    /// The caller left, or an operator stops the run.
    Cancel,
}
