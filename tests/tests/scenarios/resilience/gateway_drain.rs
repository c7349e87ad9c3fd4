use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::until;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::documents::{LOOPBACK, echo, relay};
use super::keep_alive::KeepAlive;
use super::load::Answer;

const CALLERS: usize = 12;

/// How much a caller of large replies sends and gets back twice.
const LARGE: usize = 80_000;

#[tokio::test(flavor = "multi_thread")]
async fn gateways_that_are_replaced_under_load_lose_no_request_and_cut_no_reply() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .gateways(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let control = stack.control();
    let path = control.publish_new(&echo("echo")).await.path();
    let slow = relay("slow", &remote.url("/held/drain"), "");
    let slow = control.publish_new(&slow).await.path();
    let gateways = [0, 1].map(|index| stack.gateway(index).address("listener"));

    let answers = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let caller = KeepAlive::new(gateways.to_vec(), number);
        let size = if number % 6 == 0 { LARGE } else { 8 };
        callers.spawn(call(
            caller,
            path.clone(),
            size,
            answers.clone(),
            stop.clone(),
        ));
    }
    // These are in work when their gateway is told to end, and get their replies after its port has closed.
    let url = format!("http://{}{slow}", gateways[0]);
    let held: Vec<_> = (0..5)
        .map(|nonce| {
            let request = testkit::http::client()
                .post(&url)
                .json(&json!({"nonce": nonce}));
            tokio::spawn(Answer::of(request))
        })
        .collect();
    remote.called_times("/held/drain", 5).await;

    for (index, address) in gateways.into_iter().enumerate() {
        more(&answers, 300).await;
        stack.gateway(index).terminate();
        until(PATIENCE, "the port to close", async || {
            TcpStream::connect(address).await.err()
        })
        .await;
        remote.release("/held/drain");
        let status = stack.gateway(index).wait().await;
        assert_eq!(status.code(), Some(0));
        more(&answers, 300).await;
        stack.gateway(index).restart().await;
    }
    stop.store(true, Ordering::Relaxed);
    let lost: Vec<String> = callers.join_all().await.into_iter().flatten().collect();
    assert_eq!(lost, Vec::<String>::new());
    for answer in held {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

async fn more(answers: &AtomicUsize, count: usize) {
    let enough = answers.load(Ordering::Relaxed) + count;
    until(PATIENCE, "more answers", async || {
        (answers.load(Ordering::Relaxed) >= enough).then_some(())
    })
    .await;
}

/// Calls until it is stopped; every fault that it met.
async fn call(
    mut caller: KeepAlive,
    path: String,
    size: usize,
    answers: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for number in 0_usize.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let nonce = format!("{number:x>8}").repeat(size / 8);
        let body = json!({ "nonce": nonce }).to_string();
        match caller.post(&path, &body).await {
            Ok((200, reply)) if is_echo(&reply, &nonce) => {}
            Ok((status, reply)) => faults.push(format!("{status} {reply}")),
            Err(fault) => faults.push(fault),
        }
        answers.fetch_add(1, Ordering::Relaxed);
    }
    faults
}

fn is_echo(reply: &str, nonce: &str) -> bool {
    let reply: Value = serde_json::from_str(reply).unwrap_or_default();
    reply["nonce"] == nonce && reply["copy"] == nonce
}
