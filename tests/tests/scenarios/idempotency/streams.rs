//! Event streams with a key.

use serde_json::{Value, json};
use testkit::remote::Remote;

use super::platform::{Endpoint, Reply, call};

fn frames() -> Value {
    json!([{ "id": "made", "type": "sse_frame", "data": "{{ uuid() }}",
        "then": [{ "id": "end", "type": "sse_frame", "data": "done", "final": true }] }])
}

/// The frames of a stream, without comments.
fn of(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    let blocks = reply.text.split_inclusive("\n\n");
    blocks.filter(|block| block.contains("data:")).collect()
}

#[tokio::test]
async fn an_asynchronous_stream_runs_once_and_comes_again_from_its_beginning() {
    let remote = Remote::start();
    let listener = json!({ "return_type": "sse" });
    let endpoint = Endpoint::new("async", &listener, &call(&remote, "/held/sse", &frames())).await;
    let first = tokio::spawn(Reply::to(endpoint.post(0, "stream", "")));
    remote.called("/held/sse").await;
    // One that joins while the run is under way, at the other gateway.
    let second = tokio::spawn(Reply::to(endpoint.post(1, "stream", "")));
    remote.release("/held/sse");
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    let third = endpoint.reply(1, "stream", "").await;
    assert!(of(&first).contains("done"));
    assert_eq!(of(&second), of(&first));
    assert_eq!(of(&third), of(&first));
    assert_eq!(
        [&first, &second, &third].map(|reply| reply.is_replayed()),
        [false, true, true]
    );
    assert_eq!(remote.calls("/held/sse").len(), 1);
    endpoint
        .reply(1, "stream", "other")
        .await
        .problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_synchronous_stream_takes_no_key() {
    let remote = Remote::start();
    let listener = json!({ "return_type": "sse" });
    let endpoint = Endpoint::new("sync", &listener, &call(&remote, "/sse", &frames())).await;
    let told = endpoint
        .reply(0, "stream", "")
        .await
        .problem(400, "invalid_request");
    assert!(
        told["detail"].as_str().unwrap().contains("run_mode"),
        "{told}"
    );
    assert_eq!(remote.calls("/sse").len(), 0);
}
