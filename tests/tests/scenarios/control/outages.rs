//! A part of the platform is away.

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use testkit::http::client;
use testkit::stack::Stack;
use testkit::{problem, until};

use super::platform::{call, text};

/// How soon a refusal has to come.
const QUICKLY: Duration = Duration::from_secs(2);

/// How soon everything has to work again once everything is there.
const SOON: Duration = Duration::from_secs(5);

/// Sends a request that has to be refused in time.
async fn refused(request: RequestBuilder, code: &str) {
    let started = Instant::now();
    problem(request.send().await.unwrap(), 503, code).await;
    assert!(
        started.elapsed() < QUICKLY,
        "{code} took {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn without_registry_svc_calls_go_on_and_the_control_plane_says_503_at_once() {
    let stack = Stack::start().await;
    let control = stack.control();
    let made = control.publish_new(&text("served", "ok")).await;
    stack.registry().kill();
    let path = format!("/workflows/{}", made.id);
    for (method, path) in [
        (Method::GET, "/workflows"),
        (Method::GET, path.as_str()),
        (Method::DELETE, path.as_str()),
        (Method::GET, "/dynamic-endpoints"),
        (Method::GET, "/tokens"),
    ] {
        let request = control.request(method, path).header("if-match", "*");
        refused(request, "registry_unavailable").await;
    }
    let create = control
        .request(Method::POST, "/workflows")
        .body(text("new", "ok"));
    refused(create, "registry_unavailable").await;
    let publish = control.request(Method::POST, &format!("{path}/publish"));
    refused(publish, "registry_unavailable").await;
    // A token that nobody has seen lately cannot be looked up.
    let unseen = control.with_token(
        &stack
            .admin_token()
            .replace(|c: char| c.is_ascii_digit(), "7"),
    );
    let unseen = unseen.request(Method::GET, "/whoami").send().await.unwrap();
    assert!(
        matches!(unseen.status().as_u16(), 401 | 503),
        "{}",
        unseen.status()
    );
    for _ in 0..20 {
        assert_eq!(call(&made.url).await, (200, "ok".to_owned()));
    }
    stack.registry().restart().await;
    until(SOON, "the control plane to work again", async || {
        control
            .get("/workflows")
            .await
            .status
            .is_success()
            .then_some(())
    })
    .await;
    assert_eq!(control.act(&made.id, "publish").await.status, 200);
}

#[tokio::test]
async fn without_nats_both_ports_say_503_at_once_and_recover_by_themselves() {
    let stack = Stack::start().await;
    let control = stack.control();
    let made = control.publish_new(&text("called", "ok")).await;
    let queued = text("queued", "ok").replace("\"sync\"", "\"async\"");
    let queued = control.publish_new(&queued).await;
    stack.nats().kill();
    until(SOON, "the gateway to notice", async || {
        let ready = client().get(format!("{}/readyz", stack.gateway(0).ops_url()));
        (ready.send().await.ok()?.status() == 503).then_some(())
    })
    .await;
    for _ in 0..5 {
        refused(client().get(&made.url), "bus_unavailable").await;
        refused(client().post(&queued.url).body("x"), "bus_unavailable").await;
        refused(
            control.request(Method::GET, "/workflows"),
            "bus_unavailable",
        )
        .await;
        let create = control
            .request(Method::POST, "/workflows")
            .body(text("new", "ok"));
        refused(create, "bus_unavailable").await;
    }
    // What needs no bus is told as ever.
    assert_eq!(call(&format!("{}x", made.url)).await.0, 404);
    assert_eq!(
        client().delete(&made.url).send().await.unwrap().status(),
        405
    );
    stack.nats().restart();
    until(SOON, "calls to work again", async || {
        (call(&made.url).await == (200, "ok".to_owned())).then_some(())
    })
    .await;
    until(SOON, "calls that are stored to work again", async || {
        (call(&queued.url).await.0 == 200).then_some(())
    })
    .await;
    until(SOON, "the control plane to work again", async || {
        control
            .get("/workflows")
            .await
            .status
            .is_success()
            .then_some(())
    })
    .await;
    let again = control.publish_new(&text("after", "after")).await;
    assert_eq!(
        call(&again.url).await,
        (200, "after".to_owned()),
        "publishes are followed again"
    );
    for service in stack.services() {
        service.wait_until_ready().await;
    }
}
