//! What lies on disk and in logs: of secrets, nothing.

use std::path::PathBuf;

use serde_json::json;
use testkit::disk::holding;
use testkit::jwt;
use testkit::remote::Remote;
use testkit::until;

use super::platform::{builder, call, document, set};

const CANARY: &str = "canary-7f3a-of-the-secrets-that-nobody-sees-on-any-disk";

#[tokio::test]
async fn the_value_of_a_secret_is_in_no_file_of_database_and_bus_and_in_no_log() {
    let (stack, remote) = (builder().start().await, Remote::start());
    let control = stack.control();
    set(&control, "secrets", "CANARY", CANARY).await;
    set(&control, "variables", "OPEN", "marker-of-the-variables").await;
    let guarded = json!({
        "return_type": "data", "return_data": "passed", "add_authentication": true,
        "endpoint_key": "issuer", "endpoint_secret": "{{ secret('CANARY') }}",
    });
    let guarded = document("sync", &guarded, &json!([]));
    let guarded = control.publish_new(&guarded.to_string()).await;
    let token = jwt::good("issuer", CANARY);
    let request = testkit::http::client()
        .get(&guarded.url)
        .bearer_auth(&token);
    assert_eq!(request.send().await.unwrap().status(), 200);

    // A call with it, a log line of it, and an error that quotes it; in both modes.
    let steps = json!([
        {"id": "call", "type": "http_request", "url": remote.url("/called"),
         "headers": {"X-Key": "{{ secret('CANARY') }}"}},
        {"id": "log", "type": "log", "message": "marker-of-the-log {{ secret('CANARY') }}"},
        {"id": "fails", "type": "http_request", "continue_on_error": true,
         "url": "no-url-but-{{ secret('CANARY') }}"},
        {"id": "date", "type": "store_value", "name": "d", "continue_on_error": true,
         "value": "{{ date(secret('CANARY'), 'Y') }}"},
    ]);
    for mode in ["sync", "async"] {
        let listener = json!({"return_type": "data", "return_data": "ok {{ dump() }}"});
        let workflow = document(mode, &listener, &steps);
        let workflow = control.publish_new(&workflow.to_string()).await;
        let (status, body) = call(&workflow.url).await;
        assert_eq!(status, 200, "{body}");
    }
    let calls = remote.called_times("/called", 2).await;
    assert!(calls.iter().all(|call| {
        let mut headers = call.headers.iter();
        headers.any(|(name, value)| name == "x-key" && value == CANARY)
    }));

    let folders = [stack.folder(), stack.nats().folder()];
    // The search finds what is there.
    let patience = std::time::Duration::from_secs(10);
    for (folder, text) in [
        (0, "marker-of-the-log [secret CANARY]"),
        (0, "marker-of-the-variables"),
        (1, "marker-of-the-variables"),
    ] {
        until(patience, text, async || {
            (!holding(folders[folder], text).is_empty()).then_some(())
        })
        .await;
    }
    let found: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| holding(folder, CANARY))
        .collect();
    assert_eq!(found, Vec::<PathBuf>::new());
}
