use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};

use super::documents::{LOOPBACK, accept, echo};
use super::load::{Answer, Load};

#[tokio::test(flavor = "multi_thread")]
async fn every_service_ends_with_code_0_and_without_an_error_in_its_log() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .gateways(2)
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let control = stack.control();
    let sync = control.publish_new(&echo("sync")).await.url;
    let accept = accept("accept", &remote.url("/sink"));
    let accept = control.publish_new(&accept).await.url;
    let load = Load::start(8, {
        let http = client();
        move |nonce| {
            let url = if nonce % 2 == 0 { &sync } else { &accept };
            let request = http.post(url).json(&json!({ "nonce": nonce.to_string() }));
            async move { Answer::of(request).await.status }
        }
    });
    load.more(200).await;
    assert!(load.stop().await.iter().all(|status| *status == 200));
    // As an operator does it: from the callers' side inwards, and everything at last without any order.
    stack.gateway(0).terminate();
    assert_eq!(stack.gateway(0).wait().await.code(), Some(0));
    for service in stack.services() {
        service.terminate();
    }
    for service in stack.services() {
        let name = service.kind().program();
        assert_eq!(service.wait().await.code(), Some(0), "{name}");
        let logs = service.logs();
        let faults = logs
            .iter()
            .find(|line| matches!(line["level"].as_str(), Some("ERROR" | "WARN")));
        assert_eq!(faults, None, "{name}");
        assert!(
            logs.iter().any(|line| line["message"] == "drained"),
            "{name}"
        );
    }
}
