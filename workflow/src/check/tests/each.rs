//! What is said about `for_each`.

use super::{answers, assert_fine, assert_one, continues, judge};

const REPLY: &str = "type: respond, return_type: data, return_data: ok";

/// A `for_each` over a list of the request, with more fields.
fn each(fields: &str) -> String {
    format!("{{id: each, type: for_each, items: '{{{{ __data.list }}}}', {fields}}}")
}

fn log(id: &str, line: &str) -> String {
    format!("{{id: {id}, type: log, message: '{line}'}}")
}

fn one(fields: &str) -> String {
    answers(&format!("- {}", each(fields)))
}

fn does(steps: &str) -> String {
    one(&format!("do: [{steps}]"))
}

#[test]
fn a_for_each_with_all_that_it_may_have_is_fine() {
    let line =
        "{{ __data.order }} {{ __data.__each.number }} {{ __data.__each.key }} {{ __data.x }}";
    assert_fine(&one(&format!(
        "as: order, concurrency: 100, on_error: stop, collect: '{{{{ __data.x }}}}', result: all, \
         do: [{{id: x, type: store_value, name: x, value: 1, then: [{}]}}], \
         then: [{}], on_failure: [{}], when: {{after: 5 seconds}}",
        log("l", line),
        log("a", "{{ __data.all }}"),
        log("b", "{{ __data.all }}"),
    )));
}

#[test]
fn what_is_missing_or_cannot_be_is_refused() {
    let l = log("l", "m");
    let path = "spec.steps[0]";
    for (fields, problem) in [
        ("as: x".to_owned(), "required spec.steps[0].do"),
        ("do: []".to_owned(), "range spec.steps[0].do"),
        (format!("do: [{l}], as: __x"), "format spec.steps[0].as"),
        (
            format!("do: [{l}], concurrency: 0"),
            "range spec.steps[0].concurrency",
        ),
        (
            format!("do: [{l}], concurrency: 101"),
            "range spec.steps[0].concurrency",
        ),
        (
            format!("do: [{l}], on_error: skip"),
            "unknown_word spec.steps[0].on_error",
        ),
        (
            format!("do: [{l}], collect: 1"),
            "required spec.steps[0].result",
        ),
        (
            format!("do: [{l}], result: all"),
            "required spec.steps[0].collect",
        ),
        (
            format!("do: [{l}], retry: {{}}"),
            "unknown_field spec.steps[0].retry",
        ),
        (
            format!("do: [{l}], steps: [{l}]"),
            "unknown_field spec.steps[0].steps",
        ),
    ] {
        assert_one(&one(&fields), &format!("error {problem}"));
    }
    for (items, code) in [
        ("items: null, ", "type"),
        ("items: 5, ", "type"),
        ("items: orders, ", "type"),
        ("", "required"),
    ] {
        let text = answers(&format!("- {{id: each, type: for_each, {items}do: [{l}]}}"));
        assert_one(&text, &format!("error {code} {path}.items"));
    }
    let text = answers(&format!(
        "- {{id: each, type: for_each, items: orders, do: [{l}]}}"
    ));
    assert_eq!(
        judge(&text).problems[0].hint,
        "did you mean `{{ __data.orders }}`?"
    );
}

#[test]
fn a_list_in_the_document_has_no_more_items_than_a_run_takes() {
    let list = |items: usize| {
        let items = vec!["1"; items].join(",");
        answers(&format!(
            "- {{id: each, type: for_each, items: [{items}], do: [{}]}}",
            log("l", "m")
        ))
    };
    assert_fine(&list(10_000));
    assert_one(&list(10_001), "error range spec.steps[0].items");
}

#[test]
fn ids_are_unique_across_turns_and_hold_no_bracket() {
    let text = does(&format!("{}, {}", log("l", "m"), log("l", "n")));
    assert_one(&text, "error duplicate_id spec.steps[0].do[1].id");
    let text = does("{id: 'l[0]', type: log, message: m}");
    assert_one(&text, "error format spec.steps[0].do[0].id");
}

#[test]
fn turns_within_turns_are_bound_in_depth_and_in_number() {
    let nested = |depth: usize, concurrency: u32| {
        let inner = (0..depth).fold(log("l", "m"), |inner, number| {
            format!(
                "{{id: e{number}, type: for_each, items: '{{{{ __data.list }}}}', concurrency: {concurrency}, \
                 do: [{inner}]}}"
            )
        });
        answers(&format!("- {inner}"))
    };
    assert_fine(&nested(4, 3));
    assert_one(
        &nested(5, 1),
        "error too_deep spec.steps[0].do[0].do[0].do[0].do[0].type",
    );
    assert_fine(&nested(2, 10));
    assert_one(
        &nested(2, 11),
        "error range spec.steps[0].do[0].concurrency",
    );
}

#[test]
fn what_turns_write_is_read_after_them_only_through_collect() {
    let call = "{id: c, type: http_request, url: 'https://a.example', result: answer}";
    let store = "{id: s, type: store_value, name: total, value: 1}";
    for (writer, name) in [(call, "answer"), (store, "total"), (&log("l", "m"), "item")] {
        let read = log("r", &format!("{{{{ __data.{name} }}}}"));
        let text = one(&format!("do: [{writer}], then: [{read}]"));
        assert_one(&text, "warning stays_in_turn spec.steps[0].then[0].message");
        let hint = judge(&text).problems.remove(0).hint;
        assert!(hint.contains("`collect` of `each`"), "{hint}");
        // Beside the step, a field of the request may be meant, but no answer.
        let beside = answers(&format!("- {}\n- {read}", each(&format!("do: [{writer}]"))));
        if writer == call {
            assert_one(&beside, "warning stays_in_turn spec.steps[1].message");
        } else {
            assert_fine(&beside);
        }
    }
    let within = call.replace(
        "answer}",
        "answer, then: [{id: r, type: log, message: '{{ __data.answer }}'}]}",
    );
    assert_fine(&one(&format!(
        "do: [{within}], collect: '{{{{ __data.answer }}}}', result: all"
    )));
}

#[test]
fn what_the_platform_says_of_a_turn_is_there_in_turns_alone() {
    let read = |path: &str| log("r", &format!("{{{{ __data.__each{path} }}}}"));
    assert_fine(&does(&read(".index")));
    for (text, place) in [
        (does(&read(".idnex")), "do[0].message"),
        (does(&read(".parent.index")), "do[0].message"),
        (
            one(&format!(
                "do: [{}], then: [{}]",
                log("l", "m"),
                read(".index")
            )),
            "then[0].message",
        ),
        (
            one(&format!(
                "do: [{}], when: {{at: '{{{{ __data.__each.index }}}}'}}",
                log("l", "m")
            )),
            "when.at",
        ),
    ] {
        assert_one(
            &text,
            &format!("warning undefined_name spec.steps[0].{place}"),
        );
    }
    let inner = format!(
        "{{id: inner, type: for_each, items: [1], do: [{}]}}",
        read(".parent.index")
    );
    assert_fine(&does(&inner));
}

#[test]
fn a_reply_in_turns_is_named_and_counts_as_a_reply() {
    let reply = format!("{{id: r, {REPLY}}}");
    let text = continues(&format!("- {}", each(&format!("do: [{reply}]"))));
    assert_one(&text, "warning replies_in_turns spec.steps[0].do[0]");
    let text = continues(&format!(
        "- {}",
        each(&format!("do: [{}], then: [{reply}]", log("l", "m")))
    ));
    assert_fine(&text);
    let after = format!("{{id: after, {REPLY}}}");
    let text = continues(&format!(
        "- {}",
        each(&format!("do: [{reply}], then: [{after}]"))
    ));
    let report = judge(&text);
    let codes: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["replies_in_turns", "replies_twice"]);
}

#[test]
fn a_final_frame_in_turns_is_named() {
    let text = super::document(&format!(
        "run_mode: sync\nlistener: {{return_type: sse}}\nsteps:\n- {}",
        each("do: [{id: f, type: sse_frame, data: x, final: true}]")
    ));
    assert_one(&text, "warning closes_in_turn spec.steps[0].do[0].final");
}

#[test]
fn timeouts_in_turns_count_once_for_the_deadline() {
    let call = |id: &str| {
        format!(
            "{{id: {id}, type: http_request, url: 'https://a.example', timeout: 20, result: {id}}}"
        )
    };
    let text = one(&format!("do: [{}], then: [{}]", call("a"), call("b")));
    let report = judge(&text);
    assert_eq!(
        super::lines(&report),
        ["warning deadline spec.steps[0].then[0]"]
    );
    let message = &report.problems[0].message;
    assert!(
        message.contains("40 s with one turn of each `for_each`"),
        "{message}"
    );
    assert_fine(&does(&call("a")));
}

#[test]
fn a_secret_that_turns_hand_out_is_seen_where_it_is_shown() {
    let text = one(&format!(
        "do: [{}], collect: '{{{{ secret(\"KEY\") }}}}', result: keys, then: [{}]",
        log("l", "m"),
        log("r", "{{ __data.keys }}")
    ));
    assert_one(&text, "warning secret_shown spec.steps[0].then[0].message");
}
