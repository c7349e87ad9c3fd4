use std::time::{Duration, Instant};

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use tokio::task::JoinSet;

use super::documents::{LOOPBACK, echo, relay};
use super::load::{Answer, Load};

/// Until when a caller whose run was lost has to be told.
const TOLD: Duration = Duration::from_secs(1);

/// How many runs are in work when the runner dies.
const HELD: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runner_costs_no_request_that_may_be_sent_again_and_the_others_are_told_within_a_second()
 {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(3)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let control = stack.control();
    let echo = control.publish_new(&echo("echo")).await.url;
    let publish = async |name: &str, more: &str| {
        let document = relay(name, &remote.url(&format!("/held/{name}")), more);
        control.publish_new(&document).await.url
    };
    let again = publish("again", "\n    on_runner_lost: resend").await;
    let never = publish("never", "\n    on_runner_lost: fail").await;
    let unsaid = publish("unsaid", "").await;

    let load = Load::start(20, {
        let http = client();
        move |nonce| {
            let request = http
                .post(&echo)
                .json(&json!({ "nonce": nonce.to_string() }));
            async move { (nonce, Answer::of(request).await) }
        }
    });
    let again = hold(&remote, "/held/again", |http| http.post(&again)).await;
    let never = hold(&remote, "/held/never", |http| http.post(&never)).await;
    let written = hold(&remote, "/held/unsaid", |http| http.post(&unsaid)).await;
    load.more(200).await;
    let killed = Instant::now();
    stack.runner(1).kill();
    load.more(200).await;

    // What was sent again comes a second time; what may not be has no second run.
    let sent = remote.called_times("/held/again", HELD + 1).await.len();
    for path in ["/held/again", "/held/never", "/held/unsaid"] {
        remote.release(path);
    }
    for answer in again.join_all().await {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["ok"], true);
    }
    assert!(sent > HELD);
    for held in [never, written] {
        let lost = judge(held.join_all().await, killed);
        assert!((1..HELD).contains(&lost), "{lost} of {HELD} were lost");
    }
    for path in ["/held/never", "/held/unsaid"] {
        assert_eq!(remote.calls(path).len(), HELD, "{path}");
    }
    for (nonce, answer) in load.stop().await {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["nonce"], nonce.to_string(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_sent_again_although_its_steps_act_outside() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let document = relay("reads", &remote.url("/held/reads"), "");
    let url = stack.control().publish_new(&document).await.url;
    let reads = hold(&remote, "/held/reads", |http| http.get(&url)).await;
    stack.runner(0).kill();
    remote.called_times("/held/reads", HELD + 1).await;
    remote.release("/held/reads");
    for answer in reads.join_all().await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Sends requests whose runs have all begun, and wait, when this returns.
async fn hold(
    remote: &Remote,
    path: &str,
    request: impl Fn(reqwest::Client) -> reqwest::RequestBuilder,
) -> JoinSet<Answer> {
    let mut held = JoinSet::new();
    for nonce in 0..HELD {
        held.spawn(Answer::of(request(client()).query(&[("nonce", nonce)])));
    }
    remote.called_times(path, HELD).await;
    held
}

/// How many of the runs were lost. Each was answered, or its caller told in time which run was lost.
fn judge(answers: Vec<Answer>, killed: Instant) -> usize {
    let mut lost = 0;
    for answer in answers {
        if answer.status == 200 {
            continue;
        }
        lost += 1;
        assert_eq!(answer.status, 502, "{answer:?}");
        assert_eq!(answer.code(), "runner_lost");
        let run_id = answer.body["run_id"].as_str().expect("the run is named");
        assert!(uuid::Uuid::parse_str(run_id).is_ok(), "{run_id}");
        let told = answer.ended().saturating_duration_since(killed);
        assert!(told < TOLD, "told after {told:?}");
    }
    lost
}
