//! Warnings about names and settings.

use super::{answers, assert_fine, assert_one, document, judge, lines, listens};

#[test]
fn a_field_at_the_top_level_gets_the_name_that_was_meant() {
    let text = listens("return_type: data, return_data: 'Hello {{ email }}'");
    assert_one(&text, "warning undefined_name spec.listener.return_data");
    let hint = judge(&text).problems.remove(0).hint;
    assert_eq!(hint, "did you mean `__data.email`?");
}

#[test]
fn names_that_scripts_define_are_no_mistake() {
    assert_fine(&listens(
        "return_type: data, return_data: '{% set n = 1 %}{{ n }}{% for v in __data.list %}{{ v }}{{ loop.index }}{% endfor %}{{ now(\"Y\") }}'",
    ));
}

#[test]
fn names_of_the_platform_that_do_not_exist_are_named() {
    for (script, hint) in [
        ("__data.__header.x", "did you mean `__headers`?"),
        ("__data.__request.methd", "did you mean `method`?"),
        (
            "__data.__headers.X_Event",
            "header names are lower case: `__data.__headers.x_event`",
        ),
    ] {
        let text = answers(&format!(
            "- {{id: a, type: log, message: '{{{{ {script} }}}}'}}"
        ));
        assert_one(&text, "warning undefined_name spec.steps[0].message");
        assert_eq!(judge(&text).problems.remove(0).hint, hint);
    }
}

#[test]
fn any_field_may_come_from_the_request() {
    assert_fine(&answers(
        "- {id: a, type: log, message: '{{ __data.webhook.body }} {{ __data.anything }} {{ __data.__request.ip }}'}",
    ));
}

#[test]
fn a_result_is_there_only_below_its_step() {
    let log = "{id: l, type: log, message: '{{ __data.webhook.status }}'}";
    let call = "id: h, type: http_request, url: 'https://a.example'";
    assert_fine(&answers(&format!("- {{{call}, then: [{log}]}}")));
    assert_fine(&answers(&format!("- {{{call}, on_failure: [{log}]}}")));
    let text = answers(&format!("- {{{call}}}\n- {log}"));
    assert_one(&text, "warning not_yet_written spec.steps[1].message");
    let text = answers(&format!(
        "- {{{call}, then: [], query: {{a: '{{{{ __data.webhook.body }}}}'}}}}"
    ));
    assert_one(&text, "warning not_yet_written spec.steps[0].query.a");
}

#[test]
fn an_asynchronous_reply_is_rendered_before_any_result() {
    let spec = |mode: &str| {
        document(&format!(
            "run_mode: {mode}\nlistener: {{return_type: data, return_data: '{{{{ __data.webhook.status }}}}'}}\n\
             steps: [{{id: h, type: http_request, url: 'https://a.example'}}]"
        ))
    };
    assert_fine(&spec("sync"));
    assert_one(
        &spec("async"),
        "warning not_yet_written spec.listener.return_data",
    );
}

#[test]
fn settings_without_effect_are_named() {
    let report = judge(&listens(
        "return_type: data, return_data: ok, endpoint_key: k, cors_domains: '*'",
    ));
    assert_eq!(
        lines(&report),
        [
            "warning no_effect spec.listener.endpoint_key",
            "warning no_effect spec.listener.cors_domains"
        ]
    );
    assert!(report.passes());
}

#[test]
fn settings_for_a_waiting_caller_are_named_where_nobody_waits() {
    let text = |mode: &str, more: &str| {
        document(&format!(
            "{mode}\nlistener: {{return_type: data, return_data: ok, {more}}}"
        ))
    };
    for mode in ["", "run_mode: async"] {
        for (setting, name) in [
            ("on_disconnect: cancel", "on_disconnect"),
            ("on_runner_lost: fail", "on_runner_lost"),
            ("on_runner_lost: resend", "on_runner_lost"),
        ] {
            assert_one(
                &text(mode, setting),
                &format!("warning no_effect spec.listener.{name}"),
            );
        }
        assert_fine(&text(mode, "on_disconnect: finish"));
    }
    assert_fine(&text(
        "run_mode: sync",
        "on_disconnect: cancel, on_runner_lost: fail",
    ));
}

#[test]
fn a_stream_without_a_frame_is_warned_of() {
    assert_one(&listens("return_type: sse"), "warning no_reply spec.steps");
}

#[test]
fn a_name_where_no_request_is_seen_gets_another_hint() {
    let text = listens(
        "return_type: data, return_data: ok, allow_cors: true, cors_domains: '{{ origins }}'",
    );
    assert_one(&text, "warning undefined_name spec.listener.cors_domains");
    let hint = judge(&text).problems.remove(0).hint;
    assert_eq!(hint, "did you mean `variable(\"origins\")`?");
}

#[test]
fn a_secret_that_can_reach_the_caller_or_the_log_is_warned_of() {
    assert_one(
        &document(
            "run_mode: sync\nlistener: {return_type: data, return_data: 'key: {{ secret(\"K\") }}'}",
        ),
        "warning secret_shown spec.listener.return_data",
    );
    assert_one(
        &answers("- {id: a, type: log, message: '{{ secret(\"K\") }}'}"),
        "warning secret_shown spec.steps[0].message",
    );
    assert_one(
        &answers(
            "- {id: a, type: store_value, name: key, value: '{{ secret(\"K\") }}', \
             then: [{id: b, type: log, message: '{{ __data.key }}'}]}",
        ),
        "warning secret_shown spec.steps[0].then[0].message",
    );
}

#[test]
fn a_secret_that_goes_to_another_service_is_fine() {
    assert_fine(&answers(
        "- {id: a, type: http_request, url: 'https://a.example', \
         headers: {Authorization: 'Bearer {{ secret(\"K\") }}'}}",
    ));
}
