//! The shape of a log line.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ops::telemetry::JsonLines;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Page {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What is logged while `work` runs.
fn logged(work: impl FnOnce()) -> Vec<Value> {
    let page = Page::default();
    let subscriber = tracing_subscriber::registry().with(JsonLines::new("gateway", page.clone()));
    tracing::subscriber::with_default(subscriber, work);
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_line_begins_with_time_level_service_target_and_message() {
    let lines =
        logged(|| tracing::warn!(attempt = 3, ratio = 0.5, late = true, "a \"quoted\"\nline"));
    let line = lines[0].as_object().unwrap();
    let names: Vec<_> = line.keys().take(5).map(String::as_str).collect();
    assert_eq!(
        names,
        ["timestamp", "level", "service", "target", "message"]
    );
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["service"], "gateway");
    assert_eq!(line["target"], "telemetry");
    assert_eq!(line["message"], "a \"quoted\"\nline");
    assert_eq!(
        [&line["attempt"], &line["ratio"], &line["late"]],
        [&json!(3), &json!(0.5), &json!(true)]
    );
    let timestamp = line["timestamp"].as_str().unwrap();
    assert!(
        timestamp.ends_with('Z') && timestamp.len() == "2026-01-01T00:00:00.000000Z".len(),
        "{timestamp}"
    );
}

#[test]
fn the_fields_of_the_spans_stand_at_the_top_level_and_the_inner_ones_win() {
    let lines = logged(|| {
        let outer = tracing::info_span!("request", trace_id = "t", request_id = "r", depth = 1);
        let _outer = outer.enter();
        let inner = tracing::info_span!(
            "run",
            run_id = tracing::field::Empty,
            endpoint_id = "e",
            depth = 2
        );
        inner.record("run_id", "n");
        let _inner = inner.enter();
        tracing::info!(depth = 3, "stepped");
    });
    let line = &lines[0];
    for (name, value) in [
        ("trace_id", "t"),
        ("request_id", "r"),
        ("run_id", "n"),
        ("endpoint_id", "e"),
    ] {
        assert_eq!(line[name], value);
    }
    assert_eq!(line["depth"], 3);
}

#[test]
fn a_field_cannot_pass_for_the_level_but_a_span_may_name_its_service() {
    let lines = logged(|| {
        let _span = tracing::info_span!("service", service = "auth-svc").entered();
        tracing::info!(level = "ERROR", "said");
    });
    assert_eq!(lines[0]["level"], "INFO");
    assert_eq!(lines[0]["level_"], "ERROR");
    assert_eq!(lines[0]["service"], "auth-svc");
}

#[test]
fn an_error_is_logged_with_its_causes() {
    let cause = io::Error::other("the disk is full");
    let error = ops::StartError::internal("the journal cannot be written", cause);
    let lines = logged(|| {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::error!(error, "ended");
    });
    assert_eq!(
        lines[0]["error"],
        "the journal cannot be written: the disk is full"
    );
}

#[test]
fn an_open_port_is_announced_in_one_form() {
    let lines = logged(|| ops::announce("listener", "127.0.0.1:8080".parse().unwrap()));
    assert_eq!(lines[0]["message"], "listening");
    assert_eq!(lines[0]["port_name"], "listener");
    assert_eq!(lines[0]["address"], "127.0.0.1:8080");
}
