//! A runner that dies in the middle of a stream.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::remote::Remote;

use super::platform::{at, call, calling_out, frame, stream, then};
use super::reader::Reader;

#[tokio::test]
async fn a_synchronous_stream_whose_runner_was_killed_ends_with_an_error_that_says_so() {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let wait = then(call("wait", &remote, "/held/lost"), &[frame("two")]);
    let path = stream(
        &stack,
        "lost",
        "sync",
        &json!([then(frame("one"), &[wait])]),
    )
    .await;
    let mut reader = Reader::open(&at(&stack, 0, &path)).await;
    assert_eq!(reader.data().await, "one");
    remote.called("/held/lost").await;
    stack.runner(0).kill();
    let killed = Instant::now();
    let error = reader.frame().await.expect("an error");
    assert!(
        killed.elapsed() < Duration::from_secs(2),
        "after {:?}",
        killed.elapsed()
    );
    assert_eq!(error.event.as_deref(), Some("error"));
    let told: Value = serde_json::from_str(&error.data.unwrap()).unwrap();
    assert_eq!(told["code"], "runner_lost");
    assert!(uuid::Uuid::parse_str(told["run_id"].as_str().unwrap()).is_ok());
    assert_eq!(reader.frame().await, None);
}

#[tokio::test]
async fn an_asynchronous_stream_goes_on_with_another_runner_and_is_commented_on_every_15_seconds_until_then()
 {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let wait = then(call("wait", &remote, "/held/again"), &[frame("three")]);
    let path = stream(
        &stack,
        "again",
        "async",
        &json!([frame("one"), then(frame("two"), &[wait])]),
    )
    .await;
    let opened = Instant::now();
    let mut reader = Reader::open(&at(&stack, 0, &path)).await;
    assert_eq!(reader.data().await, "one");
    assert_eq!(reader.data().await, "two");
    remote.called("/held/again").await;
    stack.runner(0).restart().await;
    assert_eq!(reader.block().await.as_deref(), Some(":\n\n"));
    let quiet = opened.elapsed().as_secs_f64();
    assert!(
        (14.5..25.0).contains(&quiet),
        "the first comment came after {quiet} s"
    );
    // The queue hands a job to another runner after half a minute without a sign of life.
    remote.called_times("/held/again", 2).await;
    remote.release("/held/again");
    let rest: Vec<_> = reader
        .rest_of_it()
        .await
        .into_iter()
        .map(|frame| frame.data.unwrap())
        .collect();
    assert_eq!(rest, ["three"]);
}

#[tokio::test]
async fn an_asynchronous_stream_opens_without_a_runner_and_begins_once_one_starts() {
    let stack = calling_out().start().await;
    let path = stream(
        &stack,
        "not-yet",
        "async",
        &json!([frame("one"), frame("two")]),
    )
    .await;
    stack.runner(0).kill();
    let mut reader = Reader::open(&at(&stack, 0, &path)).await;
    stack.runner(0).restart().await;
    let frames = reader.rest_of_it().await;
    let data: Vec<_> = frames
        .into_iter()
        .map(|frame| frame.data.unwrap())
        .collect();
    assert_eq!(data, ["one", "two"]);
}
