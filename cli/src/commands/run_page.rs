//! One run as a person reads it.

use std::fmt::Write;

use serde_json::Value;

use crate::output::member;

/// How much of a body is shown, in letters.
const SHOWN: usize = 2_000;

/// The whole run.
pub(super) fn page(run: &Value) -> String {
    let mut page = Page(String::new());
    for (name, path) in [
        ("run", "/id"),
        ("workflow", "/workflow"),
        ("version", "/version"),
        ("mode", "/mode"),
        ("source", "/source"),
        ("scheduled at", "/scheduled_at"),
        ("state", "/state"),
        ("error", "/error"),
        ("started", "/started_at"),
        ("ended", "/ended_at"),
        ("trace", "/trace_id"),
        ("replay of", "/replay_of"),
    ] {
        page.field(name, &member(run, path));
    }
    page.began(run);
    for step in list(run, "/steps") {
        page.step(step);
    }
    for line in list(run, "/log") {
        page.log(line);
    }
    for name in list(run, "/undefined") {
        page.undefined(name);
    }
    if let Some(reply) = run.pointer("/reply").filter(|reply| !reply.is_null()) {
        page.reply(reply);
    }
    let left_out = member(run, "/left_out");
    if !left_out.is_empty() && left_out != "0" {
        page.title("left out");
        page.line(&format!("{left_out} more steps, lines and names"));
    }
    page.0
}

fn list<'a>(run: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    let list = run.pointer(path).and_then(Value::as_array);
    list.into_iter().flatten()
}

struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// The request, or the data of a run that began without one.
    fn began(&mut self, run: &Value) {
        let method = member(run, "/request/method");
        if method.is_empty() {
            self.title("data");
        } else {
            self.title("request");
            let query = member(run, "/request/query");
            let mark = if query.is_empty() { "" } else { "?" };
            let path = member(run, "/request/path");
            self.line(&format!("{method} {path}{mark}{query}"));
        }
        self.exchange(run.pointer("/request"));
    }

    fn title(&mut self, title: &str) {
        self.line("");
        self.line(&title.to_uppercase());
    }

    fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            // Writing to a text never fails.
            let _ = writeln!(self.0, "{name:10} {value}");
        }
    }

    /// Headers and body.
    fn exchange(&mut self, side: Option<&Value>) {
        let Some(side) = side else { return };
        for header in list(side, "/headers") {
            self.line(&format!(
                "{}: {}",
                member(header, "/name"),
                member(header, "/value")
            ));
        }
        self.body(side.pointer("/body"));
    }

    fn body(&mut self, body: Option<&Value>) {
        let Some(body) = body else { return };
        let size = body.pointer("/size").and_then(Value::as_u64).unwrap_or(0);
        match body.pointer("/text").and_then(Value::as_str) {
            Some("") if size == 0 => {}
            Some(text) => {
                let shown: String = text.chars().take(SHOWN).collect();
                let cut = shown.len() < text.len() || member(body, "/truncated") == "yes";
                self.line(&shown);
                if cut {
                    self.line(&format!("… ({size} bytes in all)"));
                }
            }
            None => self.line(&format!("({size} bytes that are no text)")),
        }
    }

    fn step(&mut self, step: &Value) {
        let (id, kind) = (member(step, "/id"), member(step, "/type"));
        let turn = match member(step, "/turn") {
            turn if turn.is_empty() => turn,
            turn => format!("[{turn}]"),
        };
        self.title(&format!("step {id}{turn} ({kind})"));
        let microseconds = step.pointer("/duration_us").and_then(Value::as_u64);
        let milliseconds = microseconds.unwrap_or(0) / 1000;
        self.line(&format!(
            "{} after {milliseconds} ms",
            member(step, "/outcome")
        ));
        self.field("error", &member(step, "/error"));
        for (name, path) in [("in", "/input"), ("out", "/output")] {
            let Some(side) = step.pointer(path).filter(|side| !side.is_null()) else {
                continue;
            };
            let told = ["/method", "/url", "/status"].map(|path| member(side, path));
            let told: Vec<_> = told.into_iter().filter(|part| !part.is_empty()).collect();
            self.line(format!("{name}: {}", told.join(" ")).trim_end());
            self.exchange(Some(side));
        }
    }

    fn log(&mut self, line: &Value) {
        if !self.0.contains("\nLOG\n") {
            self.title("log");
        }
        let parts = ["/at", "/level", "/step", "/text"].map(|path| member(line, path));
        self.line(&parts.join("  "));
    }

    fn undefined(&mut self, name: &Value) {
        if !self.0.contains("\nUNDEFINED NAMES\n") {
            self.title("undefined names");
        }
        let [step, path, line, column] =
            ["/step", "/name", "/line", "/column"].map(|path| member(name, path));
        self.line(&format!("{path}  {step}  line {line}, column {column}"));
    }

    fn reply(&mut self, reply: &Value) {
        self.title("reply");
        self.field("status", &member(reply, "/status"));
        if member(reply, "/by_gateway") == "yes" {
            self.line("made by the gateway before the run began");
        }
        self.exchange(Some(reply));
        let frames = member(reply, "/frame_count");
        if frames != "0" {
            self.field("frames", &frames);
        }
        for frame in list(reply, "/first_frames") {
            self.field("event", &member(frame, "/event"));
            self.body(frame.pointer("/data"));
        }
    }
}
