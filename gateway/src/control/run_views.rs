//! Runs as the control plane shows them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use shared::ids::RunId;
use shared::v1::run::Trigger;
use shared::v1::run_log::{
    AnswerRecord, FrameRecord, LogLine, Payload, ReplyRecord, RunFound, RunRecord, RunSummary,
    StepRecord, Told, UndefinedName,
};
use shared::v1::trials::Against;

use super::views::moment;

/// A run in a list.
pub(super) fn summary(run: &RunSummary) -> Value {
    let Cause {
        called,
        source,
        scheduled_at,
    } = Cause::of(run.trigger);
    json!({
        "id": run.run_id.to_string(),
        "workflow_id": run.workflow_id.to_string(),
        "workflow": run.workflow,
        "endpoint_id": called.then(|| run.endpoint_id.to_string()),
        "source": source,
        "scheduled_at": scheduled_at,
        "version": version(run.version),
        "mode": run.mode,
        "state": run.state.as_str(),
        "method": called.then_some(&run.method),
        "status": run.status,
        "error": run.error,
        "step_count": run.steps,
        "attempt": run.attempt,
        "received_at": moment(run.received_at_ms),
        "started_at": moment(run.started_at_ms),
        "ended_at": run.ended_at_ms.and_then(moment),
        "trace_id": run.trace_id,
        "request_id": run.request_id.to_string(),
        "replay_of": run.replay_of.map(|id| id.to_string()),
        "against": run.against,
        "test": run.against == Some(Against::Draft),
    })
}

/// What started a run.
pub(super) struct Cause {
    /// Whether it was a call: a run of a workflow without a listener has neither an endpoint nor a request.
    pub(super) called: bool,
    /// The word for it.
    pub(super) source: &'static str,
    /// The moment of the schedule that it is for.
    pub(super) scheduled_at: Option<String>,
}

impl Cause {
    /// Of a run that this started.
    pub(super) fn of(trigger: Option<Trigger>) -> Self {
        Self {
            called: trigger.is_none(),
            source: trigger.map_or("listener", |trigger| trigger.source.as_str()),
            scheduled_at: trigger
                .and_then(|trigger| trigger.scheduled_at_ms)
                .and_then(moment),
        }
    }
}

/// A version's number; none of a draft.
pub(super) fn version(number: u64) -> Option<u64> {
    (number > 0).then_some(number)
}

/// Where the runs are found that a run has to do with.
#[derive(Serialize)]
pub(super) struct Links {
    /// The run itself.
    pub(super) run: String,
    /// The one that it repeats.
    replay_of: Option<String>,
    /// The one whose record answers what its steps ask.
    recorded_run: Option<String>,
    /// Those that repeat it.
    replays: String,
}

impl Links {
    /// The links of a run.
    pub(super) fn of(run: RunId, replay_of: Option<RunId>, recorded_run: Option<RunId>) -> Self {
        let link = |run: RunId| format!("/api/v1/runs/{run}");
        Self {
            run: link(run),
            replay_of: replay_of.map(link),
            recorded_run: recorded_run.map(link),
            replays: format!("/api/v1/runs?replay_of={run}"),
        }
    }
}

/// All that is kept of a run.
pub(super) fn whole(found: &RunFound) -> Value {
    let record = &found.record;
    let mut view = summary(&found.run);
    let rest = json!({
        "error": record.error,
        "content_hash": record.content_hash.to_string(),
        "request": request(record),
        "steps": record.steps.iter().map(step).collect::<Vec<_>>(),
        "log": record.lines.iter().map(line).collect::<Vec<_>>(),
        "undefined": record.undefined.iter().map(undefined).collect::<Vec<_>>(),
        "answers": record.answers.iter().map(answer).collect::<Vec<_>>(),
        "reply": record.reply.as_ref().map(reply),
        "recorded_run": record.recorded_run.map(|id| id.to_string()),
        "links": Links::of(record.run_id, record.replay_of, record.recorded_run),
        "left_out": record.left_out,
    });
    if let (Value::Object(view), Value::Object(rest)) = (&mut view, rest) {
        view.extend(rest);
    }
    view
}

/// What a run began with: a request, or data alone.
fn request(record: &RunRecord) -> Value {
    let told = &record.request;
    if record.trigger.is_some() {
        return json!({"body": payload(&told.body)});
    }
    json!({
        "method": told.method,
        "path": told.path,
        "query": told.query,
        "headers": headers(&told.headers),
        "body": payload(&told.body),
        "authenticated": told.authenticated,
    })
}

fn step(step: &StepRecord) -> Value {
    json!({
        "id": step.id,
        "turn": step.turn,
        "type": step.kind,
        "outcome": step.end.as_str(),
        "error": step.error,
        "started_at": moment(step.started_at_ms),
        "duration_us": step.duration_us,
        "attempts": step.attempts,
        "input": step.input.as_ref().map(told),
        "output": step.output.as_ref().map(told),
    })
}

fn line(line: &LogLine) -> Value {
    json!({
        "at": moment(line.at_ms),
        "step": line.step,
        "level": line.level,
        "text": line.text,
    })
}

fn answer(answer: &AnswerRecord) -> Value {
    json!({
        "step": answer.step,
        "value": payload(&answer.value),
        "error": answer.error,
    })
}

fn undefined(name: &UndefinedName) -> Value {
    json!({
        "step": name.step,
        "name": name.name,
        "line": name.line,
        "column": name.column,
    })
}

fn reply(reply: &ReplyRecord) -> Value {
    let frames: Vec<Value> = reply.first_frames.iter().map(frame).collect();
    let mut view = reply.reply.as_ref().map_or_else(|| json!({}), told);
    if let Value::Object(view) = &mut view {
        view.insert("by_gateway".to_owned(), json!(reply.by_gateway));
        view.insert("frame_count".to_owned(), json!(reply.frames));
        view.insert("first_frames".to_owned(), json!(frames));
    }
    view
}

fn frame(frame: &FrameRecord) -> Value {
    json!({"event": frame.event, "id": frame.id, "data": payload(&frame.data)})
}

/// One side of an exchange, or a value: what is there of it.
fn told(told: &Told) -> Value {
    let mut view = serde_json::Map::new();
    if let Some(method) = &told.method {
        view.insert("method".to_owned(), json!(method));
    }
    if let Some(url) = &told.url {
        view.insert("url".to_owned(), json!(url));
    }
    if let Some(status) = told.status {
        view.insert("status".to_owned(), json!(status));
    }
    if !told.headers.is_empty() {
        view.insert("headers".to_owned(), headers(&told.headers));
    }
    if let Some(body) = &told.body {
        view.insert("body".to_owned(), payload(body));
    }
    Value::Object(view)
}

fn headers(headers: &[(String, String)]) -> Value {
    let headers = headers.iter();
    headers
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

/// Bytes as text where they are text.
fn payload(payload: &Payload) -> Value {
    let (size, truncated) = (payload.size, payload.truncated);
    match std::str::from_utf8(&payload.bytes) {
        Ok(text) => json!({"text": text, "size": size, "truncated": truncated}),
        Err(_) => {
            let text = BASE64_STANDARD.encode(&payload.bytes);
            json!({"base64": text, "size": size, "truncated": truncated})
        }
    }
}
