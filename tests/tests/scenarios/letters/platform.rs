//! What these tests share.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::document::{document, with};
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;

use crate::resilience::documents::LOOPBACK;
use crate::resilience::load::Answer;

pub(super) const SOON: Duration = Duration::from_secs(30);

/// Runs leave their runner that have nothing to do for a second, and a runner that died is soon given up.
pub(super) fn builder() -> Builder {
    Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Runner, "EARSHOT_RUNNER__PARK_AFTER_SECONDS", "1")
        .env(
            Kind::Runner,
            "EARSHOT_RUNNER__PUBLIC_URL",
            "https://hooks.example.com/",
        )
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
}

/// Publishes a workflow; its URL.
pub(super) async fn publish(
    stack: &Stack,
    name: &str,
    mode: &str,
    listener: &Value,
    steps: &Value,
) -> String {
    let document = document(name, mode, listener, steps).to_string();
    stack.control().publish_new(&document).await.url
}

/// A listener that replies at once.
pub(super) fn accepting() -> Value {
    json!({"return_type": "data", "return_data": "{}"})
}

/// Starts a run.
pub(super) async fn start(url: &str, data: &Value) -> Answer {
    let answer = Answer::of(client().post(url).json(data)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// A step that tells the remote a text.
pub(super) fn tell(id: &str, remote: &Remote, text: &str, more: &Value) -> Value {
    let url = remote.url(&format!("/{id}"));
    let step =
        json!({"id": id, "type": "http_request", "method": "POST", "url": url, "body": text});
    with(step, more)
}

/// A workflow that tells its resume URL, waits, and tells what the callback brought.
pub(super) fn waiting(remote: &Remote, more: &Value) -> Value {
    let done = "{{ __data.callback.method }} {{ __data.callback.body.answer }}";
    let wait = json!({"id": "wait", "type": "wait_for_callback", "timeout": "1 hour",
        "then": [tell("done", remote, done, &json!({}))],
        "on_failure": [tell("late", remote, "late", &json!({}))]});
    let wait = with(wait, more);
    json!([tell(
        "ask",
        remote,
        "{{ callbackUrl('wait') }}",
        &json!({"then": [wait]})
    )])
}

/// The resume URL that the remote was told, as the platform of a test has it.
pub(super) fn resume_url(stack: &Stack, told: &str) -> String {
    let path = told
        .strip_prefix("https://hooks.example.com/callback/")
        .unwrap_or_else(|| panic!("no resume URL: {told}"));
    format!("{}/callback/{path}", stack.gateway(0).listener_url())
}

/// Calls a resume URL with an answer.
pub(super) fn call(url: &str, answer: &str) -> RequestBuilder {
    client().post(url).json(&json!({ "answer": answer }))
}

/// The only run of a workflow that is in a state, with all that is kept of it.
pub(super) async fn run_in(stack: &Stack, workflow: &str, state: &str) -> Value {
    let path = format!("/runs?workflow={workflow}&state={state}");
    let found = until(SOON, &format!("a run that is {state}"), async || {
        let page = stack.control().get(&path).await.body;
        page["items"].as_array()?.first().cloned()
    })
    .await;
    let id = found["id"].as_str().unwrap();
    stack.control().get(&format!("/runs/{id}")).await.body
}

/// Stops a run; the status, and the code of a problem.
pub(super) async fn cancel(stack: &Stack, run: &str) -> (u16, String) {
    let control = stack.control();
    let request = control.request(Method::POST, &format!("/runs/{run}/cancel"));
    let reply = control.send(request).await;
    let code = reply.body["code"].as_str().unwrap_or_default();
    (reply.status.as_u16(), code.to_owned())
}
