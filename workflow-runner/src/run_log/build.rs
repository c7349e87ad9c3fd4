//! From notes to a record that may leave the runner: secrets are masked, bodies cut.

use std::sync::Arc;

use shared::v1::run_log::{FrameRecord, Payload, RunRecord, Told};

use super::mask::{self, Hidden, LONGEST, MASK, Masks, Media};
use super::notes::{LONGEST_TEXT, Notes, cut};

/// How many bytes of bodies a record holds; what comes after them is left out.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The record of the notes.
pub(super) fn build(notes: Notes, masks: &mut Masks) -> RunRecord {
    let Notes {
        mut record,
        cap,
        secrets,
        ..
    } = notes;
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
    for answer in &mut record.answers {
        mill.payload(&mut answer.value, &Media::of(Some("application/json")));
        mill.maybe(&mut answer.error);
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
        // A cut goes to the last whole character.
        let is_cut = text.len() + 4 > LONGEST_TEXT;
        *text = self.hidden.text(std::mem::take(text));
        if is_cut {
            let kept = cut(text, text.len().saturating_sub(self.half())).len();
            text.truncate(kept);
        }
    }

    /// How long the first part of a secret may be that stands at the end of what was cut off.
    fn half(&self) -> usize {
        self.hidden.longest().min(LONGEST)
    }

    fn payload(&mut self, payload: &mut Payload, media: &Media) {
        let bytes = self.hidden.bytes(std::mem::take(&mut payload.bytes));
        let mut bytes = mask::body(bytes, media);
        let mut most = self.cap.min(self.room);
        if payload.truncated {
            // The end may hold the first half of a secret, and has come closer where others were masked.
            most = most.min(bytes.len().saturating_sub(self.half()));
        }
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
    use script::Value;
    use shared::v1::run_log::{LogLine, StepEnd, StepRecord};
    use workflow::machine::Evaluated;

    use super::super::notes::tests::record;
    use super::*;

    fn notes(cap: usize) -> Notes {
        let record = RunRecord {
            error: Some("error for url https://h/?token=tick, hunter2".to_owned()),
            ..record()
        };
        Notes::new(record, cap)
    }

    fn secrets(text: &str) -> Option<mask::Secrets> {
        let named = [("NAME".to_owned(), text.to_owned())];
        Some(Arc::new(named.into_iter().collect()))
    }

    fn stored(name: &str, output: &str) -> RunRecord {
        let input = vec![("name", Value::from(name))];
        recorded("store_value", input, Value::from(output))
    }

    fn recorded(kind: &'static str, input: Vec<(&'static str, Value)>, output: Value) -> RunRecord {
        let mut notes = notes(64);
        let step = StepRecord {
            id: "s".to_owned(),
            turn: Vec::new(),
            kind: kind.to_owned(),
            end: StepEnd::Succeeded,
            error: None,
            started_at_ms: 0,
            duration_us: 0,
            attempts: 1,
            input: None,
            output: None,
        };
        let made = Evaluated {
            spot: 0.into(),
            step: "s".to_owned(),
            kind,
            input,
            output: Some(output),
        };
        notes.step(step, Some(Box::new(made)));
        notes.write_out();
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
    fn a_secret_that_stands_across_the_cut_of_a_line_leaves_nothing_behind() {
        let mut notes = notes(16);
        notes.secrets = secrets("hunter2-and-more");
        let text = format!("{}hunter2-and-more", "x".repeat(LONGEST_TEXT - 9));
        let url = notes.text(&text);
        // What is left of the room ends in the midst of the secret, too.
        let text = format!("xxxxxxx{}", "hunter2-and-more".repeat(1_000));
        let lines: Vec<String> = (0..80).map(|_| notes.text(&text)).collect();
        assert!(lines.iter().any(String::is_empty), "there is room for all");
        notes.record.lines = [url].into_iter().chain(lines).map(line).collect();
        for line in build(notes, &mut Masks::default()).lines {
            assert!(!line.text.contains("hunter"), "{}", line.text);
        }
    }

    fn line(text: String) -> LogLine {
        LogLine {
            at_ms: 0,
            step: None,
            level: "info".to_owned(),
            text,
        }
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
    fn items_and_what_was_collected_are_told_unless_their_names_say_that_they_are_secret() {
        let told = |item: &str, result: &str| {
            let input = vec![
                ("as", Value::from(item)),
                ("items", Value::from(vec!["hunter1"])),
                ("result", Value::from(result)),
            ];
            let record = recorded("for_each", input, Value::from(vec!["hunter2"]));
            let step = &record.steps[0];
            (body(step.input.as_ref()), body(step.output.as_ref()))
        };
        let (input, output) = told("item", "all");
        assert_eq!(input, r#"{"as":"item","items":["hunter1"],"result":"all"}"#);
        assert_eq!(output, r#"["hunter2"]"#);
        let (input, output) = told("password", "tokens");
        assert!(!input.contains("hunter"), "{input}");
        assert_eq!(output, "\"***\"");
    }

    #[test]
    fn half_a_secret_at_the_end_of_what_was_noted_does_not_move_into_what_is_kept() {
        let mut notes = notes(16);
        let secret = "hunter2-".repeat(8);
        notes.secrets = secrets(&secret);
        let mut body = secret.repeat((16 + LONGEST) / secret.len());
        body.push_str(&secret);
        notes.record.request.body = notes.payload(body.as_bytes());
        let record = build(notes, &mut Masks::default());
        let kept = String::from_utf8(record.request.body.bytes).unwrap();
        assert!(!kept.contains("hunter2"), "{kept}");
    }
}
