//! From notes to a record that may leave the runner: values are written out, secrets masked, bodies cut.

use std::sync::Arc;

use script::Value;
use shared::v1::run_log::{FrameRecord, Payload, RunRecord, StepRecord, Told};
use workflow::machine::Evaluated;

use super::mask::{self, Hidden, MASK, Masks, Media};
use super::notes::{Notes, cut};

/// How much of a value is written out to learn its size, in bytes.
const MOST_WRITTEN: usize = 4 * 1024 * 1024;

/// How many bytes of bodies a record holds; what comes after them is left out.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The record of the notes.
pub(super) fn build(notes: Notes, masks: &mut Masks) -> RunRecord {
    let Notes {
        mut record,
        made,
        cap,
        secrets,
        ..
    } = notes;
    for (place, made) in &made {
        if let Some(step) = record.steps.get_mut(*place) {
            write_out(step, made);
        }
    }
    let mut mill = Mill {
        hidden: masks.of(secrets.as_ref()),
        cap,
        room: MOST_BYTES,
    };
    mill.request(&mut record);
    for step in &mut record.steps {
        mill.maybe(&mut step.error);
        for told in [&mut step.input, &mut step.output].into_iter().flatten() {
            mill.told(told);
        }
    }
    for line in &mut record.lines {
        mill.text(&mut line.text);
    }
    for name in &mut record.undefined {
        mill.text(&mut name.name);
    }
    if let Some(reply) = &mut record.reply {
        if let Some(told) = &mut reply.reply {
            mill.told(told);
        }
        for frame in &mut reply.first_frames {
            mill.frame(frame);
        }
    }
    mill.maybe(&mut record.error);
    record
}

/// Writes what scripts made as JSON, where no exchange tells it better.
fn write_out(step: &mut StepRecord, made: &Evaluated) {
    if step.input.is_none() && !made.input.is_empty() {
        step.input = Some(value(&objects(&made.input)));
    }
    if step.output.is_none()
        && let Some(output) = &made.output
    {
        // A stored value has its name beside it.
        let name = made.input.iter().find(|(name, _)| *name == "name");
        let name = name.and_then(|(_, name)| name.as_str());
        step.output = Some(if name.is_some_and(mask::secret_field) {
            value(&Value::from(MASK))
        } else {
            value(output)
        });
    }
}

/// Named values as a map; where a name comes again, as a list of maps.
fn objects(named: &[(&'static str, Value)]) -> Value {
    let mut maps: Vec<Vec<(&str, Value)>> = vec![Vec::new()];
    for (name, value) in named {
        let again = |map: &Vec<(&str, Value)>| map.iter().any(|(there, _)| there == name);
        if maps.last().is_none_or(again) {
            maps.push(Vec::new());
        }
        if let Some(map) = maps.last_mut() {
            map.push((name, value.clone()));
        }
    }
    let mut maps: Vec<Value> = maps.into_iter().map(Value::from_pairs).collect();
    match maps.pop() {
        Some(only) if maps.is_empty() => only,
        last => maps.into_iter().chain(last).collect(),
    }
}

fn value(value: &Value) -> Told {
    let written = script::json_text(value, MOST_WRITTEN);
    let body = match written {
        Ok(text) => Payload {
            size: text.len() as u64,
            bytes: text.into_bytes(),
            truncated: false,
        },
        Err(_) => Payload {
            bytes: Vec::new(),
            size: MOST_WRITTEN as u64,
            truncated: true,
        },
    };
    Told {
        body: Some(body),
        ..Told::default()
    }
}

/// Masks and cuts.
struct Mill {
    hidden: Arc<Hidden>,
    cap: usize,
    room: usize,
}

impl Mill {
    fn request(&mut self, record: &mut RunRecord) {
        let request = &mut record.request;
        self.secretless(&mut request.query);
        request.query = mask::form(&request.query);
        let media = self.headers(&mut request.headers);
        self.payload(&mut request.body, &media);
    }

    fn told(&mut self, told: &mut Told) {
        self.maybe(&mut told.url);
        let media = self.headers(&mut told.headers);
        if let Some(body) = &mut told.body {
            self.payload(body, &media);
        }
    }

    fn frame(&mut self, frame: &mut FrameRecord) {
        self.maybe(&mut frame.event);
        self.maybe(&mut frame.id);
        self.payload(&mut frame.data, &Media::Other);
    }

    /// Masks the headers; what they say about the body.
    fn headers(&self, headers: &mut [(String, String)]) -> Media {
        let named = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = Media::of(named.map(|(_, value)| value.as_str()));
        for (name, value) in headers {
            if mask::secret_header(name) {
                MASK.clone_into(value);
            } else {
                self.text(value);
            }
        }
        media
    }

    fn maybe(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn text(&self, text: &mut String) {
        self.secretless(text);
        *text = mask::text(text);
    }

    fn secretless(&self, text: &mut String) {
        *text = self.hidden.text(std::mem::take(text));
    }

    fn payload(&mut self, payload: &mut Payload, media: &Media) {
        let bytes = self.hidden.bytes(std::mem::take(&mut payload.bytes));
        let mut bytes = mask::body(bytes, media);
        let most = self.cap.min(self.room);
        if bytes.len() > most {
            let end = std::str::from_utf8(&bytes).map_or(most, |text| cut(text, most).len());
            bytes.truncate(end);
            payload.truncated = true;
        }
        self.room -= bytes.len();
        payload.bytes = bytes;
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::{ContentHash, EndpointId, RequestId, RunId, WorkflowId};
    use shared::v1::run::RunMode;
    use shared::v1::run_log::{RunState, StepEnd, ToldRequest};
    use uuid::Uuid;

    use super::*;

    fn notes(cap: usize) -> Notes {
        let id = Uuid::nil();
        let record = RunRecord {
            run_id: RunId(id),
            workflow_id: WorkflowId(id),
            endpoint_id: EndpointId(id),
            version: 1,
            content_hash: ContentHash([0; 32]),
            mode: RunMode::Sync,
            state: RunState::Failed,
            trace_id: String::new(),
            request_id: RequestId(id),
            attempt: 0,
            received_at_ms: 0,
            started_at_ms: 0,
            ended_at_ms: None,
            error: Some("error for url https://h/?token=tick, hunter2".to_owned()),
            request: ToldRequest::default(),
            steps: Vec::new(),
            lines: Vec::new(),
            undefined: Vec::new(),
            reply: None,
            replay_of: None,
            left_out: 0,
        };
        Notes::new(record, cap)
    }

    fn secrets(text: &str) -> Option<mask::Secrets> {
        let named = [("NAME".to_owned(), text.to_owned())];
        Some(Arc::new(named.into_iter().collect()))
    }

    fn stored(name: &str, output: &str) -> RunRecord {
        let mut notes = notes(64);
        notes.record.steps.push(StepRecord {
            id: "s".to_owned(),
            kind: "store_value".to_owned(),
            end: StepEnd::Succeeded,
            error: None,
            started_at_ms: 0,
            duration_us: 0,
            attempts: 1,
            input: None,
            output: None,
        });
        notes.made.push((
            0,
            Box::new(Evaluated {
                index: 0,
                step: "s".to_owned(),
                kind: "store_value",
                input: vec![("name", Value::from(name))],
                output: Some(Value::from(output)),
            }),
        ));
        build(notes, &mut Masks::default())
    }

    fn body(told: Option<&Told>) -> String {
        let body = told.unwrap().body.as_ref().unwrap();
        String::from_utf8(body.bytes.clone()).unwrap()
    }

    #[test]
    fn a_body_is_cut_after_it_was_masked_and_its_true_size_is_told() {
        let mut notes = notes(16);
        notes.secrets = secrets("hunter2");
        let headers = [("Content-Type".to_owned(), "text/plain".to_owned())];
        notes.record.request.headers = notes.headers(&headers);
        notes.record.request.body =
            notes.payload(format!("0123456789hunter2{}", "x".repeat(20_000)).as_bytes());
        let record = build(notes, &mut Masks::default());
        let kept = &record.request.body;
        assert_eq!(kept.bytes, b"0123456789***xxx");
        assert_eq!((kept.size, kept.truncated), (20_017, true));
        assert_eq!(
            record.error.as_deref(),
            Some("error for url https://h/?token=*** ***")
        );
    }

    #[test]
    fn a_secret_that_stands_across_the_cut_leaves_nothing_behind() {
        let mut notes = notes(16);
        notes.secrets = secrets("hunter2-and-more");
        notes.record.request.body = notes.payload(b"0123456789hunter2-and-more");
        let record = build(notes, &mut Masks::default());
        assert_eq!(record.request.body.bytes, b"0123456789***");
    }

    #[test]
    fn a_stored_value_is_told_unless_its_name_says_that_it_is_secret() {
        assert_eq!(body(stored("sum", "x").steps[0].output.as_ref()), "\"x\"");
        let secret = stored("api_key", "hunter2");
        assert_eq!(body(secret.steps[0].output.as_ref()), "\"***\"");
        assert_eq!(
            body(secret.steps[0].input.as_ref()),
            r#"{"name":"api_key"}"#
        );
    }

    #[test]
    fn several_comparisons_of_one_step_become_a_list() {
        let named = |left: i32| [("left", Value::from(left)), ("right", Value::from(1))];
        let shown = |value: Value| script::json_text(&value, 1_000).unwrap();
        assert_eq!(shown(objects(&named(1))), r#"{"left":1,"right":1}"#);
        let two: Vec<_> = named(1).into_iter().chain(named(2)).collect();
        assert_eq!(
            shown(objects(&two)),
            r#"[{"left":1,"right":1},{"left":2,"right":1}]"#
        );
    }
}
