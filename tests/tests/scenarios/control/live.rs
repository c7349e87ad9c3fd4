//! A publish is live everywhere when it returns.

use reqwest::Url;

use super::platform::{call, control, name, stack, text};

/// The endpoint's URL at each gateway.
async fn everywhere(path: &str) -> [String; 2] {
    let stack = stack().await;
    [0, 1].map(|index| format!("{}{path}", stack.gateway(index).listener_url()))
}

#[tokio::test]
async fn every_gateway_serves_a_version_at_the_moment_its_publish_returns() {
    let (control, name) = (control().await, name("live"));
    let made = control.create(&text(&name, "version 0")).await;
    let urls = everywhere(&made.path()).await;
    for n in 1..=20 {
        let reply = format!("version {n}");
        let saved = control.update(&made.id, "*", &text(&name, &reply)).await;
        assert_eq!(saved.status, 200);
        control.publish(&made.id).await;
        for url in &urls {
            assert_eq!(call(url).await, (200, reply.clone()), "{n}");
        }
    }
}

#[tokio::test]
async fn every_gateway_refuses_at_the_moment_an_unpublish_or_a_delete_returns() {
    let (control, name) = (control().await, name("gone"));
    let made = control.create(&text(&name, "here")).await;
    let urls = everywhere(&made.path()).await;
    for _ in 0..10 {
        control.publish(&made.id).await;
        for url in &urls {
            assert_eq!(call(url).await.0, 200);
        }
        control.unpublish(&made.id).await;
        for url in &urls {
            assert_eq!(call(url).await.0, 404);
        }
    }
    control.publish(&made.id).await;
    let delete = control.request(reqwest::Method::DELETE, &format!("/workflows/{}", made.id));
    assert_eq!(
        control.send(delete.header("if-match", "*")).await.status,
        204
    );
    for url in &urls {
        assert_eq!(call(url).await.0, 404);
    }
}

#[tokio::test]
async fn what_one_gateway_takes_the_other_shows() {
    let (control, name) = (control().await, name("both"));
    let second = stack().await.gateway(1).control_url();
    let second = testkit::control::Client::new(&second, stack().await.admin_token());
    let made = control.create(&text(&name, "ok")).await;
    second.publish(&made.id).await;
    assert_eq!(call(&made.url).await, (200, "ok".to_owned()));
    let read = second.get(&format!("/workflows/{}", made.id)).await;
    assert_eq!(read.etag.as_deref(), Some(made.etag.as_str()));
    let url = Url::parse(read.body["endpoint"]["url"].as_str().unwrap()).unwrap();
    assert_eq!(
        url.path(),
        made.path(),
        "each gateway shows its own address"
    );
}
