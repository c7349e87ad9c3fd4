use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;
use testkit::control::Client;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::until;

use super::documents::{LOOPBACK, accept, echo, relay};
use super::load::{Answer, Load};

/// How long a caller may be kept waiting for word that the bus is away.
const TOLD: Duration = Duration::from_secs(2);

/// How long everything may take to work again.
const BACK: Duration = Duration::from_secs(10);

/// What may be said while the bus is away or has just come back.
const REASONS: [&str; 3] = ["bus_unavailable", "queue_unavailable", "no_runner"];

#[tokio::test(flavor = "multi_thread")]
async fn requests_fail_fast_while_nats_is_away_and_nothing_that_was_accepted_is_lost() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .gateways(2)
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "2")
        .start()
        .await;
    let control = stack.control();
    let sync = control.publish_new(&echo("sync")).await;
    let accept = accept("accept", &remote.url("/sink"));
    let accept = control.publish_new(&accept).await;
    let urls = [
        stack.gateway(0).listener_url() + &sync.path(),
        stack.gateway(1).listener_url() + &accept.path(),
    ];
    let load = Load::start(16, {
        let http = client();
        move |nonce| {
            let request = http.post(&urls[nonce % 2]);
            let request = request.json(&json!({ "nonce": nonce.to_string() }));
            async move { (nonce, Answer::of(request).await) }
        }
    });
    load.more(200).await;
    stack.nats().kill();
    load.more(100).await;
    let draft = control.try_create(&echo("meanwhile")).await;
    assert_eq!(draft.status, 503, "{:#}", draft.body);
    stack.nats().restart();
    works_again(&stack, &control).await;
    load.more(200).await;

    let (mut accepted, mut refused) = (HashSet::new(), 0);
    for (nonce, answer) in load.stop().await {
        assert!(answer.took < TOLD, "{answer:?}");
        let nonce = nonce.to_string();
        if answer.status != 200 {
            answer.assert_unavailable(&REASONS);
            refused += 1;
        } else if answer.body["accepted"] == nonce {
            accepted.insert(nonce);
        } else {
            assert_eq!(answer.body["nonce"], nonce, "{answer:?}");
        }
    }
    assert!(refused >= 50, "only {refused} were refused");
    until(
        BACK * 2,
        "every accepted run to have had its effect",
        async || {
            let arrived: HashSet<String> = remote
                .calls("/sink")
                .into_iter()
                .map(|call| call.body)
                .collect();
            accepted.is_subset(&arrived).then_some(())
        },
    )
    .await;
}

/// Runs, asynchronous runs, publishes, and the routes of every gateway.
async fn works_again(stack: &Stack, control: &Client) {
    let name = "afterwards";
    let workflow = until(BACK, "a workflow to be created", async || {
        let reply = control.try_create(&echo(name)).await;
        (reply.status == 201).then_some(reply.body)
    })
    .await;
    let id = workflow["id"].as_str().unwrap();
    until(BACK, "the workflow to be published", async || {
        let reply = control.act(id, "publish").await;
        reply.status.is_success().then_some(())
    })
    .await;
    let url = reqwest::Url::parse(workflow["endpoint"]["url"].as_str().unwrap()).unwrap();
    for gateway in [0, 1] {
        let url = stack.gateway(gateway).listener_url() + url.path();
        until(BACK, "every gateway to serve it", async || {
            let request = client().post(&url).json(&json!({"nonce": "x"}));
            (Answer::of(request).await.status == 200).then_some(())
        })
        .await;
    }
    control.unpublish(id).await;
    for gateway in [0, 1] {
        let url = stack.gateway(gateway).listener_url() + url.path();
        assert_eq!(Answer::of(client().post(&url)).await.status, 404);
    }
    for service in stack.services() {
        service.wait_until_ready().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_under_way_when_nats_dies_is_answered_at_once() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let document = relay("slow", &remote.url("/held/slow"), "");
    let url = stack.control().publish_new(&document).await.url;
    let request = client().post(&url).json(&json!({"nonce": "1"}));
    let waiting = tokio::spawn(Answer::of(request));
    remote.called("/held/slow").await;
    let killed = std::time::Instant::now();
    stack.nats().kill();
    let answer = waiting.await.unwrap();
    let told = answer.ended().saturating_duration_since(killed);
    assert!(told < TOLD, "told after {told:?}: {answer:?}");
    answer.assert_unavailable(&["bus_unavailable"]);
    assert!(answer.body["run_id"].is_string(), "{answer:?}");
    remote.release("/held/slow");
}
