//! The run log: what a runner tells of a run, and how it is asked for.
//!
//! Whatever stands in a record was masked by the runner before it left it.

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, EndpointId, InstanceId, RequestId, RunId, WorkflowId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::registry::Page;
use crate::v1::run::{RunMode, Trigger};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is being carried out.
    Running,
    /// It is parked until something happens.
    Waiting,
    /// Every step that ran succeeded or had its failure handled.
    Succeeded,
    /// A step failed, or a `stop` step said so.
    Failed,
    /// The caller left, or an operator stopped it.
    Cancelled,
    /// It was given up after too many tries.
    Dead,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Waiting,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Dead,
    ];

    /// The state as people and databases read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    /// Whether it never changes again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Bytes as the record keeps them: up to a cap, with their true size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The first of them, masked.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// How many there were before any were masked or left out.
    pub size: u64,
    /// Whether some were left out.
    #[serde(default)]
    pub truncated: bool,
}

/// What a step took in or gave out, or what a run replied: one side of an HTTP exchange, or a value as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The method of a request.
    pub method: Option<String>,
    /// The URL of a request.
    pub url: Option<String>,
    /// The status of a response.
    pub status: Option<u16>,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body, or the value as JSON text.
    pub body: Option<Payload>,
}

/// The request that a run began with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToldRequest {
    /// The method, upper case.
    pub method: String,
    /// `/listener/` and the endpoint's id: the real path is a secret.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Payload,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    /// It did what it should.
    Succeeded,
    /// It did not, and the workflow handles that.
    Handled,
    /// It did not, and its branch ended there.
    Failed,
}

impl StepEnd {
    /// The end as people read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Handled => "handled",
            Self::Failed => "failed",
        }
    }
}

/// A step that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Its id in the document.
    pub id: String,
    /// The turns of `for_each` steps that it was done in, by the number of their items from 0, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turn: Vec<u16>,
    /// Its type in the document.
    #[serde(default)]
    pub kind: String,
    /// How it ended.
    pub end: StepEnd,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// When it began, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// How often it was tried.
    #[serde(default = "once")]
    pub attempts: u32,
    /// What its scripts made.
    #[serde(default)]
    pub input: Option<Told>,
    /// What came of it.
    #[serde(default)]
    pub output: Option<Told>,
}

const fn once() -> u32 {
    1
}

/// A line in the run log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The step; none for the run itself.
    #[serde(default)]
    pub step: Option<String>,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The line.
    pub text: String,
}

/// A value that a script printed although nothing had defined it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndefinedName {
    /// The step; none for the listener's own reply.
    #[serde(default)]
    pub step: Option<String>,
    /// The path as the author wrote it.
    pub name: String,
    /// Line of the script, from 1.
    #[serde(default)]
    pub line: u32,
    /// Column of the script, from 1.
    #[serde(default)]
    pub column: u32,
}

/// What the caller got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplyRecord {
    /// The reply; none of a stream.
    pub reply: Option<Told>,
    /// Whether the gateway made it, before the run began: then only its status is known here.
    pub by_gateway: bool,
    /// How many frames were streamed.
    pub frames: u64,
    /// The first of them, each as its `event` and its data.
    pub first_frames: Vec<FrameRecord>,
}

/// A frame of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameRecord {
    /// The `event` field.
    pub event: Option<String>,
    /// The `id` field.
    pub id: Option<String>,
    /// The `data` field.
    pub data: Payload,
}

/// Everything that is kept of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run.
    pub run_id: RunId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The endpoint that was called.
    pub endpoint_id: EndpointId,
    /// The published version's number.
    pub version: u64,
    /// The published version's content.
    pub content_hash: ContentHash,
    /// Whether the caller waited.
    pub mode: RunMode,
    /// Where it stands.
    pub state: RunState,
    /// The trace that it belongs to.
    pub trace_id: String,
    /// The HTTP request behind it.
    pub request_id: RequestId,
    /// How often it was sent out before.
    #[serde(default)]
    pub attempt: u32,
    /// When the request was received, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// When this attempt began, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// When it ended, in milliseconds since the Unix epoch; none while it goes on.
    #[serde(default)]
    pub ended_at_ms: Option<i64>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// The request.
    #[serde(default)]
    pub request: ToldRequest,
    /// The steps in the order in which they ended.
    #[serde(default)]
    pub steps: Vec<StepRecord>,
    /// The log lines in their order.
    #[serde(default)]
    pub lines: Vec<LogLine>,
    /// Names that scripts used and nothing defined.
    #[serde(default)]
    pub undefined: Vec<UndefinedName>,
    /// What the caller got; none where there was no reply.
    #[serde(default)]
    pub reply: Option<ReplyRecord>,
    /// The run that this one repeats.
    #[serde(default)]
    pub replay_of: Option<RunId>,
    /// How many steps, lines and names were left out since there were too many.
    #[serde(default)]
    pub left_out: u64,
    /// What started it, where its workflow has no listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

/// The message in [`crate::subjects::RUN_LOG_STREAM`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLogBatch {
    /// The runner that tells.
    pub runner: InstanceId,
    /// The records.
    pub records: Vec<RunRecord>,
}

/// A run as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// The run.
    pub run_id: RunId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The workflow's name; none where it is gone.
    #[serde(default)]
    pub workflow: Option<String>,
    /// The endpoint that was called.
    pub endpoint_id: EndpointId,
    /// The published version's number.
    pub version: u64,
    /// Whether the caller waited.
    pub mode: RunMode,
    /// Where it stands.
    pub state: RunState,
    /// The trace that it belongs to.
    pub trace_id: String,
    /// The HTTP request behind it.
    pub request_id: RequestId,
    /// How often it was sent out before.
    pub attempt: u32,
    /// When the request was received, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// When the run first began, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// When it ended, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub ended_at_ms: Option<i64>,
    /// The request's method.
    pub method: String,
    /// The reply's status.
    #[serde(default)]
    pub status: Option<u16>,
    /// How many steps ended.
    pub steps: u32,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// The run that this one repeats.
    #[serde(default)]
    pub replay_of: Option<RunId>,
    /// What started it, where its workflow has no listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

/// A run that has just ended; a list of them is the message on [`crate::subjects::RUNS_ENDED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnded {
    /// The run.
    pub run: RunSummary,
    /// The words that a search finds it by.
    #[serde(default)]
    pub words: String,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRuns {
    /// Only those of the workflow of this id or name.
    pub workflow: Option<String>,
    /// Only those of this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those in this state.
    pub state: Option<RunState>,
    /// Only those that began at this time or later, in milliseconds since the Unix epoch.
    pub from_ms: Option<i64>,
    /// Only those that began before this time, in milliseconds since the Unix epoch.
    pub to_ms: Option<i64>,
    /// Only those that have all these words.
    pub text: Option<String>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: u32,
}

impl Rpc for ListRuns {
    const SUBJECT: &'static str = request_subject!("registry", "run.list");
    const IDEMPOTENT: bool = true;
    type Reply = Page<RunSummary>;
}

/// All that is kept of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetRun {
    /// The run.
    pub run_id: RunId,
}

impl Rpc for GetRun {
    const SUBJECT: &'static str = request_subject!("registry", "run.get");
    const IDEMPOTENT: bool = true;
    type Reply = Option<RunFound>;
}

/// A run that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFound {
    /// The run as a listing shows it.
    pub run: RunSummary,
    /// The rest.
    pub record: RunRecord,
}

/// The words of a text as a search compares them: runs of letters and digits, lower case, without repetition.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let pieces = text.split(|letter: char| !letter.is_alphanumeric());
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let word = match piece.get(..LONGEST_WORD.min(piece.len())) {
            Some(start) if piece.is_ascii() => start.to_ascii_lowercase(),
            _ => {
                let letters = piece.chars().take(LONGEST_WORD);
                letters.flat_map(char::to_lowercase).collect()
            }
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// How long a text that is searched for may be, in characters, and how many words it may have.
const LONGEST_SOUGHT: usize = 200;
const MOST_SOUGHT: usize = 16;

/// The words of a text that is searched for.
///
/// # Errors
/// Why it cannot be: a sentence for people.
pub fn sought(text: &str) -> Result<Vec<String>, String> {
    if text.chars().count() > LONGEST_SOUGHT {
        return Err(format!("text has more than {LONGEST_SOUGHT} characters"));
    }
    if text
        .chars()
        .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
    {
        return Err("text has control characters".to_owned());
    }
    let words = words(text);
    if words.is_empty() || words.len() > MOST_SOUGHT {
        return Err(format!(
            "text is 1 to {MOST_SOUGHT} words of letters and digits"
        ));
    }
    Ok(words)
}

/// How much of a word counts, in characters.
const LONGEST_WORD: usize = 64;

/// Whether each of `wanted` begins one of the words in `text`, which are apart by spaces.
#[must_use]
pub fn has_words(text: &str, wanted: &[String]) -> bool {
    let begins = |word: &String| text.split(' ').any(|one| one.starts_with(word.as_str()));
    wanted.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_in_lower_case_and_each_stands_once() {
        assert_eq!(
            words("Order-17: ÄRGER, ärger\u{0}x order_17"),
            ["order", "17", "ärger", "x"]
        );
        assert_eq!(words(" \"--\" "), Vec::<String>::new());
    }

    #[test]
    fn a_search_wants_the_beginning_of_a_word_for_each_of_its_own() {
        let text = words("step fetch: connection refused").join(" ");
        assert!(has_words(&text, &words("CONN ref")));
        assert!(!has_words(&text, &words("conn nection")));
        assert!(has_words(&text, &[]));
    }

    #[test]
    fn a_text_without_words_or_with_too_many_is_none_to_search_for() {
        assert_eq!(sought("CONN ref\n").unwrap(), ["conn", "ref"]);
        let many: Vec<_> = (0..17).map(|number| number.to_string()).collect();
        for wrong in ["", "---", "a\0b", &"a ".repeat(101), &many.join(" ")] {
            assert!(sought(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_state_is_found_by_its_name() {
        for state in RunState::ALL {
            assert_eq!(RunState::named(state.as_str()), Some(state));
        }
        assert_eq!(RunState::named("asleep"), None);
    }
}
