//! What lies on disk: hashes and sealed secrets, and no log that tells what opens a door.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use testkit::stack::Stack;
use testkit::{jwt, until};

use super::endpoint::{Endpoint, KEY, Reply, SECRET, document, token};

/// Every file below a folder whose bytes hold the text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn neither_database_nor_bus_nor_log_holds_what_opens_a_door() {
    let stack = Stack::start().await;
    let control = stack.control();
    let mut generated = document(&json!({}));
    let listener = generated["spec"]["listener"].as_object_mut().unwrap();
    listener.remove("endpoint_key");
    listener.remove("endpoint_secret");
    let generated = control.publish_new(&generated.to_string()).await;
    let mut queued = document(&json!({
        "endpoint_secret_previous": {
            "secret": "the secret of before, which is no less of a secret",
            "expires_at": "2099-01-01T00:00:00Z",
        },
    }));
    queued["spec"]["run_mode"] = json!("async");
    let endpoint = Endpoint::on(&stack, &queued).await;
    let wanted = json!({ "name": "minted", "role": "viewer" });
    let minted = control
        .send(control.request(Method::POST, "/tokens").json(&wanted))
        .await;
    let minted = minted.body["token"].as_str().unwrap().to_owned();
    let viewer = control.with_token(&minted);
    assert_eq!(viewer.get("/whoami").await.status, 200);

    // A token that passes, one in the other header, and one that does not: none is kept with its run or logged.
    let token = token(&json!({ "sub": "marker-of-the-claims" }));
    let wrong = jwt::good(KEY, "another secret than the one of the endpoint");
    let request = endpoint.request(Method::POST).body("marker-of-the-body");
    Reply::to(request.bearer_auth(&token))
        .await
        .is_passed("async");
    let request = endpoint.request(Method::GET).header("token", &token);
    Reply::to(request).await.is_passed("async");
    endpoint.call(&wrong).await.is_denied("invalid", "wrong");

    let disk = [stack.folder(), stack.nats().folder()];
    let holding = |text: &str| -> Vec<PathBuf> {
        disk.iter()
            .flat_map(|folder| holding(folder, text))
            .collect()
    };
    // The search finds what is there: in the database, and in what the bus stores.
    let name = endpoint.workflow.body["name"].as_str().unwrap();
    until(Duration::from_secs(10), "the name on disk", async || {
        let found = holding(name);
        let within = |folder: &Path| found.iter().any(|path| path.starts_with(folder));
        (within(disk[0]) && within(disk[1])).then_some(())
    })
    .await;

    let path = reqwest::Url::parse(&endpoint.workflow.url).unwrap();
    let hashes: Vec<&str> = path.path_segments().unwrap().skip(1).collect();
    assert_eq!(hashes.len(), 2);
    let logs = |text: &str| -> Vec<PathBuf> {
        let is_log = |path: &PathBuf| {
            path.extension()
                .is_some_and(|end| end == "log" || end == "out")
        };
        holding(text).into_iter().filter(is_log).collect()
    };
    for hash in hashes {
        assert_eq!(logs(hash), Vec::<PathBuf>::new(), "a log holds the URL");
    }
    assert_eq!(logs("marker-of-the-body"), Vec::<PathBuf>::new());
    assert_eq!(logs("marker-of-the-claims"), Vec::<PathBuf>::new());
    let secrets = [
        SECRET,
        KEY,
        "the secret of before, which is no less of a secret",
        generated.endpoint_key.as_deref().unwrap(),
        generated.endpoint_secret.as_deref().unwrap(),
        &minted,
        signature(&token),
        signature(&wrong),
    ];
    for secret in secrets {
        assert_eq!(holding(secret), Vec::<PathBuf>::new(), "{secret}");
    }
    // The first admin token stands where it was printed, and nowhere else.
    let printed = holding(stack.admin_token());
    assert_eq!(printed.len(), 1, "{printed:?}");
    assert!(printed[0].ends_with("1-auth-svc.out"), "{printed:?}");
}

fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}
