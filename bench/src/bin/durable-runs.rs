//! What it costs that a run survives: real processes on this machine, and a service on loopback that they call.
//!
//! `cargo build --release --bins && cargo run --release -p bench --bin durable-runs` prints
//!
//! - how much longer a step takes in an asynchronous run, whose steps are journalled, than in a synchronous one;
//! - how long an asynchronous run of three cheap steps takes from the request to its last step, at 100 runs per second;
//! - how many more runs ten runners finish than five, where each step waits 50 ms for an answer.
#![allow(clippy::print_stdout, reason = "a benchmark prints its product")]
#![allow(clippy::expect_used, reason = "a benchmark fails loudly")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bench::responder::{Call, Responder};
use bench::table::percentile;
use serde_json::{Value, json};
use testkit::document::document;
use testkit::stack::{Kind, Stack};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

/// Steps of a run, one after the other.
const STEPS: usize = 10;

#[tokio::main]
async fn main() {
    println!("| what | measured |");
    println!("| --- | --- |");
    journalling().await;
    cheap_steps().await;
    more_runners().await;
}

/// `count` requests, one below the other.
fn chain(url: &str, count: usize) -> Value {
    let mut steps = json!([]);
    for number in (0..count).rev() {
        let url = format!("{url}/{number}");
        let id = format!("step_{number}");
        steps = json!([{ "id": id, "type": "http_request", "url": url, "then": steps }]);
    }
    steps
}

fn listener() -> Value {
    json!({ "return_type": "data", "return_data": "ok" })
}

async fn post(client: &reqwest::Client, url: &str, number: usize) {
    let body = json!({ "n": number }).to_string();
    let request = client.post(url).header("content-type", "application/json");
    let response = request.body(body).send().await.expect("it is answered");
    assert!(response.status().is_success(), "{}", response.status());
}

async fn platform(runners: usize, async_runs: &str) -> Stack {
    Stack::builder()
        .runners(runners)
        .env(
            Kind::Runner,
            "EARSHOT_RUNNER__ALLOWED_NETWORKS",
            "127.0.0.0/8",
        )
        .env(Kind::Runner, "EARSHOT_RUNNER__ASYNC_RUNS", async_runs)
        .start()
        .await
}

/// Calls of each run, in order: the path is `/<run>/<step>`.
fn by_run(calls: Vec<Call>) -> BTreeMap<String, Vec<Instant>> {
    let mut runs: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for (path, at) in calls {
        let run = path.split('/').nth(1).unwrap_or_default();
        runs.entry(run.to_owned()).or_default().push(at);
    }
    runs
}

/// The time from one step's call to the next one's, in runs that come one after the other.
async fn journalling() {
    const RUNS: usize = 200;
    let stack = platform(1, "64").await;
    let remote = Responder::start(Duration::ZERO);
    let client = testkit::http::client();
    let mut medians = Vec::new();
    for mode in ["sync", "async", "sync", "async"] {
        let steps = chain(&remote.url("/{{ __data.n }}"), STEPS);
        let name = format!("chain-{mode}-{}", medians.len());
        let document = document(&name, mode, &listener(), &steps);
        let workflow = stack.control().publish_new(&document.to_string()).await;
        let mut gaps = Vec::new();
        for number in 0..RUNS {
            post(&client, &workflow.url, number).await;
            for at in by_run(remote.take(STEPS).await).into_values() {
                let pairs = at.windows(2).filter_map(|pair| match pair {
                    [before, after] => Some(after.duration_since(*before)),
                    _ => None,
                });
                gaps.extend(pairs);
            }
        }
        let (middle, late) = (percentile(&mut gaps, 50), percentile(&mut gaps, 99));
        println!("| a step of a run, {mode} | p50 {middle:.3} ms, p99 {late:.3} ms |");
        medians.push(middle);
    }
    let mean = |of: usize| {
        let all: Vec<f64> = medians.iter().skip(of).step_by(2).copied().collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    let added = mean(1) - mean(0);
    println!("| journalling adds to a step (bar: 1 ms) | p50 {added:.3} ms |");
}

/// From the request to the call of the last step.
async fn cheap_steps() {
    const RUNS: usize = 1_000;
    let stack = platform(1, "64").await;
    let remote = Responder::start(Duration::ZERO);
    let url = remote.url("/{{ __data.n }}/last");
    let steps = json!([{ "id": "total", "type": "store_value", "name": "total", "value": "{{ __data.n + 1 }}", "then": [
        { "id": "many", "type": "condition", "left": "{{ __data.total }}", "operator": "greater", "right": "0", "yes": [
            { "id": "last", "type": "http_request", "url": url }
        ]}
    ]}]);
    let document = document("cheap", "async", &listener(), &steps);
    let workflow = stack.control().publish_new(&document.to_string()).await;
    let client = testkit::http::client();
    for number in 0..100 {
        post(&client, &workflow.url, number).await;
    }
    remote.take(100).await;
    let mut pace = interval(Duration::from_millis(10));
    let mut sent = BTreeMap::new();
    let mut requests = JoinSet::new();
    for number in 0..RUNS {
        pace.tick().await;
        sent.insert(number.to_string(), Instant::now());
        let (client, url) = (client.clone(), workflow.url.clone());
        requests.spawn(async move { post(&client, &url, number).await });
    }
    requests.join_all().await;
    let mut times: Vec<Duration> = by_run(remote.take(RUNS).await)
        .into_iter()
        .filter_map(|(run, at)| Some(at.first()?.duration_since(*sent.get(&run)?)))
        .collect();
    assert_eq!(times.len(), RUNS);
    let (middle, late) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!(
        "| an async run of three cheap steps at 100 runs/s, from the request to the last step (bar: 10 ms) | p50 {middle:.2} ms, p99 {late:.2} ms |"
    );
}

/// Runs per second where each has five steps that wait for 50 ms.
async fn more_runners() {
    let mut rates = Vec::new();
    for runners in [5, 10] {
        let rate = throughput(runners).await;
        println!(
            "| {runners} runners with 4 runs at once each, steps wait for 50 ms | {rate:.0} steps/s |"
        );
        rates.push(rate);
    }
    if let [five, ten] = rates[..] {
        println!("| ten runners to five (bar: 1.8) | {:.2} |", ten / five);
    }
}

async fn throughput(runners: usize) -> f64 {
    const RUNS: usize = 400;
    const WAITS: usize = 5;
    let stack = platform(runners, "4").await;
    let remote = Responder::start(Duration::from_millis(50));
    let steps = chain(&remote.url("/{{ __data.n }}"), WAITS);
    let document = document("slow", "async", &listener(), &steps);
    let workflow = stack.control().publish_new(&document.to_string()).await;
    let client = testkit::http::client();
    // Every runner has the version ready.
    for number in 0..runners * 8 {
        post(&client, &workflow.url, number).await;
    }
    remote.take(runners * 8 * WAITS).await;
    sleep(Duration::from_millis(500)).await;
    for number in 0..RUNS {
        post(&client, &workflow.url, number).await;
    }
    let calls = remote.take(RUNS * WAITS).await;
    let first = calls.iter().map(|(_, at)| *at).min();
    let last = calls.iter().map(|(_, at)| *at).max();
    let (Some(first), Some(last)) = (first, last) else {
        return 0.0;
    };
    (RUNS * WAITS) as f64 / last.duration_since(first).as_secs_f64()
}
