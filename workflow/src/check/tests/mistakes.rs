//! Mistakes of meaning, each on its own.

use super::{
    Options, answers, assert_fine, assert_one, check_text, continues, document, judge, lines,
    listens,
};

fn data(more: &str) -> String {
    listens(&format!("return_type: data, return_data: ok, {more}"))
}

#[test]
fn two_steps_cannot_share_an_id() {
    assert_one(
        &answers("- {id: a, type: log, message: m, then: [{id: a, type: log, message: m}]}"),
        "error duplicate_id spec.steps[0].then[0].id",
    );
}

#[test]
fn a_script_that_does_not_compile_names_line_and_column() {
    for (text, path) in [
        (
            listens("return_type: data, return_data: '{{ __data.x'"),
            "spec.listener.return_data",
        ),
        (
            answers("- {id: a, type: log, message: '{% if %}'}"),
            "spec.steps[0].message",
        ),
        (
            answers("- {id: a, type: store_value, name: v, value: {deep: ['{{ 1 + }}']}}"),
            "spec.steps[0].value.deep[0]",
        ),
        (
            answers("- {id: a, type: condition, left: '{{ )) }}', operator: empty}"),
            "spec.steps[0].left",
        ),
        (
            answers(
                "- {id: a, type: http_request, url: 'https://a.example', headers: {X-A: '{{ | }}'}}",
            ),
            "spec.steps[0].headers.X-A",
        ),
    ] {
        assert_one(&text, &format!("error script {path}"));
        let message = judge(&text).problems.remove(0).message;
        assert!(message.contains("line 1, column "), "{message}");
    }
}

#[test]
fn a_reply_that_is_made_without_a_run_reads_no_secret() {
    for (field, path) in [
        ("return_data: '{{ secret(\"K\") }}'", "return_data"),
        (
            "return_data: ok, return_headers: {X-A: '{{ hashHmac(\"a\", secret(\"K\")) }}'}",
            "return_headers.X-A",
        ),
    ] {
        let report = judge(&listens(&format!("return_type: data, {field}")));
        let errors: Vec<_> = lines(&report)
            .into_iter()
            .filter(|line| line.starts_with("error"))
            .collect();
        assert_eq!(
            errors,
            [format!("error secret_in_async_reply spec.listener.{path}")]
        );
        assert!(report.problems[0].hint.contains("run_mode: sync"));
    }
    assert_fine(&answers(
        "- {id: a, type: store_value, name: v, value: '{{ hashHmac(\"a\", secret(\"K\")) }}'}",
    ));
}

#[test]
fn origins_come_from_variables_that_are_named_and_from_no_secret() {
    let origins = |script: &str| data(&format!("allow_cors: true, cors_domains: '{script}'"));
    assert_fine(&origins("{{ variable(\"ORIGINS\") }}"));
    let path = "spec.listener.cors_domains";
    assert_one(
        &origins("{{ secret(\"ORIGINS\") }}"),
        &format!("error secret_origin {path}"),
    );
    assert_one(
        &origins("{{ variable(\"ORI\" ~ \"GINS\") }}"),
        &format!("error computed_variable {path}"),
    );
    assert_fine(&answers(
        "- {id: a, type: log, message: '{{ variable(__data.name) }}'}",
    ));
}

#[test]
fn a_secret_that_a_caller_could_choose_is_refused() {
    let report = judge(&answers(
        "- {id: a, type: store_value, name: v, value: '{{ hashHmac(\"a\", secret(__data.name)) }}'}",
    ));
    assert_eq!(lines(&report), ["error script spec.steps[0].value"]);
    assert!(report.problems[0].message.contains("must never choose"));
    assert!(report.problems[0].hint.contains("write the name itself"));
}

#[test]
fn a_workflow_uses_a_hundred_secrets_at_most() {
    let call = |number| format!("secret(\"S{number}\")");
    let step = |count| {
        let calls: Vec<String> = (0..count).map(call).collect();
        format!(
            "- {{id: a, type: store_value, name: v, value: '{{{{ {} }}}}'}}",
            calls.join(" ~ ")
        )
    };
    assert_fine(&answers(&step(100)));
    assert_one(&answers(&step(101)), "error too_many_settings spec");
}

#[test]
fn what_a_document_uses_is_told_with_the_judgement() {
    let report = judge(&document(
        "run_mode: sync\nlistener: {return_type: data, return_data: '{{ variable(\"A\") }}', allow_cors: true, \
         cors_domains: '{{ variable(\"B\") }}', add_authentication: true, endpoint_key: '{{ variable(\"C\") }}'}\n\
         steps: [{id: a, type: http_request, url: 'https://a.example', headers: {X-A: '{{ secret(\"D\") }}'}}]",
    ));
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(report.uses.variables, named(&["A", "B"]));
    assert_eq!(report.uses.secrets, named(&["D"]));
    assert_eq!(report.origin_uses.variables, named(&["B"]));
    assert_eq!(report.secret_places["D"], "spec.steps[0].headers.X-A");
    let plan = crate::machine::Plan::compile(report.document.as_ref().unwrap()).unwrap();
    assert_eq!(*plan.secrets(), named(&["D"]));
}

#[test]
fn a_secret_that_does_not_compile_is_not_quoted() {
    let report = judge(&data(
        "add_authentication: true, endpoint_secret: '{{ hunter2-hunter2 hunter2-hunter2'",
    ));
    assert_eq!(
        lines(&report),
        ["error script spec.listener.endpoint_secret"]
    );
    let shown = serde_json::to_string(&report).unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn credentials_and_origins_never_see_the_request() {
    for (fields, field) in [
        (
            "add_authentication: true, endpoint_key: '{{ __data.key }}'",
            "endpoint_key",
        ),
        (
            "add_authentication: true, endpoint_secret: '{{ __data.s }}'",
            "endpoint_secret",
        ),
        (
            "allow_cors: true, cors_domains: '{{ __data.__headers.origin }}'",
            "cors_domains",
        ),
    ] {
        assert_one(
            &data(fields),
            &format!("error request_data spec.listener.{field}"),
        );
    }
    assert_fine(&data(
        "add_authentication: true, endpoint_secret: '{{ secret(\"S\") }}', allow_cors: true, \
         cors_domains: '{{ variable(\"ORIGINS\") }}'",
    ));
}

#[test]
fn a_short_secret_is_refused_and_not_shown() {
    let text = data("add_authentication: true, endpoint_secret: 'hunter2hunter2'");
    assert_one(&text, "error short_secret spec.listener.endpoint_secret");
    let report = judge(&text);
    assert!(!serde_json::to_string(&report).unwrap().contains("hunter2"));
    assert_one(
        &data(
            "add_authentication: true, endpoint_secret_previous: {secret: short, expires_at: '2026-12-01T00:00:00Z'}",
        ),
        "error short_secret spec.listener.endpoint_secret_previous.secret",
    );
}

#[test]
fn an_empty_key_is_refused() {
    assert_one(
        &data("add_authentication: true, endpoint_key: ' '"),
        "error empty_key spec.listener.endpoint_key",
    );
}

#[test]
fn cors_needs_origins_and_they_must_be_origins() {
    assert_one(
        &data("allow_cors: true"),
        "error required spec.listener.cors_domains",
    );
    for bad in [
        "a.example",
        "https://a.example/x",
        "https://a.example; https://b.example",
        ",",
    ] {
        assert_one(
            &data(&format!("allow_cors: true, cors_domains: '{bad}'")),
            "error origin spec.listener.cors_domains",
        );
    }
    assert_fine(&data(
        "allow_cors: true, cors_domains: 'https://a.example, https://*.b.example:8443,null'",
    ));
}

#[test]
fn the_body_cap_of_the_operator_holds() {
    let text = data("max_body_bytes: 2000");
    let options = Options {
        max_body_bytes: 1000,
        ..Options::default()
    };
    let report = check_text(&text, options);
    assert_eq!(lines(&report), ["error range spec.listener.max_body_bytes"]);
    assert_fine(&text);
}

#[test]
fn dates_delays_and_windows_that_cannot_be_meant_are_told() {
    let with = |settings: &str| answers(&format!("- {{id: a, type: log, message: m, {settings}}}"));
    for (settings, problem) in [
        (
            "when: {after: 367 days}",
            "error out_of_range spec.steps[0].when.after",
        ),
        (
            "when: {at: '2026-02-30'}",
            "error not_a_date spec.steps[0].when.at",
        ),
        (
            "when: {at: '2026-02-03', timezone: Europe/Atlantis}",
            "error unknown_timezone spec.steps[0].when.timezone",
        ),
        (
            "window: {timezone: Europe/Atlantis}",
            "error unknown_timezone spec.steps[0].window.timezone",
        ),
        (
            "window: {skip_days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]}",
            "error never_due spec.steps[0].window.skip_days",
        ),
    ] {
        let report = check_text(&with(settings), Options::default());
        assert_eq!(lines(&report).first().map(String::as_str), Some(problem));
    }
    assert_fine(&with(
        "when: {at: '{{ __data.day }}', timezone: Europe/Berlin}",
    ));
    assert_fine(&with(
        "when: {after: 5 seconds}, window: {from: '22:00', to: '06:00', skip_days: [sunday]}",
    ));
}

#[test]
fn the_number_of_steps_is_bounded() {
    let text = answers("- {id: a, type: log, message: m}\n- {id: b, type: log, message: m}");
    let options = Options {
        max_steps: 1,
        ..Options::default()
    };
    assert_eq!(
        lines(&check_text(&text, options)),
        ["error too_many_steps spec.steps"]
    );
}

#[test]
fn redirects_go_to_the_web_or_to_this_host() {
    for target in [
        "ftp://a.example",
        "//a.example",
        "thanks",
        "javascript:{{ __data.x }}",
    ] {
        assert_one(
            &listens(&format!(
                "return_type: redirect, return_redirect: '{target}'"
            )),
            "error redirect_target spec.listener.return_redirect",
        );
    }
}

#[test]
fn a_status_must_suit_its_reply() {
    let path = "error status spec.listener.return_status";
    assert_one(&data("return_status: 302"), path);
    assert_one(&data("return_status: 204"), path);
    assert_one(
        &listens("return_type: redirect, return_redirect: /a, return_status: 200"),
        path,
    );
    assert_one(
        &listens("return_type: redirect, return_redirect: /a, return_status: 304"),
        path,
    );
    assert_fine(&listens(
        "return_type: data, return_data: '', return_status: 204",
    ));
    assert_one(
        &continues(
            "- {id: a, type: respond, return_type: html, return_html: x, return_status: 304}",
        ),
        "error status spec.steps[0].return_status",
    );
}

#[test]
fn headers_of_the_platform_cannot_be_set() {
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "X-Request-Id",
        "Access-Control-Allow-Origin",
    ] {
        assert_one(
            &data(&format!("return_headers: {{{name}: x}}")),
            &format!("error reserved_header spec.listener.return_headers.{name}"),
        );
    }
    assert_one(
        &answers("- {id: a, type: http_request, url: 'https://a.example', headers: {Host: x}}"),
        "error reserved_header spec.steps[0].headers.Host",
    );
    assert_one(
        &listens("return_type: redirect, return_redirect: /a, return_headers: {Location: /b}"),
        "error reserved_header spec.listener.return_headers.Location",
    );
}

#[test]
fn a_header_is_one_line_and_given_once() {
    assert_one(
        &data(r#"return_headers: {X-A: "a\r\nX-B: b"}"#),
        "error header_value spec.listener.return_headers.X-A",
    );
    assert_one(
        &data("return_headers: {X-A: a, x-a: b}"),
        "error duplicate_header spec.listener.return_headers.x-a",
    );
}

#[test]
fn reply_steps_stand_only_where_they_are_sent() {
    assert_one(
        &answers("- {id: a, type: respond, return_type: data, return_data: x}"),
        "error wrong_reply_step spec.steps[0]",
    );
    assert_one(
        &continues(
            "- {id: a, type: respond, return_type: data, return_data: x}\n- {id: b, type: sse_frame, data: x}",
        ),
        "error wrong_reply_step spec.steps[1]",
    );
    assert_one(
        &continues("- {id: a, type: log, message: m}"),
        "error no_reply spec.steps",
    );
}

#[test]
fn operands_must_suit_their_operator() {
    let condition = |test: &str| {
        answers(&format!(
            "- {{id: a, type: condition, left: '{{{{ __data.x }}}}', {test}}}"
        ))
    };
    for (test, code) in [
        ("operator: between, right: 5", "operand"),
        ("operator: between, right: [1]", "operand"),
        ("operator: in, right: abc", "operand"),
        ("operator: matches, right: '(a'", "regular_expression"),
        ("operator: matches, right: '(?=a)'", "regular_expression"),
        ("operator: matches, right: 5", "operand"),
    ] {
        assert_one(
            &condition(test),
            &format!("error {code} spec.steps[0].right"),
        );
    }
    // Without case the pattern is larger, and a run compiles it so.
    let large = format!("operator: matches, right: '{}'", "k{999}".repeat(8));
    assert_fine(&condition(&large));
    assert_one(
        &condition(&format!("{large}, ignore_case: true")),
        "error regular_expression spec.steps[0].right",
    );
    for test in [
        "operator: between, right: [1, '{{ __data.high }}']",
        "operator: in, right: '{{ __data.list }}'",
        "operator: matches, right: '^a+$'",
        "operator: matches, right: '{{ __data.pattern }}'",
    ] {
        assert_fine(&condition(test));
    }
}

#[test]
fn a_case_needs_a_left_value_from_somewhere() {
    assert_one(
        &answers("- {id: a, type: switch, cases: [{any: [{operator: equal, right: x}]}]}"),
        "error required spec.steps[0].cases[0].any[0].left",
    );
}

#[test]
fn steps_that_no_run_reaches_are_refused() {
    let log = "[{id: b, type: log, message: m}]";
    let condition = |test: &str| answers(&format!("- {{id: a, type: condition, {test}}}"));
    assert_one(
        &condition(&format!(
            "left: push, operator: equal, right: push, no: {log}"
        )),
        "error unreachable spec.steps[0].no",
    );
    assert_one(
        &condition(&format!(
            "left: push, operator: equal, right: pull, yes: {log}"
        )),
        "error unreachable spec.steps[0].yes",
    );
    assert_one(
        &condition(&format!(
            "any: [{{left: x, operator: not_empty}}, {{left: '{{{{ __data.x }}}}', operator: empty}}], no: {log}"
        )),
        "error unreachable spec.steps[0].no",
    );
    assert_one(
        &answers(&format!(
            "- {{id: a, type: log, message: m, continue_on_error: true, on_failure: {log}}}"
        )),
        "error unreachable spec.steps[0].on_failure",
    );
}

#[test]
fn cases_behind_one_that_leaves_nothing_are_refused() {
    let switch = |cases: &str| {
        answers(&format!(
            "- id: a\n  type: switch\n  value: '{{{{ __data.x }}}}'\n  cases: [{cases}]\n  \
             default: [{{id: d, type: log, message: m}}]\n"
        ))
    };
    assert_one(
        &switch("{operator: equal, right: p}, {operator: equal, right: p}"),
        "error unreachable spec.steps[0].cases[1]",
    );
    assert_one(
        &switch("{left: a, operator: equal, right: b}"),
        "error unreachable spec.steps[0].cases[0]",
    );
    assert_one(
        &switch("{operator: empty}, {operator: not_empty}"),
        "error unreachable spec.steps[0].default",
    );
    let report = judge(&switch(
        "{left: a, operator: equal, right: a}, {operator: empty}",
    ));
    assert_eq!(
        lines(&report),
        [
            "error unreachable spec.steps[0].cases[1]",
            "error unreachable spec.steps[0].default"
        ]
    );
}
