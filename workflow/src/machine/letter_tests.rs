//! Runs that wait for letters.

use bytes::Bytes;
use serde_json::{Value as Json, json};
use shared::ids::RunId;
use shared::v1::letters::{Called, Letter};
use shared::v1::reply::Outcome;
use shared::v1::run::{BodyKind, Received};
use uuid::Uuid;

use super::testing::{Run, log, now, plan};
use super::{Effect, Errand, Event, Spot, letter_answer};

fn awaited(run: &Run) -> Vec<(usize, String, String)> {
    let waits = run.effects.iter().filter_map(|effect| match effect {
        Effect::Await {
            step, place, until, ..
        } => Some((step.step, place.clone(), until.to_string())),
        _ => None,
    });
    waits.collect()
}

fn asked(run: &Run) -> Vec<(usize, Errand)> {
    let asked = run.effects.iter().filter_map(|effect| match effect {
        Effect::Ask { step, errand } => Some((step.step, errand.clone())),
        _ => None,
    });
    asked.collect()
}

fn received(query: &str, content_type: &str, body_kind: BodyKind) -> Received {
    Received {
        received_at_ms: 1_764_000_000_000,
        method: "POST".to_owned(),
        query: query.to_owned(),
        ip: String::new(),
        headers: vec![
            ("Content-Type".to_owned(), content_type.to_owned()),
            ("x-a".to_owned(), "1".to_owned()),
        ],
        claims: None,
        body_kind,
    }
}

fn called(outcome: Option<Outcome>, error: Option<&str>, body: &str) -> Json {
    let letter = Letter::Called(Called {
        run_id: RunId(Uuid::from_u128(9)),
        outcome,
        error: error.map(str::to_owned),
        status: Some(201),
        content_type: Some("application/json".to_owned()),
    });
    letter_answer(&letter, &Bytes::from(body.to_owned()))
        .unwrap()
        .unwrap()
}

#[test]
fn a_callback_brings_its_method_headers_query_and_body() {
    let steps = json!([{"id": "ok", "type": "wait_for_callback", "timeout": "2 hours", "result": "answer",
        "then": [log("l", "{{ __data.answer.body.n + 1 }} {{ __data.answer.query.q }} {{ __data.answer.headers.x_a }}")]}]);
    let mut run = Run::of(&steps, &json!({}));
    assert_eq!(
        awaited(&run),
        [(0, "ok".to_owned(), "2026-03-01T14:00:00Z".to_owned())]
    );
    let received = received("q=a+b", "application/json", BodyKind::Json);
    let letter = Letter::Callback { received };
    let answer = letter_answer(&letter, &Bytes::from_static(b"{\"n\": 41}")).unwrap();
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    assert_eq!(run.lines(), ["42 a b 1"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_body_is_read_as_that_of_a_listener() {
    let read = |content_type: &str, kind, body: &'static [u8]| {
        let letter = Letter::Callback {
            received: received("", content_type, kind),
        };
        letter_answer(&letter, &Bytes::from_static(body))
            .unwrap()
            .map(|answer| answer["body"].clone())
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        read(form, BodyKind::Form, b"a=1&b[]=2"),
        Ok(json!({"a": "1", "b": ["2"]}))
    );
    assert_eq!(read("", BodyKind::Empty, b""), Ok(Json::Null));
    assert_eq!(
        read("text/plain", BodyKind::Other, b"yes"),
        Ok(json!("yes"))
    );
    assert_eq!(
        read("application/json", BodyKind::Json, b"[1]"),
        Ok(json!([1]))
    );
    assert!(read("application/json", BodyKind::Json, b"[").is_err());
}

#[test]
fn a_callback_that_nobody_makes_fails_its_step_at_its_time() {
    let steps = json!([{"id": "ok", "type": "wait_for_callback", "timeout": "1 minute",
        "on_failure": [log("l", "late")]}]);
    let mut run = Run::of(&steps, &json!({}));
    run.due(0, "2026-03-01T12:01:00Z");
    assert_eq!(run.lines(), ["late"]);
    assert!(
        run.logs()
            .iter()
            .any(|(_, line)| line.contains("within 1 minute")),
        "{:?}",
        run.logs()
    );
    // What comes after that changes nothing.
    let answer = Ok(json!({}));
    assert!(
        run.event(Event::Answer {
            step: 0.into(),
            answer
        })
        .is_empty()
    );
}

#[test]
fn a_script_asks_for_the_url_of_a_step_below_it_and_gets_it_once() {
    let steps = json!([{"id": "tell", "type": "store_value", "name": "url", "value": "{{ callbackUrl('ok') }}",
        "then": [{"id": "ok", "type": "wait_for_callback", "methods": ["GET", "POST"], "reply": {"body": "thanks"}}]}]);
    let mut run = Run::of(&steps, &json!({}));
    let [
        (
            0,
            Errand::CallbackUrl {
                place,
                terms: Some(terms),
            },
        ),
    ] = &asked(&run)[..]
    else {
        panic!("{:?}", run.effects)
    };
    assert_eq!(place, "ok");
    assert_eq!(terms.methods, ["GET", "POST"]);
    assert_eq!(terms.body.as_deref(), Some("thanks"));
    let answer = Ok(json!("https://a.example/callback/x"));
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    assert_eq!(
        run.machine.data().get("url").unwrap().as_str(),
        Some("https://a.example/callback/x")
    );
    assert_eq!(awaited(&run).len(), 1);
}

#[test]
fn a_plan_whose_scripts_ask_for_the_url_of_another_step_does_not_compile() {
    let document = json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "test"},
        "spec": {"record_type": "virtual", "source": "listener", "listener": {"return_type": "continue"},
            "steps": [log("l", "{{ callbackUrl('l') }}")]},
    });
    let error = super::Plan::from_json(&document.to_string()).unwrap_err();
    assert!(error.to_string().contains("`l`"), "{error}");
}

#[test]
fn a_call_waits_for_the_end_of_the_other_run_and_has_what_it_replied() {
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "other", "data": {"a": 1},
        "then": [log("l", "{{ __data.called.data.sum }} {{ __data.called.status }} {{ __data.called.outcome }}")]}]);
    let mut run = Run::of(&steps, &json!({}));
    let errand = Errand::Call {
        workflow: "other".to_owned(),
        data: "{\"a\":1}".to_owned(),
        by: "ask".to_owned(),
    };
    assert_eq!(asked(&run), [(0, errand)]);
    assert!(awaited(&run).is_empty());
    let answer = Ok(json!("018f"));
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    let until = "2026-03-01T13:00:00Z".to_owned();
    assert_eq!(awaited(&run), [(0, "ask".to_owned(), until)]);
    let answer = Ok(called(Some(Outcome::Succeeded), None, "{\"sum\": 7}"));
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    assert_eq!(run.lines(), ["7 201 succeeded"]);
}

#[test]
fn a_called_run_that_does_not_succeed_fails_the_step_with_its_reason() {
    for (outcome, word) in [
        (Some(Outcome::Failed), "failed"),
        (Some(Outcome::Cancelled), "cancelled"),
        (None, "dead"),
    ] {
        let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "other",
            "on_failure": [log("l", "{{ __data.called.outcome }}")]}]);
        let mut run = Run::of(&steps, &json!({}));
        let answer = Ok(json!("018f"));
        run.event(Event::Answer {
            step: 0.into(),
            answer,
        });
        let answer = Ok(called(outcome, Some("step x: no"), "{}"));
        run.event(Event::Answer {
            step: 0.into(),
            answer,
        });
        assert_eq!(run.lines(), [word]);
        let told = format!("ended as {word}: step x: no");
        assert!(run.logs().iter().any(|(_, line)| line.contains(&told)));
    }
}

#[test]
fn a_message_is_published_with_an_id_that_is_the_same_for_every_attempt() {
    let steps = json!([{"id": "p", "type": "publish_message", "subject": "workflows.{{ __data.to }}",
        "data": {"n": "{{ __data.n }}"}, "headers": {"X-A": "{{ __data.to }}"}, "then": [log("l", "done")]}]);
    let mut run = Run::of(&steps, &json!({"to": "x", "n": 1}));
    let errand = Errand::Publish {
        subject: "workflows.x".to_owned(),
        headers: vec![("X-A".to_owned(), "x".to_owned())],
        payload: "{\"n\":1}".to_owned(),
        id: "018f3f6e-0000-7000-8000-000000000003-p".to_owned(),
    };
    assert_eq!(asked(&run), [(0, errand)]);
    let answer = Ok(Json::Null);
    run.event(Event::Answer {
        step: 0.into(),
        answer,
    });
    assert_eq!(run.lines(), ["done"]);
}

#[test]
fn a_run_that_is_stopped_before_it_began_does_nothing() {
    let plan = plan(
        "async",
        &json!({"return_type": "continue"}),
        &json!([log("l", "x")]),
    );
    let facts = super::RunFacts {
        hurried: false,
        run_id: RunId(Uuid::from_u128(1)),
        surroundings: crate::template::Surroundings::new(now(), 7),
        called: false,
    };
    let data = crate::data::Data::from_fields(&json!({}));
    let (machine, effects) = super::Machine::never_begun(plan, data, facts);
    assert_eq!(effects, [Effect::Finished(Outcome::Cancelled)]);
    assert_eq!(machine.outcome(), Some(Outcome::Cancelled));
}

/// Steps that are done in the turns of a `for_each` over two items, both at once.
fn turns(id: &str, steps: &Json, collect: &str) -> Json {
    json!({"id": id, "type": "for_each", "items": ["x", "y"], "concurrency": 2, "do": steps,
        "collect": collect, "result": id})
}

/// The places of the resume URLs that were asked for, each with the spot that asked.
fn links(run: &Run) -> Vec<(Spot, String)> {
    let links = run.effects.iter().filter_map(|effect| match effect {
        Effect::Ask {
            step,
            errand: Errand::CallbackUrl { place, terms },
        } => Some((
            *step,
            format!("{place}{}", if terms.is_none() { "!" } else { "" }),
        )),
        _ => None,
    });
    links.collect()
}

#[test]
fn each_turn_has_a_place_of_its_own_and_asks_for_the_url_of_that() {
    let wait = json!({"id": "ok", "type": "wait_for_callback"});
    let ask = json!({"id": "tell", "type": "store_value", "name": "url", "value": "{{ callbackUrl('ok') }}", "then": [wait]});
    let mut all = turns(
        "all",
        &json!([ask]),
        "{{ __data.item }}{{ __data.callback.body }}",
    );
    all["then"] = json!([log("l", "{{ __data.all|join(' ') }}")]);
    let mut run = Run::of(&json!([all]), &json!({}));
    let asked = links(&run);
    let places: Vec<&str> = asked.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, ["ok[0]", "ok[1]"]);
    for (step, place) in &asked {
        let (step, answer) = (*step, Ok(json!(place)));
        run.event(Event::Answer { step, answer });
    }
    let places: Vec<String> = awaited(&run)
        .into_iter()
        .map(|(_, place, _)| place)
        .collect();
    assert_eq!(places, ["ok[0]", "ok[1]"]);
    for (place, body) in [("ok[1]", "B"), ("ok[0]", "A")] {
        let step = run.machine.plan().spot(place).unwrap();
        let answer = Ok(json!({"body": body}));
        run.event(Event::Answer { step, answer });
    }
    assert_eq!(run.lines(), ["xA yB"]);
    assert!(run.machine.data().get("callback").is_none());
}

#[test]
fn a_turn_reaches_the_steps_of_the_turns_around_it_and_its_collect_those_in_it_and_no_other() {
    let wait = |id: &str| json!({"id": id, "type": "wait_for_callback"});
    let ask = |id: &str, of: &str| log(id, &format!("{{{{ callbackUrl('{of}') }}}}"));
    let inner = json!([
        ask("a", "top"),
        ask("b", "mid"),
        ask("c", "low"),
        wait("low")
    ]);
    let inner = turns("inner", &inner, "");
    let outer = turns(
        "outer",
        &json!([inner, wait("mid"), ask("d", "mid"), ask("e", "low")]),
        "",
    );
    let steps = json!([wait("top"), outer, ask("f", "mid")]);
    let mut run = Run::of(&steps, &json!({}));
    let mut answered = 0;
    while let Some((step, place)) = links(&run).get(answered).cloned() {
        let answer = Ok(json!(place));
        run.event(Event::Answer { step, answer });
        answered += 1;
    }
    let mut found: Vec<String> = links(&run)
        .into_iter()
        .map(|(step, place)| format!("{} {place}", run.machine.plan().name(step)))
        .collect();
    found.sort();
    let mut wanted = vec!["f mid!".to_owned()];
    for outer in 0..2 {
        wanted.push(format!("d[{outer}] mid[{outer}]"));
        wanted.push(format!("e[{outer}] low!"));
        for inner in 0..2 {
            wanted.push(format!("a[{outer},{inner}] top"));
            wanted.push(format!("b[{outer},{inner}] mid[{outer}]"));
            wanted.push(format!("c[{outer},{inner}] low[{outer},{inner}]"));
        }
    }
    wanted.sort();
    assert_eq!(found, wanted);
    let collecting = turns("all", &json!([wait("ok")]), "{{ callbackUrl('ok') }}");
    let mut run = Run::of(&json!([collecting]), &json!({}));
    for place in ["ok[1]", "ok[0]"] {
        let step = run.machine.plan().spot(place).unwrap();
        let answer = Ok(json!({}));
        run.event(Event::Answer { step, answer });
    }
    let places: Vec<String> = links(&run).into_iter().map(|(_, place)| place).collect();
    assert_eq!(places, ["ok[1]", "ok[0]"]);
}

#[test]
fn turns_that_call_and_publish_do_so_once_each_and_one_that_fails_leaves_the_others_alone() {
    let call = json!({"id": "ask", "type": "call_workflow", "workflow": "other", "data": {}});
    let publish =
        json!({"id": "p", "type": "publish_message", "subject": "workflows.x", "data": "x"});
    let mut all = turns(
        "all",
        &json!([call, publish]),
        "{{ __data.called.outcome }}",
    );
    all["on_failure"] = json!([log("l", "{{ __data.all|json_encode }}")]);
    let mut run = Run::of(&json!([all]), &json!({}));
    let names: Vec<String> = asked(&run)
        .into_iter()
        .map(|(_, errand)| match errand {
            Errand::Call { by, .. } => by,
            Errand::Publish { id, .. } => id.rsplit('-').next().unwrap().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["ask[0]", "p[0]", "ask[1]", "p[1]"]);
    for name in names {
        let step = run.machine.plan().spot(&name).unwrap();
        let answer = Ok(json!("018f"));
        run.event(Event::Answer { step, answer });
    }
    for (place, outcome) in [("ask[1]", Outcome::Succeeded), ("ask[0]", Outcome::Failed)] {
        let step = run.machine.plan().spot(place).unwrap();
        let answer = Ok(called(Some(outcome), None, "{}"));
        run.event(Event::Answer { step, answer });
    }
    assert_eq!(run.lines(), [r#"[null,"succeeded"]"#]);
}

#[test]
fn no_more_steps_wait_at_once_than_a_parked_run_can_name() {
    let ids = (0..11).map(|n| format!("w{n}"));
    let waits: Vec<Json> = ids
        .map(|id| json!({"id": id, "type": "wait_for_callback"}))
        .collect();
    let each = json!({"id": "all", "type": "for_each", "items": vec![0; 100], "concurrency": 100, "do": waits});
    let run = Run::of(&json!([each]), &json!({}));
    assert_eq!(awaited(&run).len(), 1_000);
    let refused = run.logs().into_iter();
    let refused = refused.filter(|(_, line)| line.contains("1000 steps of the run wait"));
    assert_eq!(refused.count(), 100);
}
