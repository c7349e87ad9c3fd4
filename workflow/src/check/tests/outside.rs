//! Steps that wait for what comes from outside, and those that publish to it.

use super::{answers, assert_fine, assert_one, judge, lines};

#[test]
fn a_resume_url_is_that_of_a_step_that_waits() {
    let wait = "- {id: approval, type: wait_for_callback, timeout: 5 seconds}";
    let asks = |script: &str| {
        answers(&format!(
            "- {{id: a, type: log, message: '{script}'}}\n{wait}"
        ))
    };
    assert_fine(&asks("{{ callbackUrl(\"approval\") }}"));
    let text = answers("- {id: a, type: log, message: '{{ callbackUrl(\"a\") }}'}");
    assert_one(&text, "error unknown_callback spec.steps[0].message");
    let computed = asks("{{ callbackUrl(\"approval\") }}{{ callbackUrl(__data.x) }}");
    assert!(
        lines(&judge(&computed)).contains(&"error script spec.steps[0].message".to_owned()),
        "{:?}",
        lines(&judge(&computed))
    );
}

#[test]
fn the_url_of_a_step_in_turns_is_asked_for_in_the_same_turn_and_not_outside() {
    let with = |inside: &str, collect: &str, outside: &str| {
        answers(&format!(
            "- {{id: before, type: wait_for_callback, timeout: 1 second}}\n\
             - {{id: say, type: log, message: '{{{{ callbackUrl(\"before\") }}}}{outside}'}}\n\
             - id: all\n  type: for_each\n  items: [1, 2]\n  result: every\n  collect: '{collect}'\n  do:\n    \
             - {{id: ask, type: log, message: '{inside}'}}\n    - {{id: ok, type: wait_for_callback, timeout: 1 second}}"
        ))
    };
    let (url, before) = ("{{ callbackUrl(\"ok\") }}", "{{ callbackUrl(\"before\") }}");
    assert_fine(&with(url, "x", ""));
    assert_fine(&with(&format!("{url} {before}"), "x", ""));
    assert_fine(&with("x", url, ""));
    let text = with(url, "x", url);
    assert_one(&text, "error unknown_callback spec.steps[1].message");
    let problems = judge(&text).problems;
    let hint = problems.iter().map(|problem| problem.hint.as_str()).next();
    assert_eq!(hint, Some("ask for the URL in `do` of `all`"));
}

#[test]
fn a_wait_has_an_end_within_the_longest_and_a_message_no_header_that_nats_acts_on() {
    for timeout in ["0 seconds", "367 days"] {
        for step in ["wait_for_callback", "call_workflow, workflow: other"] {
            let text = answers(&format!(
                "- {{id: w, type: {step}, timeout: {timeout}}}\n- {{id: a, type: log, message: x}}"
            ));
            let found = lines(&judge(&text));
            let wanted = "error out_of_range spec.steps[0].timeout".to_owned();
            assert!(found.contains(&wanted), "{found:?}");
        }
    }
    assert_one(
        &answers("- {id: p, type: publish_message, subject: a.b, headers: {Nats-Rollup: all}}"),
        "error reserved_header spec.steps[0].headers.Nats-Rollup",
    );
}
