//! Shared memory, as steps and scripts of a run use it.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, log, plan};
use super::{Effect, Errand, Event, Spot, StepOutcome};

impl Run {
    /// What was asked of shared memory so far, by step.
    fn questions(&self) -> Vec<(Spot, Errand)> {
        let questions = self.effects.iter().filter_map(|effect| match effect {
            Effect::Ask { step, errand } => Some((*step, errand.clone())),
            _ => None,
        });
        questions.collect()
    }

    fn told(&mut self, step: impl Into<Spot>, answer: &Json) {
        let (step, answer) = (step.into(), Ok(answer.clone()));
        self.event(Event::Answer { step, answer });
    }
}

fn get(name: &str) -> Errand {
    let name = name.to_owned();
    Errand::MemoryGet { name }
}

#[test]
fn a_script_that_asks_is_evaluated_again_with_the_answer_at_the_time_of_before() {
    let line = "{{ now('H:i:s') }} {{ memoryGet('a') }} {{ memoryGet('b', 'none') }} {{ uuid() }}";
    let mut run = Run::of(&json!([log("l", line), log("m", "meanwhile")]), &json!({}));
    assert_eq!(run.questions(), [(0.into(), get("a"))]);
    assert_eq!(run.lines(), ["meanwhile"]);
    let answer = |json: Json| Event::Answer {
        step: 0.into(),
        answer: Ok(json),
    };
    run.event_at(answer(json!("x")), "2026-03-01T12:00:05Z".parse().unwrap());
    assert_eq!(run.questions()[1], (0.into(), get("b")));
    run.event_at(answer(Json::Null), "2026-03-01T12:00:09Z".parse().unwrap());
    assert!(
        run.lines()[1].starts_with("12:00:00 x none "),
        "{:?}",
        run.lines()
    );
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn each_increment_of_a_step_has_an_id_of_its_own_that_stays_the_same() {
    let ids = || {
        let mut run = Run::of(
            &json!([log(
                "l",
                "{{ incrementAndGet('n') }} {{ incrementAndGet('n', 5) }}"
            )]),
            &json!({}),
        );
        run.told(0, &json!(1));
        run.told(0, &json!(6));
        assert_eq!(run.lines(), ["1 6"]);
        let ids = run
            .questions()
            .into_iter()
            .map(|(_, question)| match question {
                Errand::MemoryAdd { id, by, .. } => (id, by),
                other => panic!("{other:?}"),
            });
        ids.collect::<Vec<_>>()
    };
    let first = ids();
    assert_eq!(first, ids());
    assert_ne!(first[0].0, first[1].0);
    assert_eq!([first[0].1, first[1].1], [1, 5]);
}

#[test]
fn set_memory_writes_a_value_or_adds_to_a_number() {
    let steps = json!([
        {"id": "set", "type": "set_memory", "memory": "a:{{ __data.k }}", "value": {"n": "{{ __data.n }}"}, "ttl": "2 hours"},
        {"id": "add", "type": "set_memory", "memory": "count", "increment": "{{ __data.n }}", "result": "count",
         "then": [log("l", "{{ __data.count + 1 }}")]},
        {"id": "gone", "type": "set_memory", "memory": "old", "value": null},
    ]);
    let mut run = Run::of(&steps, &json!({"k": "x", "n": 3}));
    let questions = run.questions();
    let keep = Some(Duration::from_secs(7_200));
    assert_eq!(
        questions[0].1,
        Errand::MemorySet {
            name: "a:x".into(),
            value: json!({"n": 3}),
            keep
        }
    );
    let Errand::MemoryAdd {
        name,
        by: 3,
        keep: None,
        id,
    } = &questions[1].1
    else {
        panic!("{questions:?}")
    };
    assert!(name == "count" && id.ends_with(":add"), "{id}");
    assert_eq!(
        questions[2].1,
        Errand::MemorySet {
            name: "old".into(),
            value: Json::Null,
            keep: None
        }
    );
    run.told(questions[1].0, &json!(10));
    assert_eq!(run.lines(), ["11"]);
    run.told(questions[0].0, &Json::Null);
    run.told(questions[2].0, &Json::Null);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_memory_refuses_fails_the_step() {
    let steps = json!([{"id": "add", "type": "set_memory", "memory": "n", "increment": 1, "on_failure": [log("l", "no")]}]);
    let mut run = Run::of(&steps, &json!({}));
    let answer = Err("`n` is no number".to_owned());
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    assert_eq!(run.lines(), ["no"]);
    for (name, increment) in [("", json!(1)), ("n", json!("1.5")), ("n", json!("many"))] {
        let steps =
            json!([{"id": "add", "type": "set_memory", "memory": name, "increment": increment}]);
        let run = Run::of(&steps, &json!({}));
        assert!(
            matches!(run.step("add"), Some(StepOutcome::Failed { .. })),
            "{name} {increment}"
        );
    }
}

#[test]
fn the_reply_of_the_listener_asks_before_the_run_ends() {
    let listener =
        json!({"return_type": "data", "return_data": "{\"hits\": {{ incrementAndGet('hits') }}}"});
    let steps = json!([{"id": "s", "type": "stop"}, log("never", "x")]);
    for steps in [json!([]), steps] {
        let mut run = Run::start(plan("sync", &listener, &steps), &json!({}));
        assert_eq!(run.outcome(), None);
        let (step, _) = run.questions().remove(0);
        run.told(step, &json!(41));
        assert_eq!(run.body(), "{\"hits\": 41}");
        assert_eq!(run.outcome(), Some(Outcome::Succeeded));
        assert!(run.lines().is_empty());
    }
    let mut run = Run::start(plan("sync", &listener, &json!([])), &json!({}));
    let (step, _) = run.questions().remove(0);
    let answer = Err("memory is away".to_owned());
    run.event(Event::Answer { step, answer });
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn what_the_reply_adds_is_not_taken_for_what_a_step_of_the_name_reply_added() {
    let listener =
        json!({"return_type": "data", "return_data": "{\"hits\": {{ incrementAndGet('hits') }}}"});
    let steps = json!([log("reply", "{{ incrementAndGet('hits') }}")]);
    let mut run = Run::start(plan("sync", &listener, &steps), &json!({}));
    run.told(0, &json!(1));
    let ids: Vec<String> = run
        .questions()
        .into_iter()
        .filter_map(|(_, errand)| match errand {
            Errand::MemoryAdd { id, .. } => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}
