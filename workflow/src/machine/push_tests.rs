//! Runs that start others.

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, log};
use super::{Effect, Errand, Event, Spot};

fn pushed(run: &Run) -> (Spot, String, Json, String) {
    let mut pushes = run.effects.iter().filter_map(|effect| match effect {
        Effect::Ask {
            step,
            errand: Errand::Push { workflow, data, by },
        } => {
            let data = serde_json::from_str(data).unwrap();
            Some((*step, workflow.clone(), data, by.clone()))
        }
        _ => None,
    });
    pushes.next().unwrap()
}

#[test]
fn a_push_hands_over_the_fields_of_the_run_and_goes_on_with_the_id_of_the_other() {
    let steps = json!([
        {"id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + 1 }}"},
        {"id": "hand_over", "type": "push_to_workflow", "workflow": "other", "result": "run",
         "then": [log("l", "{{ __data.run }}")]},
    ]);
    let mut run = Run::of(&steps, &json!({"a": 1, "b": {"c": [true]}}));
    let (step, workflow, data, by) = pushed(&run);
    assert_eq!((workflow.as_str(), by.as_str()), ("other", "hand_over"));
    assert_eq!(data, json!({"a": 1, "b": {"c": [true]}, "sum": 2}));
    run.event(Event::Answer {
        step,
        answer: Ok(json!("018f")),
    });
    assert_eq!(run.lines(), ["018f"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_push_hands_over_what_its_step_says_and_fails_where_it_cannot() {
    let steps = json!([{"id": "p", "type": "push_to_workflow", "workflow": "other",
        "data": {"who": "{{ __data.name }}", "n": "{{ __data.n }}"}, "on_failure": [log("l", "no")]}]);
    let mut run = Run::of(&steps, &json!({"name": "A \"B\"", "n": 7}));
    let (step, _, data, _) = pushed(&run);
    assert_eq!(data, json!({"who": "A \"B\"", "n": 7}));
    let answer = Err("there is no published workflow `other`".to_owned());
    run.event(Event::Answer { step, answer });
    assert_eq!(run.lines(), ["no"]);
}
