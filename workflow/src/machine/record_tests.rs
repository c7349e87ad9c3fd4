//! What a run that is recorded tells of its steps.

use script::Value;
use serde_json::{Value as Json, json};

use super::testing::{Run, call, log, plan};
use super::{Effect, Evaluated};

fn recorded(steps: &Json, fields: &Json) -> Run {
    let plan = plan("sync", &json!({"return_type": "continue"}), steps);
    Run::recorded(plan, fields)
}

fn told(run: &Run) -> Vec<&Evaluated> {
    let told = run.effects.iter().filter_map(|effect| match effect {
        Effect::Evaluated(told) => Some(&**told),
        _ => None,
    });
    told.collect()
}

fn shown(value: &Value) -> Json {
    serde_json::to_value(value).unwrap()
}

#[test]
fn a_decision_tells_what_it_compared_and_how_it_went() {
    let steps = json!([
        {"id": "asked", "type": "condition", "left": "{{ __data.n }}", "operator": "greater", "right": 3},
        {"id": "which", "type": "switch", "value": "{{ __data.n }}", "cases": [
            {"operator": "equal", "right": 4, "then": []},
            {"operator": "equal", "right": 5, "then": []},
        ]},
    ]);
    let run = recorded(&steps, &json!({"n": 5}));
    let [asked, which] = told(&run)[..] else {
        panic!("{:?}", run.effects)
    };
    assert_eq!((asked.step.as_str(), asked.kind), ("asked", "condition"));
    let input: Vec<_> = asked.input.iter().map(|(n, v)| (*n, shown(v))).collect();
    assert_eq!(input, [("left", json!(5)), ("right", json!(3))]);
    assert_eq!(asked.output.as_ref().map(shown), Some(json!(true)));
    assert_eq!(which.output.as_ref().map(shown), Some(json!(1)));
}

#[test]
fn a_stored_value_is_told_and_so_is_every_other_step_before_its_end() {
    let steps = json!([
        {"id": "s", "type": "store_value", "name": "sum", "value": "{{ 1 + 1 }}"},
        log("l", "line"),
        call("c"),
    ]);
    let run = recorded(&steps, &json!({}));
    let kinds: Vec<_> = told(&run).iter().map(|told| told.kind).collect();
    assert_eq!(kinds, ["store_value", "log", "http_request"]);
    assert_eq!(told(&run)[0].output.as_ref().map(shown), Some(json!(2)));
    let place = |wanted: fn(&Effect) -> bool| run.effects.iter().position(wanted);
    assert!(
        place(|effect| matches!(effect, Effect::Evaluated(_)))
            < place(|effect| matches!(effect, Effect::StepFinished { .. }))
    );
}

#[test]
fn a_step_whose_script_fails_is_told_too() {
    let steps = json!([{"id": "l", "type": "log", "message": "{{ secret('X') }}"}]);
    let run = recorded(&steps, &json!({}));
    assert_eq!(told(&run).len(), 1, "{:?}", run.effects);
}

#[test]
fn a_run_that_is_not_recorded_tells_nothing() {
    let steps = json!([{"id": "s", "type": "store_value", "name": "sum", "value": 1}]);
    let run = Run::of(&steps, &json!({}));
    assert!(told(&run).is_empty());
}
