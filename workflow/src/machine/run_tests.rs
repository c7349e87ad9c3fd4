//! How runs go through the tree.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, call, log};
use super::{Effect, Event, Level, Machine, Plan, StepOutcome};

fn fail(id: &str) -> Json {
    json!({"id": id, "type": "store_value", "name": "x", "value": "{{ secret('NONE') }}"})
}

fn with(mut step: Json, more: &Json) -> Json {
    step.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    step
}

#[test]
fn plans_and_machines_can_be_shared_between_threads() {
    const fn shared<T: Send + Sync>() {}
    shared::<Plan>();
    shared::<Arc<Plan>>();
    shared::<Machine>();
}

#[test]
fn pure_steps_run_in_the_order_of_the_document() {
    let steps = json!([
        with(
            log("a", "1"),
            &json!({"then": [with(log("b", "2"), &json!({"then": [log("c", "3")]})), log("d", "4")]})
        ),
        log("e", "5"),
    ]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.lines(), ["1", "2", "3", "4", "5"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_workflow_without_steps_succeeds_at_once() {
    assert_eq!(
        Run::of(&json!([]), &json!({})).outcome(),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn a_condition_goes_one_way_only() {
    let steps = json!([{
        "id": "big", "type": "condition", "left": "{{ __data.n }}", "operator": "greater", "right": 10,
        "yes": [log("y", "yes")], "no": [log("n", "no")],
    }]);
    for (n, line) in [
        (json!("9"), "no"),
        (json!(11), "yes"),
        (json!("10000"), "yes"),
        (json!(null), "no"),
    ] {
        assert_eq!(Run::of(&steps, &json!({"n": n})).lines(), [line], "{n}");
    }
}

#[test]
fn groups_of_tests_nest_and_stop_early() {
    let steps = json!([{
        "id": "c", "type": "condition",
        "all": [
            {"left": "{{ __data.a }}", "operator": "equal", "right": 1},
            {"any": [
                {"left": "{{ __data.b }}", "operator": "is_empty"},
                {"left": "{{ __data.b }}", "operator": "in", "right": ["x", "{{ __data.c }}"]},
            ]},
        ],
        "yes": [log("y", "yes")], "no": [log("n", "no")],
    }]);
    for (fields, line) in [
        (json!({"a": 1}), "yes"),
        (json!({"a": "1", "b": "x"}), "yes"),
        (json!({"a": 1, "b": "z", "c": "z"}), "yes"),
        (json!({"a": 1, "b": "z"}), "no"),
        (json!({"a": 2}), "no"),
    ] {
        assert_eq!(Run::of(&steps, &fields).lines(), [line], "{fields}");
    }
}

#[test]
fn a_pattern_is_compiled_ahead_or_when_a_script_writes_it() {
    let steps = |pattern: &str| {
        json!([{
            "id": "c", "type": "condition", "left": "{{ __data.a }}", "operator": "matches", "right": pattern,
            "ignore_case": true, "yes": [log("y", "yes")], "no": [log("n", "no")],
        }])
    };
    assert_eq!(
        Run::of(&steps("^V[0-9]+$"), &json!({"a": "v12"})).lines(),
        ["yes"]
    );
    assert_eq!(
        Run::of(&steps("{{ __data.p }}"), &json!({"a": "xv12", "p": "^v"})).lines(),
        ["no"]
    );
    let broken = Run::of(&steps("{{ __data.p }}"), &json!({"a": "x", "p": "("}));
    assert_eq!(broken.outcome(), Some(Outcome::Failed));
    assert!(matches!(
        broken.step("c"),
        Some(StepOutcome::Failed { handled: false, .. })
    ));
}

#[test]
fn the_first_case_that_holds_wins_and_else_the_default() {
    let steps = json!([{
        "id": "s", "type": "switch", "value": "{{ __data.kind }}",
        "cases": [
            {"operator": "equal", "right": "a", "then": [log("one", "1")]},
            {"operator": "begins_with", "right": "a", "then": [log("two", "2")]},
            {"left": "{{ __data.n }}", "operator": "greater", "right": 5, "then": [log("three", "3")]},
            {"any": [{"operator": "equal", "right": "z"}], "then": [log("four", "4")]},
        ],
        "default": [log("other", "default")],
    }]);
    for (fields, line) in [
        (json!({"kind": "a"}), "1"),
        (json!({"kind": "ab", "n": 9}), "2"),
        (json!({"kind": "b", "n": "9"}), "3"),
        (json!({"kind": "z"}), "4"),
        (json!({}), "default"),
    ] {
        assert_eq!(Run::of(&steps, &fields).lines(), [line], "{fields}");
    }
}

#[test]
fn a_stored_value_keeps_its_type_and_is_read_by_later_steps() {
    let value = json!({"sum": "{{ __data.a + 1 }}", "list": ["{{ __data.l }}", 1, true, null], "text": "a={{ __data.a }}", "plain": "x"});
    let steps = json!([with(
        json!({"id": "s", "type": "store_value", "name": "total", "value": value}),
        &json!({
            "then": [log("l", "{{ __data.total.sum }} {{ __data.total.text }}")]
        })
    ),]);
    let run = Run::of(&steps, &json!({"a": 2, "l": [1, {"k": "v"}]}));
    let stored = script::value_to_json(&run.machine.data().get("total").unwrap());
    assert_eq!(
        stored,
        json!({"sum": 3, "list": [[1, {"k": "v"}], 1, true, null], "text": "a=2", "plain": "x"})
    );
    assert_eq!(run.lines(), ["3 a=2"]);
}

#[test]
fn a_failure_that_nothing_handles_ends_its_branch_and_marks_the_run() {
    let steps = json!([
        with(fail("bad"), &json!({"then": [log("never", "never")]})),
        log("other", "goes on")
    ]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.lines(), ["goes on"]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
    assert!(
        run.logs()
            .iter()
            .any(|(level, line)| *level == Level::Error && line.contains("secret"))
    );
}

#[test]
fn a_failure_goes_to_on_failure_where_there_is_one() {
    let steps = json!([with(
        fail("bad"),
        &json!({"then": [log("never", "never")], "on_failure": [log("f", "mended")]})
    )]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.lines(), ["mended"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert!(matches!(
        run.step("bad"),
        Some(StepOutcome::Failed { handled: true, .. })
    ));
}

#[test]
fn continue_on_error_goes_on_as_after_success() {
    let steps = json!([with(
        fail("bad"),
        &json!({
            "continue_on_error": true, "then": [log("t", "then")], "on_failure": [log("f", "failure")],
        })
    )]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.lines(), ["then"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn stop_ends_the_whole_run_at_once_with_its_outcome() {
    for (word, outcome) in [
        ("success", Outcome::Succeeded),
        ("failure", Outcome::Failed),
    ] {
        let steps = json!([
            call("c"),
            {"id": "end", "type": "stop", "outcome": word, "message": "enough of {{ __data.a }}"},
            log("never", "never"),
        ]);
        let mut run = Run::of(&steps, &json!({"a": "it"}));
        assert_eq!(run.outcome(), Some(outcome));
        assert!(run.logs().iter().any(|(_, line)| *line == "enough of it"));
        assert!(!run.lines().contains(&"never"));
        let before = run.machine.data().to_json();
        assert!(run.answer(0, 200, "{}").is_empty());
        assert_eq!(run.machine.data().to_json(), before);
    }
}

#[test]
fn stop_decides_even_after_another_branch_failed() {
    let run = Run::of(
        &json!([fail("bad"), {"id": "end", "type": "stop"}]),
        &json!({}),
    );
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_finished_run_never_changes_again() {
    let mut run = Run::of(&json!([call("c")]), &json!({}));
    run.answer(0, 200, "1");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    let before = run.machine.data().to_json();
    assert!(run.answer(0, 500, "2").is_empty());
    assert!(run.event(Event::Cancel).is_empty());
    assert_eq!(run.machine.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.machine.data().to_json(), before);
}

#[test]
fn a_cancelled_run_is_over_and_ignores_what_comes_late() {
    let mut run = Run::of(
        &json!([with(call("c"), &json!({"then": [log("l", "late")]}))]),
        &json!({}),
    );
    assert_eq!(
        run.event(Event::Cancel),
        [Effect::Finished(Outcome::Cancelled)]
    );
    assert!(run.answer(0, 200, "{}").is_empty());
    assert_eq!(run.outcome(), Some(Outcome::Cancelled));
}

#[test]
fn undefined_values_that_a_script_prints_are_named_once() {
    let run = Run::of(
        &json!([log("l", "{{ __data.nope }}{{ __data.nope }}{{ __data.a }}")]),
        &json!({"a": 1}),
    );
    let expected = Effect::Undefined {
        step: Some("l".to_owned()),
        names: vec!["__data.nope".to_owned()],
        places: vec![(1, 4)],
    };
    assert!(run.effects.contains(&expected), "{:?}", run.effects);
}

#[test]
fn two_steps_draw_different_random_values_and_a_replay_draws_the_same() {
    let store = |id: &str| json!({"id": id, "type": "store_value", "name": id, "value": "{{ uuid() }}{{ uuid() }}"});
    let steps = json!([store("a"), store("b")]);
    let values = || {
        let run = Run::of(&steps, &json!({}));
        assert_eq!(run.outcome(), Some(Outcome::Succeeded), "{:?}", run.effects);
        let read = |name: &str| run.machine.data().get(name).unwrap().to_string();
        (read("a"), read("b"))
    };
    let (a, b) = values();
    assert_ne!(a, b);
    assert_eq!((a, b), values());
}

#[test]
fn ten_thousand_steps_run_whether_side_by_side_or_in_a_switch() {
    let wide: Vec<Json> = (0..10_000).map(|n| log(&format!("s{n}"), "x")).collect();
    let run = Run::of(&json!(wide), &json!({}));
    assert_eq!(run.lines().len(), 10_000);
    let calls: Vec<Json> = (0..10_000).map(|n| call(&format!("c{n}"))).collect();
    assert_eq!(Run::of(&json!(calls), &json!({})).requests().len(), 10_000);
}

#[test]
fn a_tree_much_deeper_than_any_text_can_nest_needs_no_deep_stack() {
    let step: crate::document::Step = serde_json::from_value(log("s", "x")).unwrap();
    let deep = (0..10_000).fold(step.clone(), |below, _| {
        let mut above = step.clone();
        above.then = vec![below];
        above
    });
    let document = json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "test"},
        "spec": {"record_type": "virtual", "source": "listener", "listener": {"return_type": "continue"}},
    });
    let mut document: crate::document::Document = serde_json::from_value(document).unwrap();
    document.spec.steps = vec![deep];
    let plan = Arc::new(Plan::compile(&document).unwrap());
    // The typed tree itself is recursive; only the plan and its runs are the machine's business.
    std::mem::forget(document);
    let run = Run::start(plan, &json!({}));
    assert_eq!(run.lines().len(), 10_001);
}

#[test]
fn a_document_that_does_not_compile_says_where() {
    let text = |listener: Json, step: Json| {
        let document = json!({
            "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "test"},
            "spec": {"record_type": "virtual", "source": "listener", "listener": listener, "steps": [step]},
        });
        document.to_string()
    };
    let listener = json!({"return_type": "continue"});
    let pattern =
        json!({"id": "odd", "type": "condition", "left": "a", "operator": "matches", "right": "("});
    for (text, named) in [
        (text(listener.clone(), log("bad", "{{ 1 +")), "`bad`"),
        (text(listener, pattern), "`odd`"),
        (
            text(
                json!({"return_type": "data", "return_data": "{{ 1 +"}),
                log("l", "x"),
            ),
            "listener",
        ),
        ("{".to_owned(), "no workflow document"),
    ] {
        let error = Plan::from_json(&text).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_document_without_a_listener_runs_and_has_no_reply() {
    let text = json!({"apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "w"}, "spec": {
        "record_type": "virtual", "source": "manual",
        "steps": [{"id": "l", "type": "log", "message": "x"}],
    }});
    let plan = Plan::from_json(&text.to_string()).unwrap();
    assert_eq!((plan.return_type(), plan.reply_status()), (None, None));
    assert_eq!(plan.run_mode(), crate::document::RunMode::Async);
}

#[test]
fn values_that_steps_wrap_into_each_other_do_not_grow_without_bound() {
    let wrap = |n: usize| json!({"id": format!("s{n}"), "type": "store_value", "name": "a", "value": ["{{ __data.a }}"]});
    let steps: Vec<Json> = (0..1_000).map(wrap).collect();
    let run = Run::of(&json!(steps), &json!({"a": 1}));
    assert_eq!(run.step("s100"), Some(&StepOutcome::Succeeded));
    assert!(matches!(run.step("s200"), Some(StepOutcome::Failed { .. })));
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}
