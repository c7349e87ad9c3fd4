//! What is not there, whatever the reason.

use serde_json::json;
use testkit::http::client;
use tokio::sync::OnceCell;

use super::platform::{everything, publish, stack};
use super::wire::{Raw, Wire, target};

const HASH: &str = "0123456789abcdef0123456789abcdef";

/// A reply without its two members that are another one's every time.
fn without_id(reply: &Raw) -> (String, String) {
    let id = reply
        .header("x-request-id")
        .expect("every reply has an id")
        .to_owned();
    let head: Vec<String> = reply
        .head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("date:"))
        .map(|line| line.replace(&id, "ID"))
        .collect();
    (head.join("\n"), reply.body.replace(&id, "ID"))
}

async fn ask(request: &str) -> Raw {
    let (address, _) = target(&format!("{}/x", stack().await.gateway(0).listener_url()));
    let mut wire = Wire::open(address).await;
    wire.send(request).await;
    wire.reply(true).await.expect("a reply")
}

/// A request as a caller may send it to any endpoint.
fn request(method: &str, path: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: a.example\r\norigin: https://a.example\r\ncontent-length: 2\r\n\r\n{{}}"
    )
}

/// Paths to endpoints that were there and to some that never were.
async fn paths() -> &'static [String] {
    static PATHS: OnceCell<Vec<String>> = OnceCell::const_new();
    PATHS.get_or_init(make).await
}

async fn make() -> Vec<String> {
    let control = stack().await.control();
    // With every rule that an endpoint can have: none of them may shine through.
    let ruled = everything(&json!({
        "methods": ["POST"],
        "add_authentication": true,
        "allow_cors": true,
        "cors_domains": "https://a.example",
        "max_body_bytes": 1,
        "rate_limit": {"requests": 1, "per": "hour"},
    }));
    let unpublished = publish(ruled.clone(), json!([])).await;
    let deleted = publish(ruled, json!([])).await;
    assert_eq!(
        client().get(&deleted.url).send().await.unwrap().status(),
        405,
        "it is there"
    );
    control.unpublish(&unpublished.id).await;
    let delete = control.request(
        reqwest::Method::DELETE,
        &format!("/workflows/{}", deleted.id),
    );
    assert_eq!(
        control.send(delete.header("if-match", "*")).await.status,
        204
    );
    let draft = json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "never-published"},
        "spec": {"record_type": "virtual", "source": "listener", "run_mode": "sync", "listener": everything(&json!({}))},
    });
    let draft = control.create(&draft.to_string()).await;
    let live = publish(everything(&json!({})), json!([])).await.path();
    let halves: Vec<&str> = live.split('/').collect();
    let last = *live.as_bytes().last().unwrap();
    let but_last = live.strip_suffix(char::from(last)).unwrap();
    vec![
        format!("/listener/{HASH}/{HASH}"),
        unpublished.path(),
        deleted.path(),
        draft.path(),
        // One half of a URL that is there.
        format!("/listener/{}/{HASH}", halves[2]),
        format!("/listener/{HASH}/{}", halves[3]),
        format!("/listener/{}/{}", halves[3], halves[2]),
        // Another spelling of one that is there.
        live.to_uppercase().replace("/LISTENER/", "/listener/"),
        format!("{live}/"),
        format!("/{live}"),
        format!("{live}/x"),
        live.replace("/listener/", "/Listener/"),
        live.replace("/listener/", "/listener//"),
        format!("{but_last}%{last:02x}"),
        format!("{}0", live),
        but_last.to_owned(),
        "/listener".to_owned(),
        "/listener/../listener/x".to_owned(),
        "/".to_owned(),
        "/api/v1/workflows".to_owned(),
        "/metrics".to_owned(),
        "/runs/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee/reply".to_owned(),
        "/runs/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee/reply?token=a.b.c".to_owned(),
    ]
}

#[tokio::test]
async fn unknown_unpublished_deleted_and_malformed_addresses_are_one_404_to_the_byte() {
    let paths = paths().await;
    for method in ["GET", "POST", "DELETE", "OPTIONS", "BREW"] {
        let expected = ask(&request(method, &paths[0])).await;
        assert_eq!(expected.status, 404);
        assert_eq!(
            expected.header("content-type"),
            Some("application/problem+json")
        );
        assert!(expected.body.contains("\"not_found\""), "{}", expected.body);
        for path in &paths[1..] {
            let reply = ask(&request(method, path)).await;
            assert_eq!(without_id(&reply), without_id(&expected), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_preflight_or_a_token_does_not_tell_more_either() {
    let paths = paths().await;
    let more = "access-control-request-method: POST\r\nauthorization: Bearer a.b.c\r\nexpect: 100-continue\r\n";
    let ask_with_more = async |path: &str| {
        let request = format!(
            "OPTIONS {path} HTTP/1.1\r\nhost: a.example\r\norigin: https://a.example\r\n{more}\r\n"
        );
        ask(&request).await
    };
    let expected = ask_with_more(&paths[0]).await;
    assert_eq!(expected.status, 404);
    for path in &paths[1..] {
        assert_eq!(
            without_id(&ask_with_more(path).await),
            without_id(&expected),
            "{path}"
        );
    }
}
