//! Steps that are done once for every item.

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, call, log, plan};
use super::{Effect, Errand, Event, Level, Spot, StepOutcome};

/// A `for_each` with these settings beside its steps.
fn each(items: &Json, steps: &Json, settings: &Json) -> Json {
    let mut step = json!({"id": "each", "type": "for_each", "items": items, "do": steps});
    let more = settings.as_object().unwrap().clone();
    step.as_object_mut().unwrap().extend(more);
    step
}

impl Run {
    fn name(&self, spot: Spot) -> String {
        self.machine.plan().name(spot)
    }

    fn spot(&self, name: &str) -> Spot {
        self.machine.plan().spot(name).unwrap()
    }

    /// The names of the spots that asked for a request, in order.
    fn called(&self) -> Vec<String> {
        let calls = self.effects.iter().filter_map(|effect| match effect {
            Effect::Http { step, .. } => Some(self.name(*step)),
            _ => None,
        });
        calls.collect()
    }

    fn answers(&mut self, name: &str, status: u16, body: &str) {
        let spot = self.spot(name);
        self.answer(spot, status, body);
    }

    fn failure(&self, id: &str) -> (&str, bool) {
        match self.step(id) {
            Some(StepOutcome::Failed { error, handled }) => (error, *handled),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn each_item_has_its_turn_in_order_and_what_turns_hand_out_comes_in_the_order_of_the_items() {
    let turn = json!([
        {"id": "twice", "type": "store_value", "name": "twice", "value": "{{ __data.item * 2 }}",
         "then": [log("l", "{{ __data.item }} {{ __data.twice }} {{ __data.before }}")]},
    ]);
    let settings = json!({"collect": {"n": "{{ __data.twice }}"}, "result": "all",
        "then": [log("after", "{{ __data.all|json_encode }} {{ __data.twice }} {{ __data.item }}")]});
    let steps = json!([{"id": "b", "type": "store_value", "name": "before", "value": "b",
        "then": [each(&json!("{{ __data.list }}"), &turn, &settings)]}]);
    let run = Run::of(&steps, &json!({"list": [1, 2, 3], "twice": "mine"}));
    assert_eq!(
        run.lines(),
        [
            "1 2 b",
            "2 4 b",
            "3 6 b",
            r#"[{"n":2},{"n":4},{"n":6}] mine "#
        ]
    );
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_turn_knows_its_place_and_the_turn_around_it() {
    let line = "{{ __data.__each.parent.key }}{{ __data.__each.index }}/{{ __data.__each.number }}/\
                {{ __data.__each.length }}{{ __data.__each.first ? 'f' }}{{ __data.__each.last ? 'l' }} \
                {{ __data.outer }}{{ __data.item }}";
    let mut inner = each(
        &json!("{{ __data.outer }}"),
        &json!([log("l", line)]),
        &json!({}),
    );
    inner["id"] = json!("inner");
    let outer = each(
        &json!("{{ __data.map }}"),
        &json!([inner]),
        &json!({"as": "outer"}),
    );
    let run = Run::of(&json!([outer]), &json!({"map": {"a": [5], "b": [6, 7]}}));
    assert_eq!(
        run.lines(),
        ["a0/1/1fl [5]5", "b0/1/2f [6,7]6", "b1/2/2l [6,7]7"]
    );
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn no_more_turns_go_on_at_once_than_the_step_says_and_the_next_begins_when_one_is_over() {
    let settings = json!({"concurrency": 2, "collect": "{{ __data.c.body.n }}", "result": "all",
        "then": [log("after", "{{ __data.all|join(',') }}")]});
    let steps = json!([each(&json!([0, 1, 2, 3]), &json!([call("c")]), &settings)]);
    let mut run = Run::of(&steps, &json!({}));
    assert_eq!(run.called(), ["c[0]", "c[1]"]);
    run.answers("c[1]", 200, r#"{"n": 11}"#);
    assert_eq!(run.called(), ["c[0]", "c[1]", "c[2]"]);
    run.answers("c[2]", 200, r#"{"n": 12}"#);
    run.answers("c[0]", 200, r#"{"n": 10}"#);
    assert_eq!(run.called(), ["c[0]", "c[1]", "c[2]", "c[3]"]);
    assert_eq!(run.outcome(), None);
    run.answers("c[3]", 200, r#"{"n": 13}"#);
    assert_eq!(run.lines(), ["10,11,12,13"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn each_turn_has_keys_ids_and_chance_of_its_own() {
    let post = json!({"id": "c", "type": "http_request", "method": "POST", "url": "https://a.example/",
        "body": "{{ uuid() }}"});
    let turn = json!([post,
        {"id": "n", "type": "set_memory", "memory": "n", "increment": 1},
        {"id": "p", "type": "push_to_workflow", "workflow": "other"},
        log("asks", "{{ incrementAndGet('m') }}")]);
    let steps = json!([each(&json!([7, 7]), &turn, &json!({"concurrency": 9}))]);
    let run = Run::of(&steps, &json!({}));
    let requests = run.requests();
    let id = "018f3f6e-0000-7000-8000-000000000003";
    for (number, (_, request)) in requests.iter().enumerate() {
        let key = ("idempotency-key".to_owned(), format!("{id}-c[{number}]"));
        assert!(request.headers.contains(&key), "{:?}", request.headers);
    }
    assert_ne!(requests[0].1.body, requests[1].1.body);
    let ids = run.effects.iter().filter_map(|effect| match effect {
        Effect::Ask {
            errand: Errand::MemoryAdd { id, .. },
            ..
        } => Some(id.clone()),
        Effect::Ask {
            errand: Errand::Push { by, .. },
            ..
        } => Some(by.clone()),
        _ => None,
    });
    let expected = ["n[0]", "p[0]", "asks[0]:0", "n[1]", "p[1]", "asks[1]:0"];
    let expected = expected.map(|name| match name {
        name if name.starts_with('p') => name.to_owned(),
        name => format!("{id}:{name}"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), expected);
}

#[test]
fn a_turn_that_fails_leaves_the_others_alone_and_fails_the_step_in_the_end() {
    let turn = json!([{"id": "c", "type": "http_request", "url": "https://a.example/", "result": "c",
        "then": [log("l", "{{ __data.item }}")]}]);
    let settings = json!({"collect": "{{ __data.item }}", "result": "all", "concurrency": 3});
    let run = |more: &Json| {
        let mut step = each(&json!(["a", "b", "c"]), &turn, &settings);
        step.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let mut run = Run::of(&json!([step]), &json!({}));
        run.answers("c[2]", 500, "");
        run.answers("c[1]", 404, "");
        run.answers("c[0]", 200, "");
        run
    };
    let why = "2 of 3 items failed; the first, items[1]: step `c`: the response has status 404";
    let failed = run(&json!({}));
    assert_eq!(failed.outcome(), Some(Outcome::Failed));
    assert_eq!(failed.failure("each"), (why, false));
    assert_eq!(failed.lines(), ["a"]);
    let errors = failed
        .logs()
        .into_iter()
        .filter(|(level, _)| *level == Level::Error);
    assert_eq!(errors.count(), 1);
    let after = json!([log("after", "{{ __data.all|json_encode }}")]);
    for more in [
        json!({"on_failure": after}),
        json!({"continue_on_error": true, "then": after}),
    ] {
        let handled = run(&more);
        assert_eq!(handled.outcome(), Some(Outcome::Succeeded), "{more}");
        assert_eq!(handled.failure("each"), (why, true));
        assert_eq!(handled.lines(), ["a", r#"["a",null,null]"#]);
    }
}

#[test]
fn a_failure_that_is_handled_within_a_turn_fails_nothing() {
    let turn = json!([{"id": "c", "type": "http_request", "url": "https://a.example/",
        "on_failure": [log("l", "handled {{ __data.item }}")]}]);
    let mut run = Run::of(
        &json!([each(&json!([1, 2]), &turn, &json!({}))]),
        &json!({}),
    );
    run.answers("c[0]", 500, "");
    run.answers("c[1]", 500, "");
    assert_eq!(run.lines(), ["handled 1", "handled 2"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_turn_that_fails_lets_no_more_begin_where_the_step_says_so() {
    let settings = json!({"on_error": "stop", "concurrency": 2, "collect": 1, "result": "all",
        "on_failure": [log("after", "{{ __data.all|json_encode }}")]});
    let steps = json!([each(
        &json!([1, 2, 3, 4, 5]),
        &json!([call("c")]),
        &settings
    )]);
    let mut run = Run::of(&steps, &json!({}));
    run.answers("c[0]", 500, "");
    assert_eq!(run.called(), ["c[0]", "c[1]"]);
    assert_eq!(run.outcome(), None);
    run.answers("c[1]", 200, "");
    let why = "1 of 5 items failed, and 3 did not begin; the first, items[0]: step `c`: the response has \
               status 500";
    assert_eq!(run.failure("each"), (why, true));
    assert_eq!(run.lines(), ["[null,1,null,null,null]"]);
}

#[test]
fn what_is_no_list_fails_with_a_reason_and_an_empty_one_succeeds() {
    for (items, why) in [
        (json!("{{ __data.nothing }}"), "is undefined"),
        (json!("{{ __data.null }}"), "is null"),
        (json!("{{ __data.text }}"), "is a text"),
        (json!("{{ 7 }}"), "is a number"),
        (json!("{{ true }}"), "is true or false"),
    ] {
        let steps = json!([each(&items, &json!([log("l", "never")]), &json!({}))]);
        let run = Run::of(&steps, &json!({"null": null, "text": "[1, 2]"}));
        let expected = format!("`items` must be a list or a map, and {why}");
        assert_eq!(run.failure("each"), (expected.as_str(), false), "{items}");
        assert_eq!(run.outcome(), Some(Outcome::Failed));
        assert!(run.lines().is_empty());
    }
    for items in [json!([]), json!({}), json!("{{ __data.list }}")] {
        let settings = json!({"collect": 1, "result": "all",
            "then": [log("after", "{{ __data.all|json_encode }}")]});
        let steps = json!([each(&items, &json!([log("l", "never")]), &settings)]);
        let run = Run::of(&steps, &json!({"list": []}));
        assert_eq!(run.lines(), ["[]"]);
        assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    }
}

#[test]
fn ten_thousand_items_are_done_and_one_more_is_refused() {
    let settings = json!({"collect": "{{ __data.item }}", "result": "all", "concurrency": 100,
        "then": [log("after", "{{ __data.all|length }} {{ __data.all|last }}")]});
    let turn = json!([{"id": "s", "type": "store_value", "name": "x", "value": 1,
        "then": [{"id": "t", "type": "store_value", "name": "y", "value": 1}]}]);
    let steps = json!([each(&json!("{{ 1..__data.n }}"), &turn, &settings)]);
    let run = Run::of(&steps, &json!({"n": 10_000}));
    assert_eq!(run.lines(), ["10000 10000"]);
    assert_eq!(run.machine.begun(), 10_000 * 4 + 3);
    let refused = Run::of(&steps, &json!({"n": 10_001}));
    let why = "`items` has 10001 items; 10000 are allowed";
    assert_eq!(refused.failure("each"), (why, false));
}

#[test]
fn scripts_of_a_turn_may_ask_and_so_may_what_it_hands_out() {
    let settings = json!({"collect": "{{ memoryGet('k' ~ __data.item) }}", "result": "all", "concurrency": 2,
        "then": [log("after", "{{ __data.all|json_encode }}")]});
    let turn = json!([log("l", "{{ memoryGet('a') }}{{ __data.item }}")]);
    let steps = json!([each(&json!([0, 1]), &turn, &settings)]);
    let mut run = Run::of(&steps, &json!({}));
    for (name, answer) in [
        ("l[1]", Ok(json!("x"))),
        ("each[1]", Ok(json!("one"))),
        ("l[0]", Ok(json!("y"))),
        ("each[0]", Err("memory is away".to_owned())),
    ] {
        let step = run.spot(name);
        assert!(run.machine.waits_for(step), "{name}");
        run.event(Event::Answer { step, answer });
    }
    assert_eq!(run.lines(), ["x1", "y0"]);
    let why = "1 of 2 items failed; the first, items[0]: `collect`: memory is away";
    assert_eq!(run.failure("each"), (why, false));
}

#[test]
fn a_stop_in_a_turn_ends_the_run_and_a_reply_in_one_is_the_reply() {
    let turn = json!([
        {"id": "r", "type": "respond", "return_type": "data", "return_data": "{{ __data.item }}"},
        {"id": "if", "type": "condition", "left": "{{ __data.item }}", "operator": "equal", "right": 2,
         "yes": [{"id": "s", "type": "stop", "outcome": "failure"}], "no": [call("c")]}]);
    let steps = json!([
        each(&json!([1, 2, 3]), &turn, &json!({"concurrency": 3})),
        log("after", "no")
    ]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.body(), "1");
    assert_eq!(run.called(), ["c[0]"]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
    assert!(run.lines().is_empty());
}

#[test]
fn what_is_collected_may_not_be_larger_in_all_than_a_value_that_is_stored() {
    let settings = json!({"collect": "{{ __data.big }}", "result": "all", "continue_on_error": true,
        "then": [log("after", "{{ __data.all|first|length }} {{ __data.all|last is null }}")]});
    let big = vec![0; 40_000];
    let steps = json!([each(&json!([1, 2, 3]), &json!([log("l", "")]), &settings)]);
    let run = Run::of(&steps, &json!({"big": big}));
    let (error, _) = run.failure("each");
    assert!(
        error.starts_with("1 of 3 items failed; the first, items[2]: `collect`: "),
        "{error}"
    );
    assert_eq!(run.lines().last(), Some(&"40000 1"));
}

#[test]
fn a_turn_waits_for_its_moments_and_its_repeated_requests_alone() {
    let mut request = call("c");
    request["retry"] = json!({"attempts": 2, "delay": 2});
    let wait = json!({"id": "w", "type": "log", "message": "{{ __data.item }}", "when": {"after": "5 seconds"}});
    let steps = json!([each(
        &json!([1, 2]),
        &json!([request, wait]),
        &json!({"concurrency": 2})
    )]);
    let mut run = Run::of(&steps, &json!({}));
    run.answers("c[1]", 503, "");
    let again = run.spot("c[1]");
    run.due(again, "2026-03-01T12:00:02Z");
    assert_eq!(run.called(), ["c[0]", "c[1]", "c[1]"]);
    run.answers("c[1]", 200, "");
    run.answers("c[0]", 200, "");
    for name in ["w[1]", "w[0]"] {
        let spot = run.spot(name);
        run.due(spot, "2026-03-01T12:00:05Z");
    }
    assert_eq!(run.lines(), ["2", "1"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn the_run_log_is_told_of_each_turn_and_of_what_came_of_all() {
    let settings = json!({"collect": "{{ __data.item }}", "result": "all"});
    let steps = json!([each(
        &json!([1, 2]),
        &json!([log("l", "{{ __data.nothing }}")]),
        &settings
    )]);
    let plan = plan("sync", &json!({"return_type": "continue"}), &steps);
    let run = Run::recorded(plan, &json!({}));
    let told = run.effects.iter().filter_map(|effect| match effect {
        Effect::Evaluated(made) => Some(format!("begins {}", run.name(made.spot))),
        Effect::StepFinished { spot, .. } => Some(format!("ends {}", run.name(*spot))),
        Effect::Undefined { step, .. } => {
            Some(format!("undefined in {}", step.as_deref().unwrap()))
        }
        Effect::Came { value, .. } => Some(value.to_string()),
        _ => None,
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "begins each",
            "begins l[0]",
            "undefined in l[0]",
            "ends l[0]",
            "begins l[1]",
            "undefined in l[1]",
            "ends l[1]",
            "[1, 2]",
            "ends each"
        ]
    );
}

#[test]
fn frames_of_turns_come_in_the_order_of_the_turns() {
    let turn = json!([{"id": "f", "type": "sse_frame", "data": "{{ __data.item }}"}]);
    let steps = json!([each(&json!([1, 2, 3]), &turn, &json!({"concurrency": 3}))]);
    let plan = plan("sync", &json!({"return_type": "sse"}), &steps);
    let run = Run::start(plan, &json!({}));
    let frames = run.effects.iter().filter_map(|effect| match effect {
        Effect::Frame(frame) => Some(frame.data.as_str()),
        _ => None,
    });
    assert_eq!(frames.collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_run_has_so_many_turns_and_no_more() {
    let turn = json!([{"id": "s", "type": "store_value", "name": "x", "value": 1}]);
    let mut inner = each(&json!("{{ 1..1000 }}"), &turn, &json!({}));
    inner["id"] = json!("inner");
    let outer = each(
        &json!("{{ 1..200 }}"),
        &json!([inner]),
        &json!({"on_error": "stop"}),
    );
    let run = Run::of(&json!([outer]), &json!({}));
    let (error, _) = run.failure("each");
    let why = "1 of 200 items failed, and 100 did not begin; the first, items[99]: step `inner`: with these 1000 \
               items the run would have more than 100000 turns in all";
    assert_eq!(error, why);
}
