//! Steps that wait, and requests that are made again. Every run here begins on Sunday, 1 March 2026, at 12:00 UTC.

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, call, log};
use super::{Event, StepOutcome};

fn with(mut step: Json, more: &Json) -> Json {
    let members = step.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    step
}

fn moment(step: usize, at: &str) -> (usize, String) {
    (step, at.to_owned())
}

#[test]
fn a_step_begins_so_long_after_the_one_above_it_and_its_siblings_go_on() {
    let late = with(
        log("late", "{{ now('H:i') }}"),
        &json!({"when": {"after": "90 minutes"}}),
    );
    let mut run = Run::of(&json!([late, log("now", "now")]), &json!({}));
    assert_eq!(run.lines(), ["now"]);
    assert_eq!(run.moments(), [moment(0, "2026-03-01T13:30:00Z")]);
    assert_eq!(run.outcome(), None);
    run.due(0, "2026-03-01T13:30:00.250Z");
    assert_eq!(run.lines(), ["now", "13:30"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_delay_counts_from_the_step_above_and_a_wait_may_stand_below_a_wait() {
    let inner = with(log("inner", "2"), &json!({"when": {"after": "1 day"}}));
    let outer = with(
        log("outer", "1"),
        &json!({"when": {"after": "10 seconds"}, "then": [inner]}),
    );
    let mut run = Run::of(&json!([outer]), &json!({}));
    run.due(0, "2026-03-01T12:00:10Z");
    assert_eq!(run.moments()[1], moment(1, "2026-03-02T12:00:10Z"));
    run.due(1, "2026-03-02T12:00:10Z");
    assert_eq!(run.lines(), ["1", "2"]);
}

#[test]
fn a_step_begins_at_a_date_that_a_script_says_and_at_once_where_it_has_passed() {
    let at = |date: &str, zone: &str| {
        json!([with(
            log("a", "x"),
            &json!({"when": {"at": date, "timezone": zone}})
        )])
    };
    for (date, zone, due) in [
        (
            "{{ __data.day }} 18:00",
            "UTC",
            Some("2026-03-05T18:00:00Z"),
        ),
        (
            "{{ __data.day }} 18:00",
            "Europe/Berlin",
            Some("2026-03-05T17:00:00Z"),
        ),
        (
            "2026-03-05T18:00:00+03:00",
            "UTC",
            Some("2026-03-05T15:00:00Z"),
        ),
        ("2026-02-28", "UTC", None),
    ] {
        let run = Run::of(&at(date, zone), &json!({"day": "2026-03-05"}));
        let due: Vec<_> = due.into_iter().map(|due| moment(0, due)).collect();
        assert_eq!(run.moments(), due, "{date}");
        assert_eq!(run.outcome().is_some(), due.is_empty());
    }
}

#[test]
fn a_date_that_is_none_fails_the_step() {
    let step = with(
        log("a", "x"),
        &json!({"when": {"at": "{{ __data.day }}"}, "on_failure": [log("b", "handled")]}),
    );
    let run = Run::of(&json!([step]), &json!({"day": "soon"}));
    assert_eq!(run.lines(), ["handled"]);
    let Some(StepOutcome::Failed { error, .. }) = run.step("a") else {
        panic!("{:?}", run.step("a"))
    };
    assert!(
        error.contains("`when.at`") && error.contains("`soon`"),
        "{error}"
    );
}

#[test]
fn a_step_that_is_due_outside_its_window_waits_for_it_and_is_never_dropped() {
    let window = json!({"from": "08:00", "to": "10:00", "skip_days": ["monday"]});
    let mut run = Run::of(
        &json!([with(log("a", "x"), &json!({"window": window}))]),
        &json!({}),
    );
    assert_eq!(run.moments(), [moment(0, "2026-03-03T08:00:00Z")]);
    // The platform was away: it is told late, and the window is closed again.
    run.due(0, "2026-03-03T11:00:00Z");
    assert_eq!(run.moments()[1], moment(0, "2026-03-04T08:00:00Z"));
    run.due(0, "2026-03-04T09:59:00Z");
    assert_eq!(run.lines(), ["x"]);
}

#[test]
fn a_moment_that_comes_twice_is_heard_once() {
    let late = with(log("late", "x"), &json!({"when": {"after": "1 hour"}}));
    let other = with(log("other", "y"), &json!({"when": {"after": "2 hours"}}));
    let mut run = Run::of(&json!([late, other]), &json!({}));
    run.due(0, "2026-03-01T13:00:00Z");
    assert!(run.due(0, "2026-03-01T13:00:00Z").is_empty());
    assert!(
        run.event(Event::HttpDone {
            step: 1.into(),
            result: Err("no".to_owned())
        })
        .is_empty()
    );
    assert_eq!(run.lines(), ["x"]);
}

#[test]
fn a_request_is_made_again_as_it_was_until_it_succeeds() {
    let retry =
        json!({"retry": {"attempts": 3, "delay": 10}, "method": "POST", "body": "{{ now('U') }}"});
    let mut run = Run::of(
        &json!([with(
            call("a"),
            &with(retry, &json!({"then": [log("b", "{{ __data.a.status }}")]}))
        )]),
        &json!({}),
    );
    run.answer(0, 503, "");
    let (step, at) = run.moments().remove(0);
    assert_eq!(step, 0);
    assert!(
        ("2026-03-01T12:00:05Z".to_owned().."2026-03-01T12:00:10.1Z".to_owned()).contains(&at),
        "{at}"
    );
    run.due(0, &at);
    run.answer(0, 503, "");
    let at = run.moments().remove(1).1;
    run.due(0, &at);
    run.answer(0, 200, "");
    let requests = run.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]));
    assert_eq!(run.lines(), ["200"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_request_fails_once_its_attempts_are_used_up_or_where_trying_again_is_no_use() {
    let step = with(
        call("a"),
        &json!({"retry": {"attempts": 2, "delay": 0}, "on_failure": [log("b", "{{ __data.a.status }}")]}),
    );
    let mut run = Run::of(&json!([step]), &json!({}));
    run.answer(0, 500, "");
    let at = run.moments().remove(0).1;
    run.due(0, &at);
    run.answer(0, 502, "");
    assert_eq!(run.lines(), ["502"]);
    let mut run = Run::of(&json!([step]), &json!({}));
    run.answer(0, 404, "");
    assert_eq!(run.lines(), ["404"]);
    assert_eq!(run.moments(), []);
}

#[test]
fn a_cancelled_run_waits_for_nothing() {
    let late = with(log("late", "x"), &json!({"when": {"after": "1 hour"}}));
    let mut run = Run::of(&json!([late]), &json!({}));
    run.event(Event::Cancel);
    assert_eq!(run.outcome(), Some(Outcome::Cancelled));
    assert!(run.due(0, "2026-03-01T13:00:00Z").is_empty());
}
