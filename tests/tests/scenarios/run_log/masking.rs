//! What looks like a secret is nowhere in the database.

use serde_json::json;
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;

use super::platform::{builder, ended, whole};

const SECRET: &str = "hunter2hunter2";

#[tokio::test]
async fn a_callers_credentials_and_passwords_are_nowhere_in_the_database() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let control = stack.control();
    let steps = json!([
        {"id": "keep", "type": "store_value", "name": "api_key", "value": "{{ __data.password }}"},
        {"id": "ask", "type": "http_request", "method": "POST", "url": remote.url("/login"),
            "headers": {"authorization": "Bearer {{ __data.password }}"},
            "query": {"access_token": "{{ __data.password }}"},
            "form": {"user": "ann", "password": "{{ __data.password }}"}},
    ]);
    let listener = json!({"return_type": "data",
        "return_data": "{\"token\": \"{{ __data.password }}\", \"user\": \"ann\"}"});
    let mut published = Vec::new();
    for mode in ["sync", "async"] {
        let document = document(&format!("login-{mode}"), mode, &listener, &steps);
        published.push(control.publish_new(&document.to_string()).await);
    }
    for workflow in &published {
        let url = format!("{}?token={SECRET}&user=ann", workflow.url);
        let request = || {
            client()
                .post(&url)
                .header("authorization", format!("Bearer {SECRET}"))
                .header("cookie", format!("session={SECRET}"))
                .header("x-api-key", SECRET)
                .header("referer", &workflow.url)
        };
        let fields =
            json!({"password": SECRET, "user": "ann", "deep": [{"Client-Secret": SECRET}]});
        let form = [("password", SECRET), ("user", "ann")];
        for request in [request().json(&fields), request().form(&form)] {
            let reply = request.send().await.unwrap();
            assert!(reply.text().await.unwrap().contains(SECRET));
        }
    }
    for workflow in &published {
        for run in ended(&control, &workflow.id, 2).await {
            let shown = whole(&control, &run).await.to_string();
            assert!(shown.contains("ann") && shown.contains("***"), "{shown}");
            assert!(!shown.contains(SECRET), "{shown}");
        }
    }
    let calls = remote.calls("/login");
    assert_eq!(calls.len(), 4);
    assert!(
        calls[0].body.contains(SECRET),
        "what is masked is the record alone"
    );
    let hashes: Vec<_> = published
        .iter()
        .map(|workflow| workflow.path().rsplit('/').next().unwrap().to_owned())
        .collect();
    drop(control);
    stack.registry().terminate();
    stack.registry().wait().await;
    let files = database_files(stack.folder());
    assert!(!files.is_empty());
    for (name, bytes) in files {
        assert!(!contains(&bytes, SECRET), "{name} holds the secret");
        for hash in &hashes {
            let times = bytes.windows(hash.len()).filter(|w| *w == hash.as_bytes());
            assert_eq!(times.count(), 0, "{name} holds a listener's hash as text");
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Every file of the database below a folder.
fn database_files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(database_files(&path));
        } else if path.to_string_lossy().contains(".db") {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}
