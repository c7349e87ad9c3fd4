//! Runs that wait for letters.

use bytes::Bytes;
use serde_json::{Value as Json, json};
use shared::ids::RunId;
use shared::v1::letters::{Called, Letter};
use shared::v1::reply::Outcome;
use shared::v1::run::{BodyKind, Received};
use uuid::Uuid;

use super::testing::{Run, log, now, plan};
use super::{Effect, Errand, Event, letter_answer};

fn awaited(run: &Run) -> Vec<(usize, String, String)> {
    let waits = run.effects.iter().filter_map(|effect| match effect {
        Effect::Await {
            step, place, until, ..
        } => Some((*step, place.clone(), until.to_string())),
        _ => None,
    });
    waits.collect()
}

fn asked(run: &Run) -> Vec<(usize, Errand)> {
    let asked = run.effects.iter().filter_map(|effect| match effect {
        Effect::Ask { step, errand } => Some((*step, errand.clone())),
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
    run.event(Event::Answer { step: 0, answer });
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
    assert!(run.event(Event::Answer { step: 0, answer }).is_empty());
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
    run.event(Event::Answer { step: 0, answer });
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
    run.event(Event::Answer { step: 0, answer });
    let until = "2026-03-01T13:00:00Z".to_owned();
    assert_eq!(awaited(&run), [(0, "ask".to_owned(), until)]);
    let answer = Ok(called(Some(Outcome::Succeeded), None, "{\"sum\": 7}"));
    run.event(Event::Answer { step: 0, answer });
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
        run.event(Event::Answer { step: 0, answer });
        let answer = Ok(called(outcome, Some("step x: no"), "{}"));
        run.event(Event::Answer { step: 0, answer });
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
    run.event(Event::Answer { step: 0, answer });
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
        run_id: RunId(Uuid::from_u128(1)),
        surroundings: crate::template::Surroundings::new(now(), 7),
        called: false,
    };
    let data = crate::data::Data::from_fields(&json!({}));
    let (machine, effects) = super::Machine::never_begun(plan, data, facts);
    assert_eq!(effects, [Effect::Finished(Outcome::Cancelled)]);
    assert_eq!(machine.outcome(), Some(Outcome::Cancelled));
}
