//! Endpoints whose keys, secrets and origins are read from secrets and variables.

use reqwest::Method;
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN};
use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::jwt;
use testkit::stack::Stack;

use super::platform::{delete, document, name, set, stack};

fn guarded(more: &Value) -> Value {
    let listener = json!({
        "return_type": "data", "return_data": "passed", "add_authentication": true,
        "endpoint_key": "issuer",
    });
    let listener = testkit::document::with(listener, more);
    document("sync", &listener, &json!([]))
}

fn secret(of: &str) -> String {
    format!("{of} of the secrets that more than thirty-two bytes make")
}

/// What each gateway says to a token, which must be the same.
async fn status(stack: &Stack, workflow: &Workflow, token: &str) -> u16 {
    let mut seen = Vec::new();
    for number in 0..2 {
        let url = format!(
            "{}{}",
            stack.gateway(number).listener_url(),
            workflow.path()
        );
        let request = testkit::http::client().get(url).bearer_auth(token);
        seen.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(seen[0], seen[1]);
    seen[0]
}

#[tokio::test]
async fn once_another_secret_is_set_no_token_of_the_old_one_passes() {
    let (stack, key) = (stack().await, name("JWT_SECRET"));
    let control = stack.control();
    set(&control, "secrets", &key, &secret("0")).await;
    let endpoint_secret = json!({"endpoint_secret": format!("{{{{ secret(\"{key}\") }}}}")});
    let document = guarded(&endpoint_secret);
    let workflow = control.publish_new(&document.to_string()).await;
    let version = workflow.body["published"]["number"].clone();
    for round in 0..5 {
        let old = jwt::good("issuer", &secret(&round.to_string()));
        let new = jwt::good("issuer", &secret(&(round + 1).to_string()));
        // Twice, so that a verdict is kept.
        for _ in 0..2 {
            assert_eq!(status(stack, &workflow, &old).await, 200, "{round}");
            assert_eq!(status(stack, &workflow, &new).await, 401, "{round}");
        }
        set(&control, "secrets", &key, &secret(&(round + 1).to_string())).await;
        assert_eq!(status(stack, &workflow, &old).await, 401, "{round}");
        assert_eq!(status(stack, &workflow, &new).await, 200, "{round}");
    }
    let read = control.get(&format!("/workflows/{}", workflow.id)).await;
    assert!(version.is_null() || read.body["published"]["number"] == version);
    assert_eq!(read.body["published"]["number"], 1, "no new version");
    let good = jwt::good("issuer", &secret("5"));
    let gone = delete(&control, &format!("/secrets/{key}?force=true")).await;
    assert_eq!(gone.status, 204);
    assert_eq!(status(stack, &workflow, &good).await, 503, "never a pass");
    set(&control, "secrets", &key, "short").await;
    assert_eq!(status(stack, &workflow, &good).await, 401);
    set(&control, "secrets", &key, &secret("5")).await;
    assert_eq!(status(stack, &workflow, &good).await, 200);
}

#[tokio::test]
async fn the_expected_issuer_may_be_a_variable() {
    let (stack, issuer) = (stack().await, name("ISSUER"));
    let control = stack.control();
    set(&control, "variables", &issuer, "first").await;
    let document = guarded(&json!({
        "endpoint_key": format!("{{{{ variable('{issuer}') }}}}"),
        "endpoint_secret": secret("fixed"),
    }));
    let workflow = control.publish_new(&document.to_string()).await;
    let [first, second] = ["first", "second"].map(|issuer| jwt::good(issuer, &secret("fixed")));
    assert_eq!(status(stack, &workflow, &first).await, 200);
    set(&control, "variables", &issuer, "second").await;
    assert_eq!(status(stack, &workflow, &first).await, 401);
    assert_eq!(status(stack, &workflow, &second).await, 200);
}

#[tokio::test]
async fn what_could_let_nobody_in_is_not_published() {
    let (stack, key) = (stack().await, name("WEAK"));
    let control = stack.control();
    let endpoint_secret = format!("{{{{ secret('{key}') }}}}");
    let document = guarded(&json!({"endpoint_secret": endpoint_secret}));
    let made = control.create(&document.to_string()).await;
    let refused = async || {
        let reply = control.act(&made.id, "publish").await;
        assert_eq!(reply.status, 422, "{:#}", reply.body);
        reply.body["problems"][0].clone()
    };
    let problem = refused().await;
    assert_eq!(problem["path"], "spec.listener.endpoint_secret");
    assert_eq!(problem["message"], format!("there is no secret `{key}`"));
    let nearly = format!("{key}_");
    set(&control, "secrets", &nearly, "x").await;
    assert_eq!(refused().await["hint"], format!("did you mean `{nearly}`?"));
    set(&control, "secrets", &key, "less than thirty-two bytes").await;
    let problem = refused().await;
    assert!(problem["message"].as_str().unwrap().contains("32 bytes"));
    set(&control, "secrets", &key, &secret("strong")).await;
    control.publish(&made.id).await;
}

#[tokio::test]
async fn origins_may_stand_in_a_variable() {
    let (stack, origins) = (stack().await, name("ORIGINS"));
    let control = stack.control();
    set(&control, "variables", &origins, "https://a.example").await;
    let listener = json!({
        "return_type": "data", "return_data": "ok", "allow_cors": true,
        "cors_domains": format!("{{{{ variable('{origins}') }}}}"),
    });
    let document = document("sync", &listener, &json!([]));
    let workflow = control.publish_new(&document.to_string()).await;
    let allowed = async |origin: &str| {
        let client = testkit::http::client();
        let request = client.request(Method::GET, &workflow.url);
        let reply = request.header(ORIGIN, origin).send().await.unwrap();
        let echoed = reply.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
        (
            reply.status().as_u16(),
            echoed.is_some_and(|echoed| echoed == origin),
        )
    };
    assert_eq!(allowed("https://a.example").await, (200, true));
    set(&control, "variables", &origins, "https://b.example").await;
    assert_eq!(allowed("https://a.example").await, (403, false));
    assert_eq!(allowed("https://b.example").await, (200, true));
}
