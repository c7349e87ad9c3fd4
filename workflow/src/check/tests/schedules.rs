//! Workflows without a listener.

use super::{assert_fine, assert_one, judge, lines};

/// A workflow of this source, with these lines within `spec`.
fn without_listener(source: &str, spec: &str) -> String {
    super::document(spec).replace("source: listener", &format!("source: {source}"))
}

fn scheduled(fields: &str) -> String {
    without_listener("scheduled", &format!("schedule: {{{fields}}}"))
}

#[test]
fn scheduled_and_manual_workflows_pass_without_a_listener() {
    for fields in [
        "every: 10 seconds",
        "every: 15 minutes, from: 2026-01-01, until: '2030-01-01 12:00', timezone: Europe/Berlin",
        "cron: 0 9 * * MON-FRI, timezone: America/New_York, data: {report: daily, top: [1, {a: null}]}",
        "cron: '@daily'",
    ] {
        assert_fine(&scheduled(fields));
    }
    assert_fine(&without_listener(
        "manual",
        "steps: [{id: a, type: log, message: 'x'}]",
    ));
    assert_fine(&without_listener("manual", "run_mode: async"));
}

#[test]
fn each_source_has_what_starts_it_and_nothing_else() {
    let listener = "listener: {return_type: data, return_data: ok}";
    let every = "schedule: {every: 1 hour}";
    for (source, spec, expected) in [
        (
            "scheduled",
            "run_mode: async",
            "error required spec.schedule",
        ),
        (
            "scheduled",
            &format!("{every}\n{listener}"),
            "error conflict spec.listener",
        ),
        ("manual", listener, "error conflict spec.listener"),
        ("manual", every, "error conflict spec.schedule"),
        (
            "listener",
            &format!("{every}\n{listener}"),
            "error conflict spec.schedule",
        ),
        ("timer", every, "error unknown_word spec.source"),
    ] {
        let report = judge(&without_listener(source, spec));
        assert!(
            lines(&report).contains(&expected.to_owned()),
            "{:?}",
            report.problems
        );
    }
}

#[test]
fn what_is_wrong_with_a_schedule_is_named_with_its_place() {
    for (fields, expected) in [
        ("cron: 0 25 * * *", "error cron spec.schedule.cron"),
        ("cron: 0 0 9 * * MON", "error cron spec.schedule.cron"),
        ("cron: 0 0 30 2 *", "error never_due spec.schedule.cron"),
        (
            "cron: 0 9 * * *, timezone: Europe/Berlin2",
            "error unknown_timezone spec.schedule.timezone",
        ),
        ("every: 9 seconds", "error out_of_range spec.schedule.every"),
        ("every: 367 days", "error out_of_range spec.schedule.every"),
        ("every: 5", "error type spec.schedule.every"),
        ("every: 5 weeks", "error format spec.schedule.every"),
        (
            "every: 1 day, from: 2026-02-30",
            "error not_a_date spec.schedule.from",
        ),
        (
            "every: 1 day, until: soon",
            "error format spec.schedule.until",
        ),
        (
            "every: 1 day, from: 2026-02-02, until: 2026-02-01",
            "error never_due spec.schedule.until",
        ),
        (
            "every: 1 day, data: {__jwt: 1}",
            "error reserved_name spec.schedule.data.__jwt",
        ),
        ("every: 1 day, data: [1]", "error type spec.schedule.data"),
        (
            "every: 1 day, window: {}",
            "error unknown_field spec.schedule.window",
        ),
    ] {
        assert_one(&scheduled(fields), expected);
    }
    let both = judge(&scheduled("every: 1 day, cron: 0 9 * * *"));
    assert!(
        lines(&both)[0].contains("spec.schedule"),
        "{:?}",
        both.problems
    );
    assert!(!judge(&scheduled("data: {}")).passes());
}

#[test]
fn nobody_waits_for_the_run_of_a_workflow_without_a_listener() {
    let path = "error nobody_waits spec.steps[0]";
    for step in [
        "{id: a, type: respond, return_type: data, return_data: x}",
        "{id: a, type: sse_frame, data: x}",
    ] {
        assert_one(
            &without_listener("manual", &format!("steps: [{step}]")),
            path,
        );
        let spec = format!("schedule: {{every: 1 hour}}\nsteps: [{step}]");
        assert_one(&without_listener("scheduled", &spec), path);
    }
    assert_one(
        &without_listener("manual", "run_mode: sync"),
        "error nobody_waits spec.run_mode",
    );
}

#[test]
fn a_run_without_a_caller_knows_why_it_runs_and_nothing_of_a_request() {
    let log = |name: &str| {
        let step =
            format!("steps: [{{id: a, type: log, message: '{{{{ __data.__request.{name} }}}}'}}]");
        without_listener("manual", &step)
    };
    for name in ["id", "source", "received_at", "scheduled_at"] {
        assert_fine(&log(name));
    }
    for name in ["method", "ip", "endpoint_id"] {
        assert_one(&log(name), "warning undefined_name spec.steps[0].message");
    }
}

#[test]
fn a_template_in_the_data_of_a_schedule_is_no_script() {
    assert_fine(&scheduled("every: 1 day, data: {text: '{{ broken'}"));
}
