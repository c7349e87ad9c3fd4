//! API tokens: what each role may do, and when a token ends.

use std::cell::Cell;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::control::{Client, Reply};
use testkit::until;

use super::endpoint::{document, platform};

/// One route, as every role in turn asks for it.
struct Route {
    method: Method,
    path: String,
    body: Option<Value>,
    /// The least of `viewer`, `editor`, `admin` that may use it.
    least: usize,
    /// Whether it names what is not there, so that who may use it is told so.
    missing: bool,
}

/// A run that there never was.
const NOBODY: &str = "018f3f6e-0000-7000-8000-000000000003";

const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

async fn mint(control: &Client, wanted: Value) -> Reply {
    let request = control.request(Method::POST, "/tokens").json(&wanted);
    control.send(request).await
}

async fn minted(control: &Client, role: &str) -> (String, Client) {
    let reply = mint(
        control,
        json!({ "name": format!("a {role}"), "role": role }),
    )
    .await;
    assert_eq!(reply.status, 201, "{:#}", reply.body);
    assert_eq!(reply.body["role"], role);
    let text = |name: &str| reply.body[name].as_str().unwrap().to_owned();
    (text("id"), control.with_token(&text("token")))
}

/// Every route, with things of its own to work on, so that the order of the rows does not matter.
async fn routes(control: &Client) -> Vec<Route> {
    let fresh = || document(&json!({}));
    let row = |method: &str, path: String, body: Option<Value>, least| Route {
        method: method.parse().unwrap(),
        path,
        body,
        least,
        missing: false,
    };
    let nothing = |method: &str, rest: &str, least| Route {
        missing: true,
        ..row(method, format!("/dead-letters/{NOBODY}{rest}"), None, least)
    };
    let mut ids = Vec::new();
    for _ in 0..5 {
        let workflow = control.publish_new(&fresh().to_string()).await;
        ids.push((workflow.id, workflow.endpoint_id));
    }
    let (spare, _) = minted(control, "viewer").await;
    let workflow = |index: usize, rest: &str| format!("/workflows/{}{rest}", ids[index].0);
    let wanted = json!({ "name": "made in the matrix", "role": "viewer" });
    vec![
        row("GET", "/whoami".into(), None, 0),
        row("POST", "/workflows/validate".into(), Some(fresh()), 0),
        row(
            "POST",
            "/scripts/evaluate".into(),
            Some(json!({"template": "x"})),
            0,
        ),
        row("GET", "/workflows".into(), None, 0),
        row("GET", workflow(0, ""), None, 0),
        row("GET", "/dynamic-endpoints".into(), None, 0),
        row("POST", "/workflows".into(), Some(fresh()), 1),
        row("PUT", workflow(1, ""), Some(fresh()), 1),
        row("POST", workflow(2, "/publish"), None, 1),
        row("POST", workflow(3, "/unpublish"), None, 1),
        row("DELETE", workflow(4, ""), None, 1),
        row(
            "POST",
            format!("/dynamic-endpoints/{}/token", ids[0].1),
            Some(json!({})),
            1,
        ),
        row("GET", "/dead-letters".into(), None, 0),
        nothing("GET", "", 1),
        nothing("POST", "/retry", 1),
        nothing("DELETE", "", 1),
        row("POST", "/tokens".into(), Some(wanted), 2),
        row("GET", "/tokens".into(), None, 2),
        row("DELETE", format!("/tokens/{spare}"), None, 2),
    ]
}

async fn ask(control: &Client, route: &Route) -> Reply {
    let mut request = control
        .request(route.method.clone(), &route.path)
        .header("if-match", "*");
    if let Some(body) = &route.body {
        request = request.json(body);
    }
    control.send(request).await
}

#[tokio::test]
async fn each_route_is_open_to_its_role_and_those_above_and_to_nobody_else() {
    let admin = platform().await.control();
    let mut clients = Vec::new();
    for role in ROLES {
        clients.push(minted(&admin, role).await.1);
    }
    for (index, _) in ROLES.iter().enumerate() {
        // A table for each role: what one has deleted the next one could not.
        for route in routes(&admin).await {
            let reply = ask(&clients[index], &route).await;
            let row = format!("{} {} {}", ROLES[index], route.method, route.path);
            if index >= route.least && route.missing {
                assert_eq!(reply.status, 404, "{row}: {:#}", reply.body);
            } else if index >= route.least {
                assert!(reply.status.is_success(), "{row}: {:#}", reply.body);
            } else {
                assert_eq!(reply.status, 403, "{row}: {:#}", reply.body);
                assert_eq!(reply.body["code"], "forbidden", "{row}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_valid_token_every_route_is_closed() {
    let admin = platform().await.control();
    let routes = routes(&admin).await;
    let jwt = testkit::jwt::good("issuer", "a secret that the platform has never heard of");
    let never = format!("ear_{}", "A".repeat(43));
    for token in ["x", "", &never, &jwt] {
        let client = admin.with_token(token);
        for route in &routes {
            let reply = ask(&client, route).await;
            let row = format!("{token:?} {} {}", route.method, route.path);
            assert_eq!(reply.status, 401, "{row}: {:#}", reply.body);
            assert_eq!(reply.body["code"], "unauthenticated", "{row}");
        }
    }
    let base = platform().await.gateway(0).control_url();
    let http = testkit::http::client();
    for route in &routes {
        let url = format!("{base}/api/v1{}", route.path);
        let reply = http
            .request(route.method.clone(), url)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 401, "{} {}", route.method, route.path);
        assert_eq!(reply.headers()["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let admin = platform().await.control();
    let (id, client) = minted(&admin, "editor").await;
    // Asked for before, so that it may be one that is kept in mind.
    assert_eq!(client.get("/whoami").await.status, 200);
    assert_eq!(client.get("/whoami").await.body["name"], "a editor");
    let revoke = async || {
        let request = admin.request(Method::DELETE, &format!("/tokens/{id}"));
        admin.send(request).await.status
    };
    assert_eq!(revoke().await, 204);
    assert_eq!(client.get("/whoami").await.status, 401);
    assert_eq!(revoke().await, 404);
    let listed = admin.get("/tokens").await;
    assert!(!listed.body.to_string().contains(&id));
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let admin = platform().await.control();
    let wanted = json!({ "name": "short", "role": "viewer", "expires_in_seconds": 2 });
    let made = mint(&admin, wanted).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let client = admin.with_token(made.body["token"].as_str().unwrap());
    let expiry: jiff::Timestamp = made.body["expires_at"].as_str().unwrap().parse().unwrap();
    let passed = Cell::new(0);
    until(Duration::from_secs(30), "the token to expire", async || {
        let asked = jiff::Timestamp::now();
        let reply = client.get("/whoami").await;
        if reply.status == 200 {
            assert!(asked < expiry, "passed at {asked}, expired at {expiry}");
            passed.set(passed.get() + 1);
            return None;
        }
        assert_eq!(reply.status, 401, "{:#}", reply.body);
        assert!(jiff::Timestamp::now() >= expiry, "refused before its time");
        Some(())
    })
    .await;
    assert!(passed.get() > 0, "the token was never good");
}

#[tokio::test]
async fn a_listing_shows_tokens_without_the_tokens() {
    let admin = platform().await.control();
    let made = mint(&admin, json!({ "name": "seen once", "role": "admin" })).await;
    let token = made.body["token"].as_str().unwrap();
    let listed = admin.get("/tokens").await.body;
    let items = listed["items"].as_array().unwrap();
    let entry = items.iter().find(|entry| entry["id"] == made.body["id"]);
    let entry = entry.expect("the new token is listed");
    assert_eq!(entry["name"], "seen once");
    assert!(entry.get("token").is_none() && entry.get("hash").is_none());
    assert!(!listed.to_string().contains(token));
}

#[tokio::test]
async fn a_token_that_makes_no_sense_is_not_made() {
    let admin = platform().await.control();
    for wanted in [
        json!({}),
        json!({ "name": "", "role": "viewer" }),
        json!({ "name": "x" }),
        json!({ "name": "x", "role": "root" }),
        json!({ "name": "x", "role": "viewer", "expires_in_seconds": 0 }),
        json!({ "name": "x", "role": "viewer", "expires_in_seconds": -1 }),
        json!({ "name": "x", "role": "viewer", "unknown": 1 }),
    ] {
        let reply = mint(&admin, wanted.clone()).await;
        assert_eq!(reply.status, 400, "{wanted}: {:#}", reply.body);
    }
}
