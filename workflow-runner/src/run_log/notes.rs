//! What was noted of a run: a record that is not masked yet, and so goes nowhere.

use script::Value;
use shared::v1::run_log::{Payload, RunRecord, StepRecord, Told};
use workflow::machine::{Evaluated, HttpRequest, HttpResponse};
use workflow::reply::Reply;

use super::mask::{LONGEST, Secrets};
use super::values;

/// How many bytes of bodies one run may leave in its notes.
const MOST_BYTES: usize = 1024 * 1024;

/// How many steps, and how many lines, and how many names.
pub(super) const MOST_ENTRIES: usize = 1_000;

/// How many of them may stand there before what comes of the turns of a `for_each` is left out, so that a long one leaves
/// room for what comes after it; and the same for what went wrong in a turn.
const MOST_OF_TURNS: usize = 500;
const MOST_FAULTS_OF_TURNS: usize = 750;

/// How many steps' values are held as they are. They are written out at the run's end, as long as they are few: a short
/// run has replied by then.
const MOST_HELD: usize = 16;

/// How many bytes of one value, and of all the values of a run, are looked at to learn their sizes.
const MOST_COUNTED: usize = 1024 * 1024;
const ALL_COUNTED: usize = 16 * MOST_COUNTED;

/// How much of a line or a URL is kept, in bytes.
pub(super) const LONGEST_TEXT: usize = 16 * 1024;

/// The notes of one run.
#[derive(Clone)]
pub(super) struct Notes {
    /// What there is of the record.
    pub(super) record: RunRecord,
    /// What scripts made and is not written out yet, by the place of their step in the record.
    made: Vec<(usize, Box<Evaluated>)>,
    /// How many bytes of each body are to be kept.
    pub(super) cap: usize,
    /// The secrets that the run may read: masked wherever they stand.
    pub(super) secrets: Option<Secrets>,
    /// How many bytes may still be noted.
    room: usize,
    /// How many bytes of values may still be looked at.
    countable: usize,
}

impl Notes {
    /// Notes that begin with what there is of a record.
    pub(super) fn new(record: RunRecord, cap: usize) -> Self {
        Self {
            record,
            made: Vec::new(),
            cap,
            secrets: None,
            room: MOST_BYTES,
            countable: ALL_COUNTED,
        }
    }

    /// About how many bytes the notes take.
    pub(super) fn weight(&self) -> usize {
        // Entries without bodies weigh something as well.
        1024 + 256 * (self.record.steps.len() + self.record.lines.len() + self.record.answers.len())
            + MOST_BYTES.saturating_sub(self.room)
    }

    /// Whether there is room for one more entry beside `there`; counts the one that is left out where not. `of_turn` is
    /// whether it comes of a turn, and `fault` whether it tells that something went wrong.
    pub(super) fn one_more(&mut self, there: usize, of_turn: bool, fault: bool) -> bool {
        let most = match (of_turn, fault) {
            (false, _) => MOST_ENTRIES,
            (true, false) => MOST_OF_TURNS,
            (true, true) => MOST_FAULTS_OF_TURNS,
        };
        let fits = there < most;
        self.record.left_out += u64::from(!fits);
        fits
    }

    /// The first bytes of a body.
    pub(super) fn payload(&mut self, bytes: &[u8]) -> Payload {
        let kept = bytes.get(..self.wanted()).unwrap_or(bytes);
        self.room = self.room.saturating_sub(kept.len());
        Payload {
            bytes: kept.to_vec(),
            size: bytes.len() as u64,
            truncated: kept.len() < bytes.len(),
        }
    }

    /// A step that ended, and what its scripts made.
    pub(super) fn step(&mut self, step: StepRecord, made: Option<Box<Evaluated>>) {
        if let Some(made) = made
            && (step.input.is_none() || step.output.is_none())
        {
            self.made.push((self.record.steps.len(), made));
        }
        self.record.steps.push(step);
        if self.made.len() >= MOST_HELD {
            self.write_out();
        }
    }

    /// Writes out what scripts made, so that the notes hold on to nothing of the run.
    pub(super) fn write_out(&mut self) {
        for (place, made) in std::mem::take(&mut self.made) {
            let mut steps = std::mem::take(&mut self.record.steps);
            if let Some(step) = steps.get_mut(place) {
                values::write_out(step, &made, |value| self.value(value));
            }
            self.record.steps = steps;
        }
    }

    /// A value as JSON.
    fn value(&mut self, value: &Value) -> Told {
        let wanted = self.wanted();
        let counted = self.countable.min(MOST_COUNTED);
        let written = script::json_beginning(value, wanted, counted);
        self.countable -= written.size.min(self.countable);
        self.room = self.room.saturating_sub(written.bytes.len());
        let body = Payload {
            truncated: written.bytes.len() < written.size,
            size: written.size as u64,
            bytes: written.bytes,
        };
        Told {
            body: Some(body),
            ..Told::default()
        }
    }

    /// How many bytes of a body are noted: a few more than are kept in the end, since a secret may stand across the cut.
    fn wanted(&self) -> usize {
        let wanted = if self.cap == 0 { 0 } else { self.cap + LONGEST };
        wanted.min(self.room)
    }

    /// A text of a bounded length.
    pub(super) fn text(&mut self, text: &str) -> String {
        let kept = cut(text, LONGEST_TEXT);
        // All or nothing: at the end of a part there could be half a secret.
        let kept = if kept.len() > self.room { "" } else { kept };
        self.room = self.room.saturating_sub(kept.len());
        kept.to_owned()
    }

    /// An outgoing request.
    pub(super) fn request(&mut self, request: &HttpRequest) -> Told {
        let mut url = request.url.clone();
        if !request.query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&request.query)
                .finish();
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query);
        }
        let mut headers = self.headers(&request.headers);
        let named = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let (false, Some(content_type)) = (named, &request.content_type) {
            headers.push(("content-type".to_owned(), content_type.clone()));
        }
        Told {
            method: Some(request.method.clone()),
            url: Some(self.text(&url)),
            status: None,
            headers,
            body: request.body.as_deref().map(|body| self.payload(body)),
        }
    }

    /// A response to one.
    pub(super) fn response(&mut self, response: &HttpResponse) -> Told {
        Told {
            status: Some(response.status),
            headers: self.headers(&response.headers),
            body: Some(self.payload(&response.body)),
            ..Told::default()
        }
    }

    /// A reply.
    pub(super) fn reply(&mut self, reply: &Reply) -> Told {
        Told {
            status: Some(reply.status),
            headers: self.headers(&reply.headers),
            body: Some(self.payload(&reply.body)),
            ..Told::default()
        }
    }

    /// Headers, each of a bounded length.
    pub(super) fn headers(&mut self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let headers = headers.iter().take(MOST_ENTRIES);
        headers
            .map(|(name, value)| (name.clone(), self.text(value)))
            .collect()
    }
}

/// The beginning of a text, up to so many bytes and to the end of a letter.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use shared::ids::{ContentHash, EndpointId, RequestId, RunId, WorkflowId};
    use shared::v1::run::RunMode;
    use shared::v1::run_log::{RunState, StepEnd, ToldRequest};
    use uuid::Uuid;

    use super::*;

    pub(crate) fn record() -> RunRecord {
        let id = Uuid::now_v7();
        RunRecord {
            run_id: RunId(id),
            workflow_id: WorkflowId(id),
            endpoint_id: EndpointId(id),
            version: 1,
            content_hash: ContentHash([0; 32]),
            mode: RunMode::Sync,
            state: RunState::Succeeded,
            trace_id: String::new(),
            request_id: RequestId(id),
            attempt: 0,
            received_at_ms: 0,
            started_at_ms: 0,
            ended_at_ms: Some(1),
            error: None,
            request: ToldRequest::default(),
            steps: Vec::new(),
            lines: Vec::new(),
            undefined: Vec::new(),
            reply: None,
            answers: Vec::new(),
            replay_of: None,
            against: None,
            recorded_run: None,
            left_out: 0,
            trigger: None,
        }
    }

    pub(crate) fn step(id: &str, turn: Vec<u16>) -> StepRecord {
        StepRecord {
            id: id.to_owned(),
            turn,
            kind: "set_value".to_owned(),
            end: StepEnd::Succeeded,
            error: None,
            started_at_ms: 0,
            duration_us: 0,
            attempts: 1,
            input: None,
            output: None,
        }
    }

    fn with_steps(count: usize, value: &Value) -> Notes {
        let mut notes = Notes::new(record(), 16 * 1024);
        for _ in 0..count {
            let step = step("s", Vec::new());
            let made = Evaluated {
                spot: 0.into(),
                step: "s".to_owned(),
                kind: "set_value",
                input: Vec::new(),
                output: Some(value.clone()),
            };
            notes.step(step, Some(Box::new(made)));
        }
        notes
    }

    #[test]
    fn notes_hold_on_to_few_values_and_weigh_what_they_keep_of_them() {
        let value = Value::from("x".repeat(300_000));
        let notes = with_steps(40, &value);
        assert!(notes.made.len() < MOST_HELD, "{}", notes.made.len());
        let mut notes = with_steps(5, &value);
        let before = notes.weight();
        notes.write_out();
        assert!(notes.made.is_empty());
        let kept = 16 * 1024 + LONGEST;
        assert_eq!(notes.weight() - before, 5 * kept);
        for step in &notes.record.steps {
            let told = step.output.as_ref().and_then(|told| told.body.as_ref());
            let told = told.unwrap();
            assert_eq!((told.bytes.len(), told.size), (kept, 300_002));
            assert!(told.truncated);
        }
    }

    #[test]
    fn many_large_values_leave_room_for_no_more_than_a_run_may_keep() {
        let mut notes = with_steps(500, &Value::from("x".repeat(300_000)));
        notes.write_out();
        let bodies = notes.record.steps.iter().filter_map(|step| {
            let told = step.output.as_ref()?.body.as_ref()?;
            Some(told.bytes.len())
        });
        assert_eq!(bodies.sum::<usize>(), MOST_BYTES);
    }

    #[test]
    fn turns_leave_room_for_what_comes_after_them_and_what_went_wrong_in_them() {
        let mut notes = Notes::new(record(), 0);
        let mut there = 0;
        let mut add = |count: usize, of_turn: bool, fault: bool| {
            for _ in 0..count {
                there += usize::from(notes.one_more(there, of_turn, fault));
            }
            (there, notes.record.left_out)
        };
        assert_eq!(add(600, true, false), (500, 100));
        assert_eq!(add(300, true, true), (750, 150));
        assert_eq!(add(300, false, false), (1_000, 200));
    }
}
