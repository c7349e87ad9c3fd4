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
