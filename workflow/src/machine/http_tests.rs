//! Requests: what is asked for, and what becomes of the answers.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, call, log};
use super::{Event, HttpRequest, HttpResponse, StepOutcome};

fn request(step: &Json, fields: &Json) -> HttpRequest {
    let run = Run::of(&json!([step]), fields);
    let [(0, request)] = &run.requests()[..] else {
        panic!("{:?}", run.effects)
    };
    request.clone()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .headers
        .iter()
        .find(|(there, _)| there == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn a_request_is_rendered_for_each_of_its_places() {
    let step = json!({
        "id": "c", "type": "http_request", "method": "POST", "url": "https://a.example/{{ __data.p }}?x={{ __data.q }}\n",
        "headers": {"Authorization": "Bearer {{ __data.t }}", "X-Bad": "{{ __data.bad }}", "Content-Length": "3"},
        "query": {"q": "{{ __data.q }}"},
        "json": {"name": "{{ __data.name }}", "n": "{{ __data.n }}", "text": "n={{ __data.n }}", "fix": [1, null]},
        "timeout": 3, "max_redirects": 2,
    });
    let fields =
        json!({"p": "a/b", "q": "x&y=z", "t": "T", "bad": "a\r\nSet: b", "name": "A\"n", "n": 5});
    let request = request(&step, &fields);
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "https://a.example/a%2Fb?x=x%26y%3Dz")
    );
    assert_eq!(request.query, [("q".to_owned(), "x&y=z".to_owned())]);
    assert_eq!(header(&request, "authorization"), Some("Bearer T"));
    assert_eq!(header(&request, "x-bad"), Some("aSet: b"));
    assert_eq!(header(&request, "content-length"), None);
    let body: Json = serde_json::from_slice(&request.body.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({"name": "A\"n", "n": 5, "text": "n=5", "fix": [1, null]})
    );
    assert_eq!(request.content_type.as_deref(), Some("application/json"));
    assert_eq!(
        (request.timeout, request.max_redirects),
        (Duration::from_secs(3), 2)
    );
}

#[test]
fn defaults_hold_where_the_author_said_nothing() {
    let request = request(&call("c"), &json!({}));
    assert_eq!(
        (request.method.as_str(), request.body, request.content_type),
        ("GET", None, None)
    );
    assert_eq!(
        (request.timeout, request.max_redirects),
        (Duration::from_secs(10), 5)
    );
    assert!(request.headers.is_empty());
}

#[test]
fn forms_are_encoded_and_texts_get_the_type_that_they_look_like() {
    let step = |body: Json| {
        let mut step = json!({"id": "c", "type": "http_request", "method": "PUT", "url": "https://a.example/"});
        step.as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        step
    };
    for (body, sent, content_type) in [
        (
            json!({"form": {"a": "{{ __data.v }}", "b": 2}}),
            "a=x%26+%22y&b=2",
            "application/x-www-form-urlencoded",
        ),
        (
            json!({"body": "{\"v\": \"{{ __data.v }}\"}"}),
            r#"{"v": "x& \"y"}"#,
            "application/json",
        ),
        (
            json!({"body": "v={{ __data.v }}"}),
            "v=x& \"y",
            "text/plain; charset=utf-8",
        ),
        (
            json!({"body": "{{ __data.feed }}"}),
            "<feed/>",
            "application/xml; charset=utf-8",
        ),
    ] {
        let request = request(&step(body), &json!({"v": "x& \"y", "feed": "<feed/>"}));
        assert_eq!(String::from_utf8(request.body.unwrap()).unwrap(), sent);
        assert_eq!(request.content_type.as_deref(), Some(content_type));
    }
}

#[test]
fn a_request_that_changes_something_carries_a_stable_key() {
    let step = |headers: Json| json!({"id": "c", "type": "http_request", "method": "POST", "url": "https://a.example/", "headers": headers});
    let key =
        |step: &Json| header(&request(step, &json!({})), "idempotency-key").map(str::to_owned);
    let made = key(&step(json!({})));
    assert_eq!(
        made.as_deref(),
        Some("018f3f6e-0000-7000-8000-000000000003-c")
    );
    assert_eq!(made, key(&step(json!({}))));
    assert_eq!(
        key(&step(json!({"Idempotency-Key": "mine"}))).as_deref(),
        Some("mine")
    );
    assert_eq!(key(&call("c")), None);
}

#[test]
fn the_answer_is_stored_under_the_name_of_the_author() {
    let mut run = Run::of(&json!([call("c")]), &json!({}));
    let headers = [
        ("Content-Type", "application/json"),
        ("x-a", "1"),
        ("x-a", "2"),
    ];
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let result = Ok(HttpResponse {
        status: 201,
        headers,
        body: br#"{"id": 7}"#.to_vec(),
    });
    run.event(Event::HttpDone {
        step: 0.into(),
        result,
    });
    let stored = run.machine.data().to_json()["c"].clone();
    assert_eq!(
        (&stored["ok"], &stored["status"], &stored["body"]),
        (&json!(true), &json!(201), &json!({"id": 7}))
    );
    assert_eq!(
        (&stored["headers"]["x-a"], &stored["headers"]["x_a"]),
        (&json!("1, 2"), &json!("1, 2"))
    );
    assert_eq!(stored["headers"]["content_type"], json!("application/json"));
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_body_that_is_no_json_is_text_and_one_that_is_no_text_is_base64() {
    for (content_type, body, expected, encoding) in [
        (
            "application/json",
            &b"{broken"[..],
            json!("{broken"),
            "text",
        ),
        ("text/plain", b"{\"a\": 1}", json!("{\"a\": 1}"), "text"),
        ("application/problem+json", b"[1]", json!([1]), "json"),
        ("image/png", b"\xff", json!("/w=="), "base64"),
        ("text/plain", b"", json!(""), "text"),
    ] {
        let mut run = Run::of(&json!([call("c")]), &json!({}));
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let result = Ok(HttpResponse {
            status: 200,
            headers,
            body: body.to_vec(),
        });
        run.event(Event::HttpDone {
            step: 0.into(),
            result,
        });
        let stored = &run.machine.data().to_json()["c"];
        assert_eq!(
            (&stored["body"], &stored["body_encoding"]),
            (&expected, &json!(encoding))
        );
    }
}

#[test]
fn the_statuses_that_fail_the_step_are_the_authors_choice() {
    for (fail_on, status, fails) in [
        (json!(["4xx", "5xx"]), 404, true),
        (json!(["4xx", "5xx"]), 503, true),
        (json!(["4xx", "5xx"]), 302, false),
        (json!([404]), 404, true),
        (json!(["404"]), 405, false),
        (json!([]), 500, false),
    ] {
        let step = json!({
            "id": "c", "type": "http_request", "url": "https://a.example/", "fail_on": fail_on,
            "then": [log("t", "then")], "on_failure": [log("f", "status {{ __data.webhook.status }}")],
        });
        let mut run = Run::of(&json!([step]), &json!({}));
        run.answer(0, status, "{}");
        let line = if fails {
            format!("status {status}")
        } else {
            "then".to_owned()
        };
        assert_eq!(run.lines(), [line.as_str()], "{fail_on}");
        assert_eq!(run.machine.data().to_json()["webhook"]["ok"], json!(false));
    }
}

#[test]
fn a_request_without_an_answer_fails_with_its_reason() {
    let step = json!({
        "id": "c", "type": "http_request", "url": "https://a.example/",
        "on_failure": [log("f", "{{ __data.webhook.error }}")],
    });
    let mut run = Run::of(&json!([step]), &json!({}));
    run.event(Event::HttpDone {
        step: 0.into(),
        result: Err("no connection".to_owned()),
    });
    assert_eq!(run.lines(), ["no connection"]);
    let expected = StepOutcome::Failed {
        error: "no connection".to_owned(),
        handled: true,
    };
    assert_eq!(run.step("c"), Some(&expected));
    assert_eq!(
        run.machine.data().to_json()["webhook"]["status"],
        Json::Null
    );
}

#[test]
fn a_result_that_comes_twice_or_for_another_step_changes_nothing() {
    let mut run = Run::of(&json!([call("a"), call("b"), log("l", "x")]), &json!({}));
    run.answer(0, 200, "1");
    assert!(run.answer(0, 200, "2").is_empty());
    assert!(run.answer(2, 200, "3").is_empty());
    assert!(run.answer(99, 200, "4").is_empty());
    assert_eq!(run.machine.data().to_json()["a"]["body"], json!(1));
    assert_eq!(run.outcome(), None);
    run.answer(1, 200, "5");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

/// Every order of `count` things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    (0..count).fold(vec![Vec::new()], |orders, next| {
        let insert = |order: &Vec<usize>, place| {
            let mut longer = order.clone();
            longer.insert(place, next);
            longer
        };
        orders
            .iter()
            .flat_map(|order| (0..=order.len()).map(move |place| insert(order, place)))
            .collect()
    })
}

#[test]
fn siblings_are_under_way_together_and_any_order_of_answers_gives_the_same_data() {
    let sibling = |name: &str| {
        let mut step = call(name);
        let value = format!("{{{{ __data.{name}.body.v * 2 }}}}");
        step["then"] = json!([{"id": format!("{name}_s"), "type": "store_value", "name": format!("{name}_sum"), "value": value}]);
        step
    };
    let steps = json!([sibling("a"), sibling("b"), sibling("c"), sibling("d")]);
    let mut results = Vec::new();
    for order in orders(4) {
        let mut run = Run::of(&steps, &json!({}));
        assert_eq!(run.requests().len(), 4);
        for (nth, step) in order.iter().enumerate() {
            assert_eq!(run.outcome(), None);
            let _ = nth;
            run.answer(*step, 200, &format!("{{\"v\": {step}}}"));
        }
        assert_eq!(run.outcome(), Some(Outcome::Succeeded));
        results.push(run.machine.data().to_json());
    }
    assert_eq!(results.len(), 24);
    assert_eq!(
        (&results[0]["a_sum"], &results[0]["d_sum"]),
        (&json!(0), &json!(6))
    );
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn requests_of_children_follow_the_answer_of_their_parent() {
    let mut parent = call("a");
    parent["then"] = json!([call("b"), call("c")]);
    let mut run = Run::of(&json!([parent, call("d")]), &json!({}));
    let under_way = |run: &Run| {
        run.requests()
            .iter()
            .map(|(step, _)| *step)
            .collect::<Vec<_>>()
    };
    assert_eq!(under_way(&run), [0, 1]);
    run.answer(0, 200, "{}");
    assert_eq!(under_way(&run), [0, 1, 2, 3]);
    for step in [3, 1, 2] {
        assert_eq!(run.outcome(), None);
        run.answer(step, 200, "{}");
    }
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}
