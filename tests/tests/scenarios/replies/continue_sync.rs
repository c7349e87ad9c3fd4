//! Synchronous `continue`: held until the `respond` step fires.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;
use testkit::stack::Kind;

use super::platform::{has_run_id, header, problem, publish, silent, stack};

fn respond(id: &str, text: &str) -> Value {
    json!({ "id": id, "type": "respond", "return_type": "data", "return_data": text })
}

#[tokio::test]
async fn the_caller_is_held_until_respond_fires_and_the_run_goes_on_after_it() {
    let remote = Remote::start();
    let mut answer = respond("answer", "{\"sum\": {{ __data.sum }}}");
    answer["return_status"] = json!(207);
    answer["return_headers"] = json!({ "X-Step": "answer" });
    answer["then"] = json!([{
        "id": "more", "type": "http_request", "url": remote.url("/held/more"), "timeout": 60,
        "then": [{ "id": "end", "type": "http_request", "url": remote.url("/end") }],
    }]);
    let steps = json!([{
        "id": "wait", "type": "http_request", "url": remote.url("/held/before"), "timeout": 60,
        "then": [{ "id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + 1 }}", "then": [answer] }],
    }]);
    let listener = json!({ "return_type": "continue" });
    let url = publish("continue-held", "sync", listener, steps).await;
    let called = tokio::spawn(http::client().post(url).json(&json!({"a": 6})).send());
    remote.called("/held/before").await;
    assert!(!called.is_finished());
    remote.release("/held/before");
    let response = called.await.unwrap().unwrap();
    assert_eq!(response.status(), 207);
    assert_eq!(header(&response, "x-step"), "answer");
    assert_eq!(response.text().await.unwrap(), "{\"sum\": 7}");
    remote.called("/held/more").await;
    remote.release("/held/more");
    remote.called("/end").await;
}

#[tokio::test]
async fn a_run_that_ends_without_respond_is_204() {
    let steps = silent(&json!([{ "id": "note", "type": "log", "message": "nothing to say" }]));
    let url = publish(
        "continue-silent",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let response = http::client().get(url).send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(response.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_run_that_fails_before_its_reply_is_500_with_the_run_id_and_no_word_of_the_reason() {
    let steps = json!([{
        "id": "call", "type": "http_request", "url": "http://127.0.0.1:1/secret-path",
        "then": [respond("answer", "never")],
    }]);
    let url = publish(
        "continue-fails",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let response = http::client().get(url).send().await.unwrap();
    let body = problem(response, 500, "run_failed").await;
    has_run_id(&body);
    assert!(!body.to_string().contains("secret-path"), "{body}");
    let steps =
        silent(&json!([{ "id": "end", "type": "stop", "outcome": "failure", "message": "no" }]));
    let url = publish(
        "continue-stops",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let response = http::client().get(url).send().await.unwrap();
    has_run_id(&problem(response, 500, "run_failed").await);
}

#[tokio::test]
async fn a_run_that_does_not_reply_in_time_is_504_with_the_run_id() {
    let remote = Remote::start();
    for (return_type, mode) in [("continue", "sync"), ("data", "sync")] {
        let held = format!("/held/late-{return_type}");
        let mut listener = json!({ "return_type": return_type, "sync_timeout": 1 });
        let mut call = json!({ "id": "wait", "type": "http_request", "url": remote.url(&held), "timeout": 30 });
        if return_type == "continue" {
            call["then"] = json!([respond("answer", "late")]);
        } else {
            listener["return_data"] = json!("late");
        }
        let url = publish(
            &format!("late-{return_type}"),
            mode,
            listener,
            json!([call]),
        )
        .await;
        let begun = Instant::now();
        let response = http::client().get(url).send().await.unwrap();
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_secs(1) && took < Duration::from_secs(3),
            "{took:?}"
        );
        has_run_id(&problem(response, 504, "run_timeout").await);
        remote.release(&held);
    }
}

#[tokio::test]
async fn the_first_respond_counts_and_later_ones_are_logged_as_ignored() {
    let mut first = respond("first", "one");
    first["then"] = json!([respond("second", "two")]);
    let steps = json!([first, respond("third", "three")]);
    let url = publish(
        "continue-twice",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let response = http::client().get(url).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "one");
    let stack = stack().await;
    testkit::until(Duration::from_secs(20), "both to be logged", async || {
        let logs = stack.logs(Kind::Runner);
        let ignored = |step: &str| {
            logs.iter().any(|line| {
                line["step"] == step
                    && line["message"]
                        .as_str()
                        .is_some_and(|text| text.contains("replied already"))
            })
        };
        (ignored("second") && ignored("third")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn respond_gives_data_html_and_redirect() {
    let steps = json!([{
        "id": "which", "type": "switch", "value": "{{ __data.kind }}",
        "cases": [
            { "operator": "equal", "right": "html", "then": [
                { "id": "page", "type": "respond", "return_type": "html", "return_html": "<b>{{ __data.kind }}</b>" }] },
            { "operator": "equal", "right": "redirect", "then": [
                { "id": "away", "type": "respond", "return_type": "redirect", "return_redirect": "/to/{{ __data.kind }}", "return_status": 307 }] },
        ],
        "default": [respond("plain", "just {{ __data.kind }}")],
    }]);
    let url = publish(
        "continue-kinds",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let ask = async |kind: &str| {
        http::client()
            .get(&url)
            .query(&[("kind", kind)])
            .send()
            .await
            .unwrap()
    };
    let page = ask("html").await;
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(page.text().await.unwrap(), "<b>html</b>");
    let away = ask("redirect").await;
    assert_eq!(
        (away.status().as_u16(), header(&away, "location")),
        (307, "/to/redirect".to_owned())
    );
    let plain = ask("other").await;
    assert_eq!(header(&plain, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(plain.text().await.unwrap(), "just other");
}
