use std::collections::HashMap;

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};

use super::documents::{LOOPBACK, echo, relay};
use super::load::{Answer, Load};

#[tokio::test(flavor = "multi_thread")]
async fn runners_that_are_replaced_one_by_one_under_load_fail_no_request_and_run_none_twice() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(3)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let control = stack.control();
    let echo = control.publish_new(&echo("echo")).await.url;
    let never_twice = "\n    on_runner_lost: fail";
    let relay = relay("relay", &remote.url("/sink"), never_twice);
    let relay = control.publish_new(&relay).await.url;
    let load = Load::start(24, {
        let http = client();
        move |nonce| {
            let url = if nonce % 4 == 0 { &relay } else { &echo };
            let request = http.post(url).json(&json!({ "nonce": nonce.to_string() }));
            async move { (nonce, Answer::of(request).await) }
        }
    });
    for runner in 0..3 {
        load.more(300).await;
        stack.runner(runner).terminate();
        assert_eq!(stack.runner(runner).wait().await.code(), Some(0));
        load.more(100).await;
        stack.runner(runner).restart().await;
    }
    load.more(300).await;
    let answers = load.stop().await;
    for (nonce, answer) in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["nonce"], nonce.to_string(), "{answer:?}");
    }
    let mut runs: HashMap<String, usize> = HashMap::new();
    for call in remote.calls("/sink") {
        *runs.entry(call.body).or_default() += 1;
    }
    let relayed = answers.iter().filter(|(nonce, _)| nonce % 4 == 0);
    for (nonce, _) in relayed {
        assert_eq!(runs[&nonce.to_string()], 1, "the run of {nonce}");
    }
}
