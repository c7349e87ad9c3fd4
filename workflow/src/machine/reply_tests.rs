//! Replies and frames of runs.

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::testing::{Run, call, log, plan};
use super::{Effect, FrameOut, Level, StepOutcome};
use crate::reply::Reply;

fn respond(id: &str, settings: &Json) -> Json {
    let mut step = json!({"id": id, "type": "respond", "return_type": "data"});
    step.as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    step
}

fn reply_of(settings: &Json, fields: &Json) -> Reply {
    let run = Run::of(&json!([respond("r", settings)]), fields);
    let [reply] = run.replies()[..] else {
        panic!("{:?}", run.effects)
    };
    reply.clone()
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .headers
        .iter()
        .find(|(there, _)| there == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn the_first_respond_replies_and_later_ones_are_logged_as_ignored() {
    let steps = json!([
        respond(
            "one",
            &json!({"return_data": "1", "then": [respond("two", &json!({"return_data": "2"}))]})
        ),
        respond("three", &json!({"return_data": "{{ secret('NONE') }}"})),
    ]);
    let run = Run::of(&steps, &json!({}));
    assert_eq!(run.body(), "1");
    let ignored = run
        .logs()
        .iter()
        .filter(|(level, line)| *level == Level::Warn && line.contains("ignored"))
        .count();
    assert_eq!(ignored, 2);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_run_that_fails_after_its_reply_still_ends_as_failed() {
    let mut first = respond("one", &json!({"return_data": "1"}));
    first["then"] = json!([call("c")]);
    let mut run = Run::of(&json!([first]), &json!({}));
    assert_eq!((run.body(), run.outcome()), ("1", None));
    run.answer(1, 500, "{}");
    assert_eq!((run.body(), run.outcome()), ("1", Some(Outcome::Failed)));
}

#[test]
fn a_run_without_a_respond_step_ends_without_a_reply() {
    let run = Run::of(&json!([log("l", "x")]), &json!({}));
    assert!(run.replies().is_empty());
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_synchronous_reply_is_rendered_after_the_run_from_what_steps_produced() {
    let listener = json!({"return_type": "data", "return_data": r#"{"n": {{ __data.c.body.n }}, "a": "{{ __data.a }}"}"#});
    let mut run = Run::start(
        plan("sync", &listener, &json!([call("c")])),
        &json!({"a": "\"x\"\n</script>🦀"}),
    );
    assert!(run.replies().is_empty());
    run.answer(0, 200, r#"{"n": [1, "<"]}"#);
    let body: Json = serde_json::from_str(run.body()).unwrap();
    assert_eq!(body, json!({"n": [1, "<"], "a": "\"x\"\n</script>🦀"}));
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_failed_synchronous_run_has_no_reply() {
    let listener = json!({"return_type": "data", "return_data": "x"});
    for steps in [
        json!([call("c")]),
        json!([call("c"), {"id": "end", "type": "stop", "outcome": "failure"}]),
    ] {
        let mut run = Run::start(plan("sync", &listener, &steps), &json!({}));
        run.answer(0, 500, "{}");
        assert!(run.replies().is_empty());
        assert_eq!(run.outcome(), Some(Outcome::Failed));
    }
}

#[test]
fn a_stop_with_success_replies_before_it_ends() {
    let listener = json!({"return_type": "data", "return_data": "done"});
    let steps = json!([{"id": "end", "type": "stop"}, log("never", "never")]);
    let run = Run::start(plan("sync", &listener, &steps), &json!({}));
    assert_eq!(
        (run.body(), run.outcome()),
        ("done", Some(Outcome::Succeeded))
    );
}

#[test]
fn an_asynchronous_run_leaves_the_listeners_reply_to_the_gateway() {
    let listener = json!({"return_type": "data", "return_data": "done"});
    let run = Run::start(
        plan("async", &listener, &json!([log("l", "x")])),
        &json!({}),
    );
    assert!(run.replies().is_empty());
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_reply_that_cannot_be_made_fails_the_run_with_a_logged_reason() {
    let listener = json!({"return_type": "redirect", "return_redirect": "{{ __data.next }}"});
    for (next, accepted) in [
        ("/ok", true),
        ("https://a.example/", true),
        ("//evil.example", false),
        ("javascript:x", false),
    ] {
        let run = Run::start(plan("sync", &listener, &json!([])), &json!({"next": next}));
        assert_eq!(run.replies().len(), usize::from(accepted), "{next}");
        if accepted {
            assert_eq!(header(run.replies()[0], "location"), Some(next));
            assert_eq!(run.replies()[0].status, 302);
        } else {
            assert_eq!(run.outcome(), Some(Outcome::Failed));
            assert!(run.effects.contains(&Effect::ReplyRefused));
            assert!(
                run.logs()
                    .iter()
                    .any(|(level, line)| *level == Level::Error && line.contains("redirect"))
            );
            assert!(!run.logs().iter().any(|(_, line)| line.contains("evil")));
        }
    }
}

#[test]
fn a_respond_step_with_a_wrong_redirect_goes_to_on_failure() {
    let step = respond(
        "r",
        &json!({
            "return_type": "redirect", "return_redirect": "{{ __data.next }}",
            "on_failure": [respond("sorry", &json!({"return_data": "sorry", "return_status": 400}))],
        }),
    );
    let run = Run::of(&json!([step]), &json!({"next": "\\\\evil.example"}));
    assert_eq!((run.body(), run.replies()[0].status), ("sorry", 400));
    assert!(!run.effects.contains(&Effect::ReplyRefused));
    assert!(matches!(
        run.step("r"),
        Some(StepOutcome::Failed { handled: true, .. })
    ));
    let alone = respond(
        "r",
        &json!({"return_type": "redirect", "return_redirect": "//evil.example"}),
    );
    let run = Run::of(&json!([alone]), &json!({}));
    assert!(run.effects.contains(&Effect::ReplyRefused));
}

#[test]
fn the_type_of_a_data_reply_is_detected_and_scripts_of_a_caller_never_run() {
    for (script, content_type, body) in [
        (
            r#"{"a": "{{ __data.v }}"}"#,
            "application/json",
            r#"{"a": "\u003cb>"}"#,
        ),
        ("{{ __data.v }}", "text/html; charset=utf-8", "<b>"),
        ("{{ __data.v|raw }}", "text/html; charset=utf-8", "<b>"),
        ("{{ __data.n }}", "text/plain; charset=utf-8", "5"),
        ("{{ __data.o }}", "application/json", r#"{"k":1}"#),
        (
            "<p>{{ __data.v }}</p>",
            "text/html; charset=utf-8",
            "<p>&lt;b&gt;</p>",
        ),
        (
            "<?xml version=\"1.0\"?><a>{{ __data.v }}</a>",
            "application/xml; charset=utf-8",
            "<?xml version=\"1.0\"?><a>&lt;b&gt;</a>",
        ),
        ("Hi {{ __data.v }}", "text/plain; charset=utf-8", "Hi <b>"),
        (
            "{ {{ __data.v }}",
            "text/plain; charset=utf-8",
            "{ \"\\u003cb>\"",
        ),
    ] {
        let reply = reply_of(
            &json!({"return_data": script}),
            &json!({"v": "<b>", "o": {"k": 1}, "n": 5}),
        );
        let policy = header(&reply, "content-security-policy");
        let expected = (script == "{{ __data.v }}").then_some("sandbox");
        assert_eq!(policy, expected, "{script}");
        assert_eq!(String::from_utf8_lossy(&reply.body), body, "{script}");
        assert_eq!(
            header(&reply, "content-type"),
            Some(content_type),
            "{script}"
        );
        assert_eq!(header(&reply, "x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.status, 200);
    }
}

#[test]
fn a_page_that_a_caller_may_have_written_is_sandboxed_unless_the_author_says_otherwise() {
    let fields = json!({"page": "<script>1</script>", "xml": "<?xml version=\"1.0\"?><a/>"});
    let policy = |settings: &Json| {
        let reply = reply_of(settings, &fields);
        header(&reply, "content-security-policy").map(str::to_owned)
    };
    for script in [
        "{{ __data.page }}",
        "{{ __data.xml }}",
        " {% if 1 %}{{ __data.page }}{% endif %}\n",
    ] {
        let sandboxed = policy(&json!({"return_data": script}));
        assert_eq!(sandboxed.as_deref(), Some("sandbox"), "{script}");
    }
    let own = json!({
        "return_data": "{{ __data.page }}",
        "return_headers": {"Content-Security-Policy": "default-src 'self'"},
    });
    assert_eq!(policy(&own).as_deref(), Some("default-src 'self'"));
    for script in [
        "{{ __data.page|raw }}",
        "<p>{{ __data.page }}",
        "a {{ __data.page }}",
    ] {
        assert_eq!(policy(&json!({"return_data": script})), None, "{script}");
    }
    let html = json!({"return_type": "html", "return_html": "{{ __data.page }}"});
    assert_eq!(policy(&html), None);
}

#[test]
fn a_page_escapes_its_values() {
    let settings = json!({"return_type": "html", "return_html": "<p title='{{ __data.v }}'>{{ __data.v }}</p>"});
    let reply = reply_of(&settings, &json!({"v": "'><script>"}));
    assert_eq!(
        header(&reply, "content-type"),
        Some("text/html; charset=utf-8")
    );
    let body = String::from_utf8(reply.body).unwrap();
    assert!(
        !body.contains("<script>") && !body.contains("''>"),
        "{body}"
    );
}

#[test]
fn headers_of_the_author_are_added_and_may_replace_the_type_only() {
    let settings = json!({
        "return_data": "{\"a\": 1}", "return_status": 201,
        "return_headers": {"Content-Type": "application/vnd.a+json", "X-A": "{{ __data.v }}", "Content-Length": "1"},
    });
    let reply = reply_of(&settings, &json!({"v": "a\r\nSet-Cookie: b=c"}));
    assert_eq!(reply.status, 201);
    assert_eq!(
        header(&reply, "content-type"),
        Some("application/vnd.a+json")
    );
    assert_eq!(header(&reply, "x-a"), Some("aSet-Cookie: b=c"));
    assert_eq!(
        (
            header(&reply, "content-length"),
            header(&reply, "set-cookie")
        ),
        (None, None)
    );
    let settings = json!({
        "return_type": "redirect", "return_redirect": "/ok", "return_headers": {"Location": "//evil.example"},
    });
    assert_eq!(
        header(&reply_of(&settings, &json!({})), "location"),
        Some("/ok")
    );
}

#[test]
fn a_reply_with_headers_that_nobody_would_take_is_refused() {
    let refused = |settings: &Json, text: &str| {
        let run = Run::of(
            &json!([respond("r", settings)]),
            &json!({"v": "x".repeat(8 * 1024)}),
        );
        assert!(run.replies().is_empty());
        assert!(run.effects.contains(&Effect::ReplyRefused));
        let logged = |(level, line): &(Level, &str)| *level == Level::Error && line.contains(text);
        assert!(run.logs().iter().any(logged), "{:?}", run.logs());
    };
    let headers = |count: usize, value: &str| {
        let named = (0..count).map(|n| (format!("X-{n}"), json!(value)));
        json!({"return_data": "x", "return_headers": Json::Object(named.collect())})
    };
    refused(&headers(1, "{{ __data.v }}y"), "`x-0` has 8193 bytes");
    refused(
        &headers(4, "{{ __data.v }}"),
        "more than 32768 bytes together",
    );
    let far = json!({"return_type": "redirect", "return_redirect": "/{{ __data.v }}"});
    refused(&far, "`location` has 8193 bytes");
    let reply = reply_of(
        &headers(3, "{{ __data.v }}"),
        &json!({"v": "x".repeat(8 * 1024)}),
    );
    assert_eq!(header(&reply, "x-2").map(str::len), Some(8 * 1024));
}

#[test]
fn statuses_without_a_body_have_none() {
    for status in [204, 304] {
        let reply = reply_of(
            &json!({"return_data": "x", "return_status": status}),
            &json!({}),
        );
        assert_eq!(
            (
                reply.status,
                reply.body.len(),
                header(&reply, "content-type")
            ),
            (status, 0, None)
        );
    }
}

fn frames(steps: &Json, fields: &Json) -> Run {
    Run::start(plan("sync", &json!({"return_type": "sse"}), steps), fields)
}

#[test]
fn frames_come_as_they_happen_and_stop_at_the_final_one() {
    let frame = |id: &str, more: &Json| {
        let mut step = json!({"id": id, "type": "sse_frame"});
        step.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        step
    };
    let mut first = frame(
        "a",
        &json!({"event": "tick\n{{ __data.v }}", "data": r#"{"v": "{{ __data.v }}"}"#, "frame_id": "1\r\n2", "retry": 3000}),
    );
    first["then"] = json!([call("c")]);
    let steps = json!([
        first,
        frame("b", &json!({"data": "bye", "final": true})),
        frame("d", &json!({"data": "late"}))
    ]);
    let mut run = frames(&steps, &json!({"v": "\"x\"\ny"}));
    let sent = |run: &Run| {
        let frames = run.effects.iter().filter_map(|effect| match effect {
            Effect::Frame(frame) => Some(frame.clone()),
            _ => None,
        });
        frames.collect::<Vec<_>>()
    };
    let expected = [
        FrameOut {
            event: Some("tick\"x\"y".to_owned()),
            id: Some("12".to_owned()),
            retry: Some(3000),
            data: r#"{"v": "\"x\"\ny"}"#.to_owned(),
            last: false,
        },
        FrameOut {
            data: "bye".to_owned(),
            last: true,
            ..FrameOut::default()
        },
    ];
    assert_eq!(sent(&run), expected);
    assert!(
        run.logs()
            .iter()
            .any(|(_, line)| line.contains("final frame"))
    );
    assert_eq!(run.outcome(), None, "the run goes on after its last frame");
    run.answer(3, 200, "{}");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn steps_that_do_not_fit_the_endpoint_are_logged_as_ignored() {
    let run = Run::of(
        &json!([{"id": "f", "type": "sse_frame", "data": "x"}]),
        &json!({}),
    );
    assert!(
        !run.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Frame(_)))
    );
    assert!(run.logs().iter().any(|(_, line)| line.contains("ignored")));
    let run = frames(
        &json!([respond("r", &json!({"return_data": "x"}))]),
        &json!({}),
    );
    assert!(run.replies().is_empty());
    assert!(run.logs().iter().any(|(_, line)| line.contains("ignored")));
}
