//! Documents with one mistake of structure each, with the line that reports it.

use super::{answers, continues, document, listens};

/// Makes a whole document of the part that is wrong.
type Builder<'a> = &'a dyn Fn(&str) -> String;

/// Every such document.
pub(super) fn cases() -> Vec<(String, String)> {
    let condition = |test: &str| answers(&format!("- {{id: a, type: condition, {test}}}"));
    let case = |case: &str| {
        answers(&format!(
            "- {{id: a, type: switch, value: '{{{{ __data.x }}}}', cases: [{case}]}}"
        ))
    };
    let data = |more: &str| listens(&format!("return_type: data, return_data: ok, {more}"));
    let mut cases = around();
    let tables: [(Builder<'_>, &[(&str, &str)]); 6] = [
        (&listens, LISTENERS),
        (&data, SETTINGS),
        (&answers, STEPS),
        (&continues, REPLIES),
        (&condition, CONDITIONS),
        (&case, CASES),
    ];
    for (build, table) in tables {
        let rows = table.iter();
        cases.extend(rows.map(|(text, expected)| (build(text), (*expected).to_owned())));
    }
    cases
}

fn around() -> Vec<(String, String)> {
    let fine = listens("return_type: data, return_data: ok");
    let cases = [
        ("[]".to_owned(), "error type "),
        (
            fine.replace("earshot/v1", "earshot/v2"),
            "error unknown_word apiVersion",
        ),
        (
            fine.replace("kind: Workflow", "kind: Flow"),
            "error unknown_word kind",
        ),
        (fine.replace("kind:", "knid:"), "error unknown_field knid"),
        (fine.replace("kind: Workflow\n", ""), "error required kind"),
        (
            fine.replace("{name: test}", "{name: Test}"),
            "error format metadata.name",
        ),
        (
            fine.replace("{name: test}", "{name: 12}"),
            "error type metadata.name",
        ),
        (
            fine.replace("{name: test}", "{}"),
            "error required metadata.name",
        ),
        (
            fine.replace("{name: test}", "{name: test, labels: {a: 1}}"),
            "error type metadata.labels.a",
        ),
        (
            fine.replace("virtual", "contact"),
            "error unknown_word spec.record_type",
        ),
        (
            fine.replace("source: listener", "source: webhook"),
            "error unknown_word spec.source",
        ),
        (
            document("run_mode: later\nlistener: {return_type: data, return_data: ok}"),
            "error unknown_word spec.run_mode",
        ),
        (
            document("schedule: {every: 1 hour}\nlistener: {return_type: data, return_data: ok}"),
            "error conflict spec.schedule",
        ),
        (document("run_mode: sync"), "error required spec.listener"),
        (
            document("listener: {return_type: data, return_data: ok}\nsteps: {}"),
            "error type spec.steps",
        ),
        (
            document("listener: {return_type: data, return_data: ok}\nsteps:"),
            "error type spec.steps",
        ),
    ];
    cases
        .into_iter()
        .map(|(text, expected)| (text, expected.to_owned()))
        .collect()
}

/// Fields of a listener.
const LISTENERS: &[(&str, &str)] = &[
    (
        "return_data: ok",
        "error required spec.listener.return_type",
    ),
    (
        "return_type: text",
        "error unknown_word spec.listener.return_type",
    ),
    (
        "return_type: data",
        "error required spec.listener.return_data",
    ),
    (
        "return_type: html, return_html: a, return_data: b",
        "error conflict spec.listener.return_data",
    ),
    (
        "return_type: sse, return_status: 200",
        "error conflict spec.listener.return_status",
    ),
];

/// Further fields of a `data` listener.
const SETTINGS: &[(&str, &str)] = &[
    (
        "return_dat: x",
        "error unknown_field spec.listener.return_dat",
    ),
    (
        "return_status: 99",
        "error range spec.listener.return_status",
    ),
    (
        "return_status: '200'",
        "error type spec.listener.return_status",
    ),
    (
        "return_headers: {'a b': c}",
        "error header_name spec.listener.return_headers[\"a b\"]",
    ),
    (
        "return_headers: {a: [c]}",
        "error type spec.listener.return_headers.a",
    ),
    (
        "add_authentication: yes",
        "error type spec.listener.add_authentication",
    ),
    (
        "add_authentication: true, endpoint_secret_previous: {secret: '0123456789012345678901234567890123'}",
        "error required spec.listener.endpoint_secret_previous.expires_at",
    ),
    ("methods: []", "error range spec.listener.methods"),
    (
        "methods: [get]",
        "error unknown_word spec.listener.methods[0]",
    ),
    (
        "max_body_bytes: 0",
        "error range spec.listener.max_body_bytes",
    ),
    (
        "rate_limit: {requests: 10, per: day}",
        "error unknown_word spec.listener.rate_limit.per",
    ),
    (
        "rate_limit: {requests: 10}",
        "error required spec.listener.rate_limit.per",
    ),
    (
        "sync_timeout: 301",
        "error range spec.listener.sync_timeout",
    ),
    (
        "sync_timeout: 1.5",
        "error range spec.listener.sync_timeout",
    ),
    (
        "on_disconnect: stay",
        "error unknown_word spec.listener.on_disconnect",
    ),
    (
        "on_runner_lost: again",
        "error unknown_word spec.listener.on_runner_lost",
    ),
];

/// Steps of a `data` workflow.
const STEPS: &[(&str, &str)] = &[
    ("- just text", "error type spec.steps[0]"),
    (
        "- {type: log, message: m}",
        "error required spec.steps[0].id",
    ),
    ("- {id: a}", "error required spec.steps[0].type"),
    (
        "- {id: a, type: lgo, message: m}",
        "error unknown_type spec.steps[0].type",
    ),
    (
        "- {id: A, type: log, message: m}",
        "error format spec.steps[0].id",
    ),
    (
        "- {id: a, type: log}",
        "error required spec.steps[0].message",
    ),
    (
        "- {id: a, type: log, message: 5}",
        "error type spec.steps[0].message",
    ),
    (
        "- {id: a, type: log, message: m, level: loud}",
        "error unknown_word spec.steps[0].level",
    ),
    (
        "- {id: a, type: log, message: m, when: now}",
        "error type spec.steps[0].when",
    ),
    (
        "- {id: a, type: log, message: m, when: {after: soon}}",
        "error format spec.steps[0].when.after",
    ),
    (
        "- {id: a, type: log, message: m, when: {after: 1 hour, at: 2026-12-24}}",
        "error conflict spec.steps[0].when",
    ),
    (
        "- {id: a, type: log, message: m, window: {from: '25:00'}}",
        "error format spec.steps[0].window.from",
    ),
    (
        "- {id: a, type: http_request, url: 'https://a.example/', retry: {attempts: 21}}",
        "error range spec.steps[0].retry.attempts",
    ),
    (
        "- {id: a, type: log, message: m, retry: 3}",
        "error unknown_field spec.steps[0].retry",
    ),
    (
        "- {id: a, type: log, message: m, than: []}",
        "error unknown_field spec.steps[0].than",
    ),
    (
        "- {id: a, type: log, message: m, then: [{id: b, type: stop, after: 1}]}",
        "error unknown_field spec.steps[0].then[0].after",
    ),
    (
        "- {id: a, type: stop, then: []}",
        "error unreachable spec.steps[0].then",
    ),
    (
        "- {id: a, type: stop, outcome: ok}",
        "error unknown_word spec.steps[0].outcome",
    ),
    (
        "- {id: a, type: store_value, name: __a, value: 1}",
        "error format spec.steps[0].name",
    ),
    (
        "- {id: a, type: store_value, value: 1}",
        "error required spec.steps[0].name",
    ),
    (
        "- {id: a, type: store_value, name: a}",
        "error required spec.steps[0].value",
    ),
    (
        "- {id: a, type: http_request}",
        "error required spec.steps[0].url",
    ),
    (
        "- {id: a, type: http_request, url: 'https://a.example', json: {}, body: x}",
        "error conflict spec.steps[0]",
    ),
    (
        "- {id: a, type: http_request, url: 'https://a.example', timeout: 121}",
        "error range spec.steps[0].timeout",
    ),
    (
        "- {id: a, type: http_request, url: 'https://a.example', fail_on: [6xx]}",
        "error range spec.steps[0].fail_on[0]",
    ),
    (
        "- {id: a, type: http_request, url: 'https://a.example', result: __x}",
        "error format spec.steps[0].result",
    ),
    (
        "- {id: a, type: switch, value: x, cases: []}",
        "error range spec.steps[0].cases",
    ),
    (
        "- {id: a, type: switch, value: x}",
        "error required spec.steps[0].cases",
    ),
];

/// Steps of a `continue` workflow.
const REPLIES: &[(&str, &str)] = &[
    (
        "- {id: a, type: respond, return_type: sse}",
        "error unknown_word spec.steps[0].return_type",
    ),
    (
        "- {id: a, type: respond, return_type: html, return_data: x, return_html: y}",
        "error conflict spec.steps[0].return_data",
    ),
];

/// Fields of a condition.
const CONDITIONS: &[(&str, &str)] = &[
    ("left: a, right: b", "error required spec.steps[0]"),
    (
        "operator: equal, right: '{{ __data.x }}'",
        "error required spec.steps[0].left",
    ),
    (
        "left: '{{ __data.x }}', operator: equal",
        "error required spec.steps[0].right",
    ),
    (
        "left: '{{ __data.x }}', operator: equals, right: b",
        "error unknown_word spec.steps[0].operator",
    ),
    (
        "left: '{{ __data.x }}', operator: empty, right: b",
        "error conflict spec.steps[0].right",
    ),
    (
        "left: '{{ __data.x }}', operator: equal, right: null",
        "error type spec.steps[0].right",
    ),
    ("all: []", "error range spec.steps[0].all"),
    (
        "all: [{left: '{{ __data.x }}', operator: empty}], any: [{left: '{{ __data.x }}', operator: empty}]",
        "error conflict spec.steps[0]",
    ),
    (
        "any: [{left: '{{ __data.x }}', operator: empty}], left: 1",
        "error conflict spec.steps[0].left",
    ),
    (
        "all: [{any: [{left: '{{ __data.x }}', operator: matchs, right: a}]}]",
        "error unknown_word spec.steps[0].all[0].any[0].operator",
    ),
    (
        "left: '{{ __data.x }}', operator: empty, then: []",
        "error unreachable spec.steps[0].then",
    ),
    (
        "left: '{{ __data.x }}', operator: empty, yes: [{id: b, type: lgo}]",
        "error unknown_type spec.steps[0].yes[0].type",
    ),
];

/// Cases of a switch.
const CASES: &[(&str, &str)] = &[
    (
        "{operator: equal}",
        "error required spec.steps[0].cases[0].right",
    ),
    (
        "{operator: empty, yes: []}",
        "error unknown_field spec.steps[0].cases[0].yes",
    ),
    (
        "{operator: empty, then: [{id: b}]}",
        "error required spec.steps[0].cases[0].then[0].type",
    ),
];
