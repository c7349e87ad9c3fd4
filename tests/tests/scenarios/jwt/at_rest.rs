//! What lies on disk: hashes and sealed secrets, and no log that tells what opens a door.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::disk::holding;
use testkit::stack::Stack;
use testkit::{jwt, until};

use super::endpoint::{Endpoint, KEY, Reply, SECRET, document, token};

/// A platform's folders: of the services, and of the bus.
struct Disk<'a>([&'a Path; 2]);

impl Disk<'_> {
    fn holding(&self, text: &str) -> Vec<PathBuf> {
        let folders = self.0.iter();
        folders.flat_map(|folder| holding(folder, text)).collect()
    }

    fn logs_with(&self, text: &str) -> Vec<PathBuf> {
        let mut found = self.holding(text);
        found.retain(|path| {
            path.extension()
                .is_some_and(|end| end == "log" || end == "out")
        });
        found
    }

    /// Waits until one of the folders holds the text: the search finds what is there.
    async fn is_searched(&self, folder: usize, text: &str) {
        let folder = self.0[folder];
        until(Duration::from_secs(10), "the text on disk", async || {
            let found = holding(folder, text);
            (!found.is_empty()).then_some(())
        })
        .await;
    }
}

const PREVIOUS: &str = "the secret of before, which is no less of a secret";

/// An asynchronous endpoint, whose requests are stored.
fn queued() -> Value {
    let mut queued = document(&json!({
        "endpoint_secret_previous": { "secret": PREVIOUS, "expires_at": "2099-01-01T00:00:00Z" },
    }));
    queued["spec"]["run_mode"] = json!("async");
    queued
}

fn generated() -> Value {
    let mut generated = document(&json!({}));
    let listener = generated["spec"]["listener"].as_object_mut().unwrap();
    listener.remove("endpoint_key");
    listener.remove("endpoint_secret");
    generated
}

#[tokio::test]
async fn neither_database_nor_bus_nor_log_holds_what_opens_a_door() {
    let stack = Stack::start().await;
    let control = stack.control();
    let generated = control.publish_new(&generated().to_string()).await;
    let endpoint = Endpoint::on(&stack, &queued()).await;
    let wanted = json!({ "name": "minted", "role": "viewer" });
    let minted = control
        .send(control.request(Method::POST, "/tokens").json(&wanted))
        .await;
    let minted = minted.body["token"].as_str().unwrap().to_owned();
    let viewer = control.with_token(&minted);
    assert_eq!(viewer.get("/whoami").await.status, 200);

    // The requests stay in the queue, where they can be looked at.
    stack.runner(0).kill();
    // A token that passes, one in the other header, and one that does not: none is kept with its run or logged.
    let token = token(&json!({ "sub": "marker-of-the-claims" }));
    let wrong = jwt::good(KEY, "another secret than the one of the endpoint");
    let request = endpoint.request(Method::POST).body("marker-of-the-body");
    let reply = Reply::to(request.bearer_auth(&token)).await;
    reply.is_passed("Authorization");
    let request = endpoint.request(Method::GET).header("token", &token);
    Reply::to(request).await.is_passed("token");
    endpoint.call(&wrong).await.is_denied("invalid", "wrong");

    let disk = Disk([stack.folder(), stack.nats().folder()]);
    let name = endpoint.workflow.body["name"].as_str().unwrap();
    disk.is_searched(0, name).await;
    disk.is_searched(1, name).await;
    disk.is_searched(1, "marker-of-the-body").await;
    let none = Vec::<PathBuf>::new();
    for secret in [
        SECRET,
        PREVIOUS,
        generated.endpoint_key.as_deref().unwrap(),
        generated.endpoint_secret.as_deref().unwrap(),
        &minted,
        signature(&token),
        signature(&wrong),
    ] {
        assert_eq!(disk.holding(secret), none, "{secret}");
    }
    // Every token names the key in its `iss`, and a stored request has the claims; the setting itself is sealed.
    assert_eq!(holding(disk.0[0], KEY), none);
    let path = endpoint.workflow.path();
    let hashes = path.split('/').filter(|part| part.len() == 32);
    let markers = ["marker-of-the-body", "marker-of-the-claims"];
    let logged: Vec<&str> = hashes.chain(markers).collect();
    assert_eq!(logged.len(), 4, "{logged:?}");
    for text in logged {
        assert_eq!(disk.logs_with(text), none, "{text}");
    }
    // The first admin token stands where it was printed, and nowhere else.
    let printed = disk.holding(stack.admin_token());
    assert_eq!(printed.len(), 1, "{printed:?}");
    assert!(printed[0].ends_with("1-auth-svc.out"), "{printed:?}");
}

fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}
