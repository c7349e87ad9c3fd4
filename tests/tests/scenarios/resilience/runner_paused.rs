use std::time::Duration;

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};

use super::documents::{LOOPBACK, echo, relay};
use super::load::{Answer, Load};

/// A silent runner is probed every 150 ms and given up after a second; the rest is for the machine.
const GIVEN_UP: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_hangs_costs_at_most_the_probes_patience_and_its_late_replies_do_no_harm() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(3)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let control = stack.control();
    let echo = control.publish_new(&echo("echo")).await.url;
    let never = relay("never", &remote.url("/sink"), "\n    on_runner_lost: fail");
    let never = control.publish_new(&never).await.url;
    let load = Load::start(24, {
        let http = client();
        move |nonce| {
            let url = if nonce % 4 == 0 { &never } else { &echo };
            let request = http.post(url).json(&json!({ "nonce": nonce.to_string() }));
            async move { (nonce, Answer::of(request).await) }
        }
    });
    load.more(300).await;
    stack.runner(2).pause();
    load.more(600).await;
    // Everything that it was sent while it hung is carried out now, and answered too late.
    stack.runner(2).resume();
    load.more(1_000).await;
    let mut lost = 0;
    for (nonce, answer) in load.stop().await {
        assert!(answer.took < GIVEN_UP, "{answer:?}");
        if nonce % 4 == 0 && answer.status == 502 {
            assert_eq!(answer.code(), "runner_lost");
            assert!(answer.body["run_id"].is_string(), "{answer:?}");
            lost += 1;
            continue;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["nonce"], nonce.to_string(), "{answer:?}");
    }
    assert!(lost < 24, "{lost} were lost with one pause");
    stack.runner(2).wait_until_ready().await;
}
