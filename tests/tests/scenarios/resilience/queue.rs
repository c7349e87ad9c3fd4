use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;

use super::documents::{LOOPBACK, accept};
use super::load::Answer;

const JOBS: usize = 8;

/// A patience of the queue that no test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENT: (&str, &str) = ("EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "30");

/// Two runners that take jobs of an endpoint whose runs are held until `remote` releases them. The first of them has
/// all the jobs.
async fn loaded(builder: Builder, remote: &Remote) -> (Stack, String) {
    let stack = builder
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let document = accept("jobs", &remote.url("/held/jobs"));
    let url = stack.control().publish_new(&document).await.url;
    stack.runner(1).terminate();
    stack.runner(1).wait().await;
    for nonce in 0..JOBS {
        accept_one(&url, nonce).await;
    }
    remote.called_times("/held/jobs", JOBS).await;
    stack.runner(1).restart().await;
    (stack, url)
}

async fn accept_one(url: &str, nonce: usize) {
    let request = client()
        .post(url)
        .json(&json!({ "nonce": nonce.to_string() }));
    assert_eq!(Answer::of(request).await.status, 200);
}

/// Asserts that each job has come twice.
fn assert_twice(remote: &Remote) {
    let calls = remote.calls("/held/jobs");
    for half in calls.chunks(JOBS) {
        let ids: HashSet<&str> = half.iter().map(|call| call.body.as_str()).collect();
        assert_eq!(ids.len(), JOBS, "{calls:?}");
    }
    assert_eq!(calls.len(), 2 * JOBS);
}

#[tokio::test]
async fn the_jobs_of_a_killed_runner_are_done_by_another() {
    let remote = Remote::start();
    let builder = Stack::builder().env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "2");
    let (stack, url) = loaded(builder, &remote).await;
    stack.runner(0).kill();
    remote.called_times("/held/jobs", 2 * JOBS).await;
    remote.release("/held/jobs");
    // Runs that take longer than the queue is patient stay with their runner as long as it gives signs of life.
    assert_twice(&remote);
    accept_one(&url, JOBS).await;
    remote.called_times("/held/jobs", 2 * JOBS + 1).await;
    stack.runner(1).terminate();
    assert_eq!(stack.runner(1).wait().await.code(), Some(0));
    stack.runner(0).restart().await;
    accept_one(&url, JOBS + 1).await;
    let last = remote.called_times("/held/jobs", 2 * JOBS + 2).await;
    assert_eq!(last[2 * JOBS + 1].body, (JOBS + 1).to_string());
}

#[tokio::test]
async fn a_run_that_takes_longer_than_the_queue_is_patient_is_not_handed_out_twice() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
        .start()
        .await;
    let slow = accept("slow", &remote.url("/held/slow"));
    let slow = stack.control().publish_new(&slow).await.url;
    let quick = accept("quick", &remote.url("/quick"));
    let quick = stack.control().publish_new(&quick).await.url;
    accept_one(&slow, 0).await;
    remote.called("/held/slow").await;
    // Time in which a job that gives no sign of life is handed out again passes, told by the queue's own work.
    let began = Instant::now();
    let mut nonce = 1;
    while began.elapsed() < Duration::from_secs(3) {
        accept_one(&quick, nonce).await;
        remote.called_times("/quick", nonce).await;
        nonce += 1;
    }
    assert_eq!(remote.calls("/held/slow").len(), 1);
    remote.release("/held/slow");
}

#[tokio::test]
async fn a_runner_that_ends_finishes_its_jobs() {
    let remote = Remote::start();
    let builder = Stack::builder().env(Kind::Registry, PATIENT.0, PATIENT.1);
    let (stack, url) = loaded(builder, &remote).await;
    stack.runner(0).terminate();
    until(PATIENCE, "the drain to begin", async || {
        let ready = client().get(format!("{}/readyz", stack.runner(0).ops_url()));
        (ready.send().await.ok()?.status() == 503).then_some(())
    })
    .await;
    remote.release("/held/jobs");
    assert_eq!(stack.runner(0).wait().await.code(), Some(0));
    // The queue hands out in order: what had gone back would come before this one.
    accept_one(&url, JOBS).await;
    let calls = remote.called_times("/held/jobs", JOBS + 1).await;
    assert_eq!(calls[JOBS].body, JOBS.to_string());
    assert_eq!(calls.len(), JOBS + 1);
}

#[tokio::test]
async fn jobs_that_outlast_the_grace_of_a_runner_that_ends_go_back_at_once() {
    let remote = Remote::start();
    let builder = Stack::builder()
        .env(Kind::Runner, "EARSHOT_OPS__DRAIN_SECONDS", "1")
        .env(Kind::Registry, PATIENT.0, PATIENT.1);
    let (stack, _) = loaded(builder, &remote).await;
    let began = Instant::now();
    stack.runner(0).terminate();
    remote.called_times("/held/jobs", 2 * JOBS).await;
    let took = began.elapsed();
    assert!(
        took < PATIENCE / 3,
        "they waited for the queue's patience: {took:?}"
    );
    assert_twice(&remote);
    remote.release("/held/jobs");
    stack.runner(0).wait().await;
}
