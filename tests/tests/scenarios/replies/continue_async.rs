//! Asynchronous `continue`: the reply if it comes in time, else a signed URL that gives it later.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use testkit::remote::Remote;
use testkit::stack::Kind;
use testkit::{http, until};

use super::platform::{has_run_id, header, problem, publish, silent, stack};

const PATIENCE: Duration = Duration::from_secs(30);

async fn get(url: &str) -> Response {
    http::client().get(url).send().await.unwrap()
}

/// Calls and is handed over; where to fetch the reply.
async fn handed_over(url: &str) -> String {
    let response = get(url).await;
    assert_eq!(response.status(), 202);
    assert_eq!(header(&response, "content-type"), "application/json");
    let location = header(&response, "location");
    let body: Value = response.json().await.unwrap();
    let run_id = body["run_id"].as_str().unwrap();
    assert!(
        location.starts_with(&format!("/runs/{run_id}/reply?token=")),
        "{location}"
    );
    format!("{}{location}", stack().await.gateway(0).listener_url())
}

/// Fetches until it is no 202 any more.
async fn fetched(reply_url: &str) -> Response {
    until(PATIENCE, "the reply", async || {
        let response = get(reply_url).await;
        (response.status() != 202).then_some(response)
    })
    .await
}

fn listener() -> Value {
    json!({ "return_type": "continue", "continue_timeout": 1 })
}

fn after(remote: &Remote, held: &str, then: &Value) -> Value {
    json!([{ "id": "wait", "type": "http_request", "url": remote.url(held), "timeout": 60, "then": then }])
}

#[tokio::test]
async fn a_reply_within_the_time_is_the_reply_itself() {
    let steps = json!([{
        "id": "answer", "type": "respond", "return_type": "data", "return_status": 203,
        "return_data": "{\"hello\": \"{{ __data.name }}\"}",
    }]);
    let url = publish("parked-soon", "async", listener(), steps).await;
    let response = http::client()
        .get(url)
        .query(&[("name", "Ada")])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 203);
    assert_eq!(response.text().await.unwrap(), "{\"hello\": \"Ada\"}");
}

#[tokio::test]
async fn a_late_reply_is_202_with_a_location_that_gives_202_until_the_very_reply_is_there() {
    let remote = Remote::start();
    let respond = json!([{
        "id": "answer", "type": "respond", "return_type": "html", "return_status": 418,
        "return_headers": { "X-Of": "{{ __data.name }}", "Set-Cookie": "a=b" },
        "return_html": "<p>{{ __data.name }}</p>",
        "then": [{ "id": "again", "type": "respond", "return_type": "data", "return_data": "ignored" }],
    }]);
    let steps = after(&remote, "/held/late", &respond);
    let url = publish("parked-late", "async", listener(), steps).await;
    let reply_url = handed_over(&format!("{url}?name=A%26B")).await;
    let not_yet = get(&reply_url).await;
    assert_eq!(not_yet.status(), 202);
    assert!(reply_url.ends_with(&header(&not_yet, "location")));
    let again: Value = not_yet.json().await.unwrap();
    assert!(reply_url.contains(again["run_id"].as_str().unwrap()));
    remote.release("/held/late");
    for _ in 0..2 {
        let reply = fetched(&reply_url).await;
        assert_eq!(reply.status(), 418);
        assert_eq!(header(&reply, "x-of"), "A&B");
        assert_eq!(header(&reply, "set-cookie"), "a=b");
        assert_eq!(header(&reply, "content-type"), "text/html; charset=utf-8");
        assert_eq!(reply.text().await.unwrap(), "<p>A&amp;B</p>");
    }
    let head = http::client().head(&reply_url).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), header(&head, "content-length")),
        (418, "14".to_owned())
    );
}

#[tokio::test]
async fn a_location_that_was_tampered_with_is_the_same_404_as_anything_unknown() {
    let remote = Remote::start();
    let respond = json!([{ "id": "answer", "type": "respond", "return_type": "data", "return_data": "secret" }]);
    let steps = after(&remote, "/held/tampered", &respond);
    let url = publish("parked-tampered", "async", listener(), steps).await;
    let reply_url = handed_over(&url).await;
    let other_url = handed_over(&url).await;
    remote.release("/held/tampered");
    assert_eq!(fetched(&reply_url).await.text().await.unwrap(), "secret");
    let (base, token) = reply_url.split_once("?token=").unwrap();
    let (other_base, _) = other_url.split_once("?token=").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (start, rest) = signature.split_at(1);
    let flipped = if start == "A" { "B" } else { "A" };
    for bad in [
        base.to_owned(),
        format!("{base}?token="),
        format!("{base}?token=x"),
        format!("{base}?token={signed}.{flipped}{rest}"),
        format!("{base}?token={signed}."),
        format!("{other_base}?token={token}"),
    ] {
        problem(get(&bad).await, 404, "not_found").await;
    }
    assert_eq!(fetched(&other_url).await.text().await.unwrap(), "secret");
}

#[tokio::test]
async fn a_run_that_ends_late_without_respond_is_204_at_its_location() {
    let remote = Remote::start();
    let steps = after(&remote, "/held/silent", &silent(&json!([])));
    let url = publish("parked-silent", "async", listener(), steps).await;
    let reply_url = handed_over(&url).await;
    remote.release("/held/silent");
    assert_eq!(fetched(&reply_url).await.status(), 204);
}

#[tokio::test]
async fn a_run_that_fails_late_is_500_with_its_run_id_at_its_location() {
    let remote = Remote::start();
    let fail = json!([{ "id": "end", "type": "stop", "outcome": "failure" }]);
    let steps = after(&remote, "/held/fails", &silent(&fail));
    let url = publish("parked-fails", "async", listener(), steps).await;
    let reply_url = handed_over(&url).await;
    remote.release("/held/fails");
    let body = problem(fetched(&reply_url).await, 500, "run_failed").await;
    has_run_id(&body);
    assert!(reply_url.contains(body["run_id"].as_str().unwrap()));
}

#[tokio::test]
async fn a_run_that_ends_or_fails_in_time_is_204_or_500_at_once() {
    let steps = silent(&json!([{ "id": "note", "type": "log", "message": "x" }]));
    let patient = json!({ "return_type": "continue", "continue_timeout": 20 });
    let url = publish("parked-ends", "async", patient.clone(), steps).await;
    assert_eq!(get(&url).await.status(), 204);
    let steps = silent(&json!([{ "id": "end", "type": "stop", "outcome": "failure" }]));
    let url = publish("parked-stops", "async", patient, steps).await;
    has_run_id(&problem(get(&url).await, 500, "run_failed").await);
}

#[tokio::test]
async fn a_later_respond_of_an_asynchronous_run_never_replaces_the_first() {
    let remote = Remote::start();
    let first = json!([{
        "id": "first_async", "type": "respond", "return_type": "data", "return_data": "one",
        "then": [{ "id": "second_async", "type": "respond", "return_type": "data", "return_data": "two",
            "then": [{ "id": "end", "type": "http_request", "url": remote.url("/end") }] }],
    }]);
    let steps = after(&remote, "/held/twice", &first);
    let url = publish("parked-twice", "async", listener(), steps).await;
    let reply_url = handed_over(&url).await;
    remote.release("/held/twice");
    remote.called("/end").await;
    assert_eq!(fetched(&reply_url).await.text().await.unwrap(), "one");
    let logs = stack().await.logs(Kind::Runner);
    assert!(
        logs.iter().any(|line| line["step"] == "second_async"
            && line["message"].to_string().contains("ignored")),
        "nothing says that the second was ignored"
    );
}
