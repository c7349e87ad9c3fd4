//! Runs that take the answers of an earlier one wait for nothing.

use serde_json::json;
use shared::v1::reply::Outcome;

use super::testing::{Run, log, now, plan};
use crate::data::Data;
use crate::template::Surroundings;

#[test]
fn delays_dates_and_windows_are_over_at_once_and_the_log_says_so() {
    let mut steps = [log("delay", "1"), log("date", "2"), log("window", "3")];
    steps[0]["when"] = json!({"after": "3 days"});
    steps[1]["when"] = json!({"at": "2026-12-24 18:00"});
    // It is noon on a Sunday.
    steps[2]["window"] = json!({"from": "01:00", "to": "02:00", "skip_days": ["sunday"]});
    let run = Run::hurried(&json!(steps));
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.moments(), []);
    let lines = run.lines();
    let hurried: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("does not wait"))
        .collect();
    assert_eq!(hurried.len(), 3, "{lines:?}");
    assert!(hurried[0].contains("2026-03-04T12:00:00Z"), "{lines:?}");
    let said: Vec<_> = lines.iter().filter(|line| line.len() == 1).collect();
    assert_eq!(said, [&"1", &"2", &"3"]);
}

#[test]
fn a_date_that_is_none_fails_its_step_as_ever() {
    let mut step = log("date", "1");
    step["when"] = json!({"at": "soon"});
    assert_eq!(
        Run::hurried(&json!([step])).outcome(),
        Some(Outcome::Failed)
    );
}

#[test]
fn a_request_is_made_again_at_once_and_not_more_often() {
    let step = json!({"id": "ask", "type": "http_request", "url": "https://a.example/",
        "retry": {"attempts": 3, "delay": 60}});
    let mut run = Run::hurried(&json!([step]));
    for made in 1..=3 {
        assert_eq!(run.requests().len(), made);
        run.answer(0, 503, "{}");
    }
    assert_eq!(run.requests().len(), 3);
    assert_eq!(run.moments(), []);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn an_early_reply_is_made_of_the_request_and_only_where_no_run_is_waited_for() {
    let says = |mode: &str, text: &str| {
        let listener = json!({"return_type": "data", "return_data": text});
        plan(mode, &listener, &json!([]))
    };
    let data = Data::from_fields(&json!({"a": 7}));
    let surroundings = Surroundings::new(now(), 7);
    let early = |mode: &str, text: &str| says(mode, text).early_reply(&data, &surroundings);
    let reply = early("async", "{{ __data.a }} {{ now('Y') }}")
        .unwrap()
        .unwrap();
    assert_eq!((reply.status, reply.body), (200, b"7 2026".to_vec()));
    assert!(early("sync", "{{ __data.a }}").is_none());
    let refused = early("async", "{{ 1 / 0 }}").unwrap();
    assert!(refused.is_err(), "{refused:?}");
    let streams = plan("async", &json!({"return_type": "sse"}), &json!([]));
    assert!(streams.early_reply(&data, &surroundings).is_none());
}
