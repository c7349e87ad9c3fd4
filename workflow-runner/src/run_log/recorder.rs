//! Taking notes of one run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ops::clock::now_ms;
use serde_json::Value as Json;
use shared::v1::reply::Outcome;
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::run_log::{
    AnswerRecord, FrameRecord, LogLine, ReplyRecord, RunRecord, RunState, StepEnd, StepRecord,
    Told, ToldRequest, UndefinedName,
};
use shared::v1::views::ReturnType;
use workflow::document::{Keep, RunLog as Settings};
use workflow::machine::{Effect, Evaluated, Event, FrameOut, Level, Plan, Spot, StepOutcome};

use super::mask::Secrets;
use super::notes::Notes;
use super::teller::RunLog;
use crate::trial;

/// After how long a run is told of that has not ended.
const LONG: Duration = Duration::from_secs(1);

/// How many frames of a stream are kept.
const FIRST_FRAMES: usize = 20;

/// Takes the notes of one run, where its workflow wants that.
pub(crate) struct Recorder(Option<Box<Recording>>);

struct Recording {
    log: RunLog,
    keep: Keep,
    notes: Notes,
    /// Steps that have begun, and the one among them that did so last.
    open: BTreeMap<Spot, Open>,
    last: Option<Spot>,
    /// When the machine's present turn began.
    turn: (Instant, i64),
    /// When the run is to be told of although it has not ended.
    due: Option<Instant>,
}

/// A step that has begun.
struct Open {
    began: (Instant, i64),
    attempts: u32,
    made: Box<Evaluated>,
    input: Option<Told>,
    output: Option<Told>,
}

impl Recorder {
    /// Begins to take notes, where the version asks for them.
    pub(crate) fn begin(log: &RunLog, request: &RunRequest, body: &[u8], plan: &Plan) -> Self {
        let settings = match &request.trial {
            Some(_) => trial::kept(plan.run_log()),
            None => plan.run_log(),
        };
        if settings.keep == Keep::Nothing {
            return Self(None);
        }
        let mut recording = Recording::new(log, request, settings);
        recording.request(request, body);
        if settings.keep == Keep::All {
            recording.due = Some(recording.turn.0 + LONG);
        }
        let return_type = plan.return_type();
        let told = matches!(
            return_type,
            Some(ReturnType::Data | ReturnType::Html | ReturnType::Redirect)
        );
        if request.mode == RunMode::Async && told && request.trial.is_none() {
            recording.notes.record.reply = Some(ReplyRecord {
                reply: Some(Told {
                    status: plan.reply_status(),
                    ..Told::default()
                }),
                by_gateway: true,
                ..ReplyRecord::default()
            });
        }
        Self(Some(Box::new(recording)))
    }

    /// Tells of a run that failed before it began, unless its version says that nothing is kept. That may not be known,
    /// and neither may the secrets: nothing of the request is kept but its method.
    pub(crate) fn refused(log: &RunLog, request: &RunRequest, plan: Option<&Plan>, why: &str) {
        let mut settings = Settings {
            max_body_bytes: 0,
            ..plan.map(Plan::run_log).unwrap_or_default()
        };
        if request.trial.is_some() {
            settings = trial::kept(settings);
        }
        if settings.keep == Keep::Nothing {
            return;
        }
        let mut recording = Recording::new(log, request, settings);
        recording
            .notes
            .record
            .request
            .method
            .clone_from(&request.request.method);
        recording.end(Outcome::Failed, Some(why));
    }

    /// Nobody takes notes.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Tells of a run that does nothing but wait, for long.
    pub(crate) fn waits(&mut self) {
        self.tell_as(RunState::Waiting);
    }

    /// Tells of a run that nobody can carry out.
    pub(crate) fn dead(&mut self, why: &str) {
        if let Some(recording) = &mut self.0 {
            recording.notes.record.error = Some(why.to_owned());
        }
        self.tell_as(RunState::Dead);
    }

    fn tell_as(&mut self, state: RunState) {
        if let Some(recording) = &mut self.0
            && recording.keep == Keep::All
        {
            recording.notes.record.state = state;
            recording.tell();
        }
    }

    /// Whether notes are taken.
    pub(crate) fn records(&self) -> bool {
        self.0.is_some()
    }

    /// Masks the values of these secrets wherever they stand in the record.
    pub(crate) fn hide(&mut self, secrets: Option<&Secrets>) {
        if let Some(recording) = &mut self.0 {
            recording.notes.secrets = secrets.cloned();
        }
    }

    /// When [`Self::still_running`] is to be called, if ever.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.0.as_ref()?.due
    }

    /// Tells of a run that has not ended yet, once.
    pub(crate) fn still_running(&mut self) {
        if let Some(recording) = &mut self.0 {
            recording.tell();
        }
    }

    /// Notes a line about the run itself.
    pub(crate) fn line(&mut self, step: Option<&str>, level: Level, text: &str) {
        if let Some(recording) = &mut self.0 {
            recording.line(step.map(str::to_owned), level, text);
        }
    }

    /// Notes what the machine is about to be told.
    pub(crate) fn event(&mut self, plan: &Plan, event: &Event) {
        let Some(recording) = &mut self.0 else { return };
        recording.turn = (Instant::now(), now_ms());
        if let Event::Answer { step, answer } = event {
            let of_turn = !step.turn.is_root();
            let name = plan.step_id(step.step).map(|_| plan.name(*step));
            recording.answer(name, of_turn, answer);
        }
        if let Event::HttpDone { step, result } = event
            && let Some(open) = recording.open.get_mut(step)
        {
            open.output = result
                .as_ref()
                .ok()
                .map(|response| recording.notes.response(response));
        }
        if let Event::Answer {
            step,
            answer: Ok(answer),
        } = event
            && let Some(open) = recording.open.get_mut(step)
            && matches!(open.made.kind, "wait_for_callback" | "call_workflow")
        {
            open.made.output = Some(script::json_to_value(answer));
        }
        if recording.due.is_some_and(|due| due <= recording.turn.0) {
            self.still_running();
        }
    }

    /// Notes what the machine asks for.
    pub(crate) fn effect(&mut self, effect: &Effect) {
        if let Some(recording) = &mut self.0 {
            recording.effect(effect);
        }
    }

    /// Tells of the run's end.
    pub(crate) fn end(&mut self, outcome: Outcome, why: Option<&str>) {
        if let Some(recording) = self.0.take() {
            recording.end(outcome, why);
        }
    }
}

impl Recording {
    fn new(log: &RunLog, request: &RunRequest, settings: Settings) -> Self {
        let turn = (Instant::now(), now_ms());
        let record = RunRecord {
            run_id: request.run_id,
            workflow_id: request.workflow_id,
            endpoint_id: request.endpoint_id,
            version: request.version,
            content_hash: request.content_hash,
            mode: request.mode,
            state: RunState::Running,
            trace_id: request.trace.trace_id_text(),
            request_id: request.request_id,
            attempt: request.attempt,
            received_at_ms: request.request.received_at_ms,
            started_at_ms: turn.1,
            ended_at_ms: None,
            error: None,
            request: ToldRequest::default(),
            steps: Vec::new(),
            lines: Vec::new(),
            undefined: Vec::new(),
            reply: None,
            answers: Vec::new(),
            replay_of: request.replay_of,
            against: request.trial.as_ref().map(|trial| trial.against),
            recorded_run: request.trial.as_ref().and_then(|trial| trial.recorded),
            left_out: 0,
            trigger: request.trigger,
        };
        let cap = usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX);
        Self {
            log: log.clone(),
            keep: settings.keep,
            notes: Notes::new(record, cap),
            open: BTreeMap::new(),
            last: None,
            turn,
            due: None,
        }
    }

    fn request(&mut self, request: &RunRequest, body: &[u8]) {
        let received = &request.request;
        if request.trigger.is_some() {
            // There was no request, only data.
            self.notes.record.request.body = self.notes.payload(body);
            return;
        }
        self.notes.record.request = ToldRequest {
            method: received.method.clone(),
            path: format!("/listener/{}", request.endpoint_id),
            query: self.notes.text(&received.query),
            headers: self.notes.headers(&received.headers),
            body: self.notes.payload(body),
            authenticated: received.claims.is_some(),
        };
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Evaluated(made) => {
                let open = Open {
                    began: self.turn,
                    attempts: 1,
                    made: made.clone(),
                    input: None,
                    output: None,
                };
                self.open.insert(made.spot, open);
                self.last = Some(made.spot);
            }
            Effect::Http { step, request } => {
                let told = self.notes.request(request);
                if let Some(open) = self.open.get_mut(step) {
                    open.attempts += u32::from(open.input.is_some());
                    open.input = Some(told);
                }
            }
            Effect::Came { step, value } => {
                if let Some(open) = self.open.get_mut(step) {
                    open.made.output = Some(value.clone());
                }
            }
            Effect::Log {
                step,
                level,
                message,
            } => self.line(step.clone(), *level, message),
            Effect::Undefined {
                step,
                names,
                places,
            } => {
                for (name, (line, column)) in names.iter().zip(places) {
                    self.undefined(step.clone(), name, (*line, *column));
                }
            }
            Effect::StepFinished {
                spot,
                step,
                outcome,
            } => self.step_finished(*spot, step, outcome),
            Effect::Reply(reply) => {
                let told = self.notes.reply(reply);
                self.input_of("respond", &told);
                self.reply().reply = Some(told);
            }
            Effect::Frame(frame) => self.frame(frame),
            Effect::Ask { .. }
            | Effect::Wake { .. }
            | Effect::Await { .. }
            | Effect::ReplyRefused
            | Effect::Finished(_) => {}
        }
    }

    fn answer(&mut self, step: Option<String>, of_turn: bool, answer: &Result<Json, String>) {
        let there = self.notes.record.answers.len();
        if !self.notes.one_more(there, of_turn, answer.is_err()) {
            return;
        }
        let (value, error) = match answer {
            Ok(value) => (value.to_string(), None),
            Err(error) => (String::new(), Some(self.notes.text(error))),
        };
        let value = self.notes.payload(value.as_bytes());
        let answer = AnswerRecord { step, value, error };
        self.notes.record.answers.push(answer);
    }

    /// What the step made that began last, where it is of this type.
    fn input_of(&mut self, kind: &str, told: &Told) {
        if let Some(open) = self.last.and_then(|last| self.open.get_mut(&last))
            && open.made.kind == kind
        {
            open.input = Some(told.clone());
        }
    }

    fn reply(&mut self) -> &mut ReplyRecord {
        self.notes.record.reply.get_or_insert_default()
    }

    fn frame(&mut self, frame: &FrameOut) {
        let data = self.notes.payload(frame.data.as_bytes());
        let told = Told {
            body: Some(data.clone()),
            ..Told::default()
        };
        self.input_of("sse_frame", &told);
        let reply = self.reply();
        reply.frames += 1;
        if reply.first_frames.len() < FIRST_FRAMES {
            reply.first_frames.push(FrameRecord {
                event: frame.event.clone(),
                id: frame.id.clone(),
                data,
            });
        }
    }

    fn line(&mut self, step: Option<String>, level: Level, text: &str) {
        let (there, fault) = (self.notes.record.lines.len(), level >= Level::Warn);
        if self.notes.one_more(there, of_turn(step.as_deref()), fault) {
            let text = self.notes.text(text);
            self.notes.record.lines.push(LogLine {
                at_ms: self.turn.1,
                step,
                level: word(level).to_owned(),
                text,
            });
        }
    }

    fn undefined(&mut self, step: Option<String>, name: &str, (line, column): (u32, u32)) {
        let there = self.notes.record.undefined.len();
        if self.notes.one_more(there, of_turn(step.as_deref()), false) {
            let name = self.notes.text(name);
            self.notes.record.undefined.push(UndefinedName {
                step,
                name,
                line,
                column,
            });
        }
    }

    fn step_finished(&mut self, spot: Spot, step: &str, outcome: &StepOutcome) {
        let open = self.open.remove(&spot);
        let (there, fault) = (
            self.notes.record.steps.len(),
            *outcome != StepOutcome::Succeeded,
        );
        if !self.notes.one_more(there, !spot.turn.is_root(), fault) {
            return;
        }
        let (end, error) = match outcome {
            StepOutcome::Succeeded => (StepEnd::Succeeded, None),
            StepOutcome::Failed { error, handled } => {
                let error = self.notes.text(error);
                let end = if *handled {
                    StepEnd::Handled
                } else {
                    StepEnd::Failed
                };
                (end, Some(error))
            }
        };
        let (began, began_ms) = open.as_ref().map_or(self.turn, |open| open.began);
        let mut record = StepRecord {
            id: step.to_owned(),
            turn: spot.turn.items().to_vec(),
            kind: String::new(),
            end,
            error,
            started_at_ms: began_ms,
            duration_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            attempts: 1,
            input: None,
            output: None,
        };
        let made = open.map(|open| {
            record.kind = open.made.kind.to_owned();
            record.attempts = open.attempts;
            (record.input, record.output) = (open.input, open.output);
            open.made
        });
        self.notes.step(record, made);
    }

    /// Tells of a run that has not ended.
    fn tell(&mut self) {
        self.due = None;
        self.notes.write_out();
        self.log.tell(self.notes.clone());
    }

    fn end(mut self, outcome: Outcome, why: Option<&str>) {
        if outcome == Outcome::Succeeded && self.keep == Keep::Failures {
            return;
        }
        let record = &mut self.notes.record;
        record.ended_at_ms = Some(now_ms());
        record.state = match outcome {
            Outcome::Succeeded => RunState::Succeeded,
            Outcome::Failed => RunState::Failed,
            Outcome::Cancelled => RunState::Cancelled,
        };
        if outcome != Outcome::Succeeded {
            let said = record.lines.iter().rfind(|line| line.level == "error");
            record.error = why
                .map(str::to_owned)
                .or_else(|| said.map(|line| line.text.clone()));
        }
        self.notes.write_out();
        self.log.tell(self.notes);
    }
}

/// Whether a step is named with a turn.
fn of_turn(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.ends_with(']'))
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}
