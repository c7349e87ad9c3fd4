//! How streams begin and end.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;

use super::platform::{at, call, frame, publish, stack, stream, then};
use super::reader::Reader;

#[tokio::test]
async fn the_end_of_the_run_closes_the_stream() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let remote = Remote::start();
        let wait = then(call("wait", &remote, "/held/end"), &[frame("two")]);
        let path = stream(
            stack,
            &format!("ends-{mode}"),
            mode,
            &json!([frame("one"), wait]),
        )
        .await;
        let mut reader = Reader::open(&at(stack, 0, &path)).await;
        assert_eq!(reader.data().await, "one");
        remote.called("/held/end").await;
        remote.release("/held/end");
        assert_eq!(reader.data().await, "two");
        assert_eq!(reader.frame().await, None);
    }
}

#[tokio::test]
async fn a_final_frame_closes_the_stream_while_the_run_goes_on() {
    let stack = stack().await;
    for (mode, leave) in [("sync", "cancel"), ("sync", "finish"), ("async", "finish")] {
        let remote = Remote::start();
        let mut last = frame("last");
        last["final"] = json!(true);
        let wait = then(
            call("wait", &remote, "/held/final"),
            &[call("after", &remote, "/after")],
        );
        let last = then(last, &[frame("ignored"), wait]);
        let listener = json!({ "return_type": "sse", "on_disconnect": leave });
        let path = publish(
            stack,
            &format!("final-{mode}-{leave}"),
            mode,
            &listener,
            &json!([last]),
        )
        .await;
        let mut reader = Reader::open(&at(stack, 0, &path)).await;
        assert_eq!(reader.data().await, "last");
        assert_eq!(reader.frame().await, None);
        remote.called("/held/final").await;
        remote.release("/held/final");
        remote.called("/after").await;
    }
}

#[tokio::test]
async fn the_first_frame_comes_while_the_run_still_works() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let remote = Remote::start();
        let first = then(frame("first"), &[call("wait", &remote, "/held/first")]);
        let path = stream(stack, &format!("first-{mode}"), mode, &json!([first])).await;
        let url = at(stack, 0, &path);
        let begun = Instant::now();
        let mut reader = Reader::open(&url).await;
        assert_eq!(reader.data().await, "first");
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(1), "{mode}: {took:?}");
        remote.called("/held/first").await;
        remote.release("/held/first");
        assert_eq!(reader.frame().await, None);
    }
}

#[tokio::test]
async fn a_run_that_fails_ends_its_stream_with_an_error_that_says_so_once() {
    let stack = stack().await;
    let remote = Remote::start();
    for mode in ["sync", "async"] {
        let fails = then(call("fails", &remote, "/status/500"), &[frame("never")]);
        let steps = json!([then(frame("one"), &[fails])]);
        let path = stream(stack, &format!("stream-fails-{mode}"), mode, &steps).await;
        let mut reader = Reader::open(&at(stack, 0, &path)).await;
        assert_eq!(reader.data().await, "one");
        let error = reader.frame().await.expect("an error");
        assert_eq!(error.event.as_deref(), Some("error"));
        let told: Value = serde_json::from_str(&error.data.unwrap()).unwrap();
        assert_eq!(told["code"], "run_failed");
        assert!(uuid::Uuid::parse_str(told["run_id"].as_str().unwrap()).is_ok());
        assert_eq!(reader.frame().await, None);
        if mode == "async" {
            let again = http::client().get(at(stack, 1, &path));
            let again = again.header("last-event-id", error.id.unwrap());
            assert_eq!(again.send().await.unwrap().status(), 204);
        }
    }
}

#[tokio::test]
async fn a_head_request_gets_the_head_of_the_stream_and_runs_nothing() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let remote = Remote::start();
        let path = stream(
            stack,
            &format!("stream-head-{mode}"),
            mode,
            &json!([frame("one"), call("tell", &remote, "/told")]),
        )
        .await;
        let url = at(stack, 0, &path);
        let head = http::client().head(&url).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(head.headers()["content-type"], "text/event-stream");
        assert_eq!(head.bytes().await.unwrap().len(), 0);
        assert_eq!(Reader::open(&url).await.rest_of_it().await.len(), 1);
        assert_eq!(
            remote.called_times("/told", 1).await.len(),
            1,
            "{mode}: HEAD has run it"
        );
    }
}
