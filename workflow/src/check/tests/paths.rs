//! What is said about ways through the tree.

use super::{answers, assert_fine, assert_one, continues, document, judge, lines};

const REPLY: &str = "type: respond, return_type: data, return_data: ok";

fn branching(yes: &str, no: &str) -> String {
    continues(&format!(
        "- id: q\n  type: condition\n  left: '{{{{ __data.x }}}}'\n  operator: empty\n  \
         yes: [{yes}]\n  no: [{no}]\n"
    ))
}

#[test]
fn a_way_that_never_replies_is_named() {
    let text = branching(&format!("{{id: r, {REPLY}}}"), "");
    assert_one(&text, "warning never_replies spec.steps[0].no");
    let problem = judge(&text).problems.remove(0);
    assert!(problem.message.contains("`q (no)`"), "{}", problem.message);
    assert!(problem.message.contains("204"), "{}", problem.message);

    let text = branching(
        &format!("{{id: r, {REPLY}}}"),
        "{id: l, type: log, message: m}",
    );
    assert_one(&text, "warning never_replies spec.steps[0].no[0].then");
}

#[test]
fn every_silent_way_is_reported() {
    let text = continues(&format!(
        "- id: s\n  type: switch\n  value: '{{{{ __data.x }}}}'\n  cases:\n    \
         - {{operator: equal, right: a, then: [{{id: r, {REPLY}}}]}}\n    \
         - {{operator: equal, right: b, then: [{{id: e, type: stop}}]}}\n"
    ));
    assert_eq!(
        lines(&judge(&text)),
        [
            "warning never_replies spec.steps[0].default",
            "warning never_replies spec.steps[0].cases[1].then[0]"
        ]
    );
}

#[test]
fn a_way_that_fails_the_run_is_an_answer() {
    let stop = "{id: e, type: stop, outcome: failure}";
    assert_fine(&branching(&format!("{{id: r, {REPLY}}}"), stop));
}

#[test]
fn a_failure_that_is_dealt_with_must_reply_too() {
    assert_one(
        &continues(&format!(
            "- {{id: h, type: http_request, url: 'https://a.example', then: [{{id: r, {REPLY}}}], \
             on_failure: [{{id: l, type: log, message: m}}]}}"
        )),
        "warning never_replies spec.steps[0].on_failure[0].then",
    );
}

#[test]
fn a_reply_beside_the_way_counts() {
    assert_fine(&continues(&format!(
        "- {{id: r, {REPLY}}}\n- id: q\n  type: condition\n  left: '{{{{ __data.x }}}}'\n  \
         operator: empty\n  yes: [{{id: l, type: log, message: m}}]\n"
    )));
}

#[test]
fn a_second_reply_on_the_same_way_is_named() {
    let below = continues(&format!("- {{id: a, {REPLY}, then: [{{id: b, {REPLY}}}]}}"));
    assert_one(&below, "warning replies_twice spec.steps[0].then[0]");
    let message = judge(&below).problems.remove(0).message;
    assert!(message.contains("`a → b`"), "{message}");
    let beside = continues(&format!("- {{id: a, {REPLY}}}\n- {{id: b, {REPLY}}}"));
    assert_one(&beside, "warning replies_twice spec.steps[1]");
}

#[test]
fn replies_on_ways_that_exclude_each_other_are_fine() {
    assert_fine(&branching(
        &format!("{{id: a, {REPLY}}}"),
        &format!("{{id: b, {REPLY}}}"),
    ));
    assert_fine(&continues(&format!(
        "- {{id: a, {REPLY}, on_failure: [{{id: b, {REPLY}}}]}}"
    )));
    assert_fine(&continues(&format!(
        "- {{id: h, type: http_request, url: 'https://a.example', then: [{{id: a, {REPLY}}}], \
         on_failure: [{{id: b, {REPLY}}}]}}"
    )));
}

#[test]
fn steps_after_a_stop_in_the_same_list_are_unreachable() {
    let (stop, log) = ("{id: e, type: stop}", "{id: l, type: log, message: m}");
    let again = "{id: f, type: stop, outcome: failure}";
    let text = answers(&format!("- {stop}\n- {log}\n- {again}"));
    assert_eq!(
        lines(&judge(&text)),
        [
            "error unreachable spec.steps[1]",
            "error unreachable spec.steps[2]"
        ]
    );
    let message = judge(&text).problems.remove(0).message;
    assert!(message.contains("`e`"), "{message}");
    let below = |list: &str| {
        answers(&format!(
            "- {{id: a, type: log, message: m, then: [{list}]}}"
        ))
    };
    assert_one(
        &below(&format!("{stop}, {log}")),
        "error unreachable spec.steps[0].then[1]",
    );
    assert_fine(&below(&format!("{log}, {stop}")));
    // A `stop` that a run may pass by leaves what stands beside it in reach.
    assert_fine(&answers(&format!(
        "- {{id: q, type: condition, left: '{{{{ __data.x }}}}', operator: empty, yes: [{stop}]}}\n- {log}"
    )));
}

#[test]
fn a_request_that_a_stop_beside_it_cuts_off_is_warned_of() {
    let (call, stop) = (request("c", 5, ""), "{id: e, type: stop}");
    let text = answers(&format!("- {call}\n- {stop}"));
    assert_one(&text, "warning cut_off spec.steps[0]");
    let hint = judge(&text).problems.remove(0).hint;
    assert_eq!(hint, "put `e` into `then` of `c`");
    let within = answers(&format!(
        "- {{id: a, type: log, message: m, then: [{{id: q, type: condition, \
         left: '{{{{ __data.x }}}}', operator: empty, no: [{call}]}}]}}\n- {stop}"
    ));
    assert_one(&within, "warning cut_off spec.steps[0]");
    assert_fine(&answers(&format!("- {}", request("c", 5, stop))));
}

fn request(id: &str, timeout: u32, then: &str) -> String {
    format!(
        "{{id: {id}, type: http_request, url: 'https://a.example', timeout: {timeout}, then: [{then}]}}"
    )
}

#[test]
fn timeouts_that_add_up_past_the_deadline_are_named() {
    let chain = request("a", 20, &request("b", 11, ""));
    let text = answers(&format!("- {chain}"));
    assert_one(&text, "warning deadline spec.steps[0].then[0]");
    let message = judge(&text).problems.remove(0).message;
    assert!(
        message.contains("`a → b`") && message.contains("31 s"),
        "{message}"
    );
}

#[test]
fn timeouts_side_by_side_do_not_add_up() {
    let (a, b) = (request("a", 20, ""), request("b", 20, ""));
    assert_fine(&answers(&format!("- {a}\n- {b}")));
}

#[test]
fn what_follows_the_reply_does_not_keep_the_caller() {
    let after = request("a", 60, "");
    assert_fine(&continues(&format!(
        "- {{id: r, {REPLY}, then: [{after}]}}"
    )));
}

#[test]
fn an_asynchronous_hand_over_is_warned_of_unless_its_moment_is_named() {
    let steps = request("a", 60, &format!("{{id: r, {REPLY}}}"));
    let text = |listener: &str| document(&format!("listener: {{{listener}}}\nsteps:\n- {steps}"));
    assert_one(
        &text("return_type: continue"),
        "warning deadline spec.steps[0].then[0]",
    );
    assert_fine(&text("return_type: continue, continue_timeout: 5"));
}

#[test]
fn nothing_is_said_about_ways_where_a_step_is_unknown() {
    let text = branching(&format!("{{id: r, {REPLY}}}"), "{id: x, type: respnd}");
    assert_one(&text, "error unknown_type spec.steps[0].no[0].type");
}
