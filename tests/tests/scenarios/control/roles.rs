//! Who may do what.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::control::Client;
use testkit::problem;

use super::platform::{control, name, text};

/// Makes a token with a role; its id, and a client that uses it.
async fn with_role(role: &str) -> (String, Client) {
    let control = control().await;
    let request = control
        .request(Method::POST, "/tokens")
        .json(&json!({"name": role, "role": role}));
    let made = control.send(request).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let token = made.body["token"].as_str().unwrap();
    (
        made.body["id"].as_str().unwrap().to_owned(),
        control.with_token(token),
    )
}

/// Method, path and least role of every route; the paths name things that are not there.
const ROUTES: [(&str, &str, &str); 26] = [
    ("GET", "/whoami", "viewer"),
    ("POST", "/workflows/validate", "viewer"),
    ("POST", "/scripts/evaluate", "viewer"),
    ("POST", "/workflows", "editor"),
    ("GET", "/workflows", "viewer"),
    ("GET", "/workflows/ID", "viewer"),
    ("PUT", "/workflows/ID", "editor"),
    ("DELETE", "/workflows/ID", "editor"),
    ("POST", "/workflows/ID/publish", "editor"),
    ("POST", "/workflows/ID/unpublish", "editor"),
    ("POST", "/workflows/ID/runs", "editor"),
    ("GET", "/dynamic-endpoints", "viewer"),
    ("POST", "/dynamic-endpoints/ID/token", "editor"),
    ("GET", "/runs", "viewer"),
    ("GET", "/runs/live", "viewer"),
    ("GET", "/runs/ID", "viewer"),
    ("GET", "/secrets", "viewer"),
    ("PUT", "/secrets/not-a-name", "editor"),
    ("DELETE", "/secrets/NOT_THERE", "editor"),
    ("GET", "/variables", "viewer"),
    ("GET", "/variables/NOT_THERE", "viewer"),
    ("PUT", "/variables/not-a-name", "editor"),
    ("DELETE", "/variables/NOT_THERE", "editor"),
    ("POST", "/tokens", "admin"),
    ("GET", "/tokens", "admin"),
    ("DELETE", "/tokens/ID", "admin"),
];

fn request(client: &Client, method: &str, path: &str) -> RequestBuilder {
    let path = path.replace("ID", "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");
    client.request(Method::from_bytes(method.as_bytes()).unwrap(), &path)
}

#[tokio::test]
async fn every_route_asks_for_its_role_and_for_no_more() {
    const RANKS: [&str; 3] = ["viewer", "editor", "admin"];
    let rank = |role: &str| RANKS.iter().position(|one| *one == role);
    for role in RANKS {
        let (_, client) = with_role(role).await;
        for (method, path, least) in ROUTES {
            let reply = request(&client, method, path).send().await.unwrap();
            if rank(role) < rank(least) {
                let refused = problem(reply, 403, "forbidden").await;
                assert!(refused.text("detail").contains(least), "{}", refused.body);
            } else {
                assert!(
                    !matches!(reply.status().as_u16(), 401 | 403),
                    "{role} {method} {path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn without_a_good_token_every_route_is_a_401() {
    let control = control().await;
    let (_, forged) = with_role("admin").await;
    drop(forged);
    for (method, path, _) in ROUTES {
        for token in [
            "",
            "x",
            "ear_0000000000000000000000000000000000000000000",
            &"x".repeat(9_000),
        ] {
            let reply = request(&control.with_token(token), method, path)
                .send()
                .await
                .unwrap();
            let refused = problem(reply, 401, "unauthenticated").await;
            assert_eq!(refused.headers["www-authenticate"], "Bearer");
        }
    }
    for header in ["Basic eDp5", "Bearer", "Bearer  ", "Token x"] {
        let request = testkit::http::client()
            .get(format!(
                "{}/api/v1/whoami",
                super::platform::stack().await.gateway(0).control_url()
            ))
            .header("authorization", header);
        problem(request.send().await.unwrap(), 401, "unauthenticated").await;
    }
}

#[tokio::test]
async fn a_revoked_token_is_good_for_nothing_at_once() {
    let control = control().await;
    let (id, client) = with_role("editor").await;
    let me = client.get("/whoami").await;
    assert_eq!(
        (me.body["id"].as_str(), me.body["role"].as_str()),
        (Some(id.as_str()), Some("editor"))
    );
    let made = client.create(&text(&name("by-editor"), "ok")).await;
    let list = control.get("/tokens").await;
    let listed = list.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|token| token["id"] == *id);
    assert!(
        listed && !list.body.to_string().contains("\"token\""),
        "{:#}",
        list.body
    );
    assert_eq!(
        control
            .send(control.request(Method::DELETE, &format!("/tokens/{id}")))
            .await
            .status,
        204
    );
    assert_eq!(client.get("/whoami").await.status, 401);
    assert_eq!(client.act(&made.id, "publish").await.status, 401);
    let again = control
        .request(Method::DELETE, &format!("/tokens/{id}"))
        .send()
        .await
        .unwrap();
    problem(again, 404, "not_found").await;
}
