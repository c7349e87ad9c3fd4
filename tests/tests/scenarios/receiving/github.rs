//! Real webhooks.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::platform::{data, echo, fields};

/// How many payloads are sent at once.
const AT_ONCE: usize = 8;

/// Event and payload of each example that GitHub publishes.
fn payloads() -> Vec<(String, Value)> {
    let modules = std::env::var_os("EARSHOT_TEST_NODE_MODULES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.earshot/npm/node_modules"),
        PathBuf::from,
    );
    let file = modules.join("@octokit/webhooks-examples/api.github.com/index.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("GitHub's example payloads are not there ({error}): run `cargo xtask test`, which installs them")
    });
    let events: Vec<Value> = serde_json::from_str(&text).unwrap();
    let of_event = |event: &Value| {
        let name = event["name"].as_str().unwrap().to_owned();
        let examples = event["examples"].as_array().unwrap().clone();
        examples
            .into_iter()
            .map(move |example| (name.clone(), example))
    };
    events.iter().flat_map(of_event).collect()
}

#[tokio::test]
async fn the_fields_of_real_github_payloads_come_back_equal() {
    let payloads = payloads();
    assert!(payloads.len() >= 300, "{}", payloads.len());
    let client = testkit::http::client();
    let (url, client) = (echo().await, &client);
    let sent = stream::iter(payloads).map(|(event, payload)| async move {
        // As GitHub's own pages print it: with line ends and blanks that have to survive too.
        let body = serde_json::to_string_pretty(&payload).unwrap();
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("x-github-event", &event)
            .header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
            .body(body.clone());
        let all = data(request).await;
        assert_eq!(fields(&all), payload, "{event}");
        assert_eq!(all["__json"], payload, "{event}");
        assert_eq!(all["__body"], body, "{event}");
        assert_eq!(all["__headers"]["x_github_event"], event);
    });
    sent.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_payload_without_a_type_of_its_own_gives_the_same_fields() {
    for (event, payload) in payloads().into_iter().step_by(40) {
        let request = testkit::http::client()
            .post(echo().await)
            .body(payload.to_string());
        assert_eq!(fields(&data(request).await), payload, "{event}");
    }
}
