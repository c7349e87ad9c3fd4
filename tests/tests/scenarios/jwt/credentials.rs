//! `endpoint_key` and `endpoint_secret`: generated, shown once, and never too weak.

use serde_json::{Value, json};
use testkit::control::Reply;
use testkit::jwt;

use super::endpoint::{Endpoint, KEY, SECRET, document, platform};

/// A document without the credentials of [`document`].
fn without_credentials() -> Value {
    let mut document = document(&json!({}));
    let listener = document["spec"]["listener"].as_object_mut().unwrap();
    listener.remove("endpoint_key");
    listener.remove("endpoint_secret");
    document
}

/// Everything that the control plane tells about one workflow after it was saved.
async fn told(id: &str, etag: &str, document: &Value) -> Vec<Reply> {
    let control = platform().await.control();
    let path = format!("/workflows/{id}");
    let saved = control.update(id, etag, &document.to_string()).await;
    assert_eq!(saved.status, 200, "{:#}", saved.body);
    let mut told = vec![saved];
    for verb in ["publish", "unpublish", "publish"] {
        told.push(control.act(id, verb).await);
    }
    for path in [
        path.as_str(),
        "/workflows?limit=200",
        "/dynamic-endpoints?limit=200",
    ] {
        told.push(control.get(path).await);
    }
    let validate = control.request(reqwest::Method::POST, "/workflows/validate");
    told.push(control.send(validate.json(document)).await);
    for reply in &told {
        assert!(reply.status.is_success(), "{:#}", reply.body);
    }
    told
}

#[tokio::test]
async fn generated_credentials_work_and_are_shown_once() {
    let control = platform().await.control();
    let document = without_credentials();
    let workflow = control.publish_new(&document.to_string()).await;
    let key = workflow.endpoint_key.clone().expect("a generated key");
    let secret = workflow
        .endpoint_secret
        .clone()
        .expect("a generated secret");
    assert_ne!(key, secret);
    for text in [&key, &secret] {
        assert_eq!(text.len(), 50, "{text}");
        assert!(
            text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{text}"
        );
    }
    let call = async |token: String| {
        let request = testkit::http::client().get(&workflow.url);
        super::endpoint::Reply::to(request.bearer_auth(token)).await
    };
    call(jwt::good(&key, &secret)).await.is_passed("generated");

    for reply in told(&workflow.id, "*", &document).await {
        let text = reply.body.to_string();
        assert!(!text.contains(&key) && !text.contains(&secret), "{text}");
        assert!(reply.body.get("credentials").is_none(), "{text}");
    }
    call(jwt::good(&key, &secret))
        .await
        .is_passed("kept by a save without them");
}

#[tokio::test]
async fn credentials_of_the_authors_are_never_shown() {
    let control = platform().await.control();
    let mut document = document(&json!({
        "endpoint_key": "key-that-is-not-to-be-seen",
        "endpoint_secret": "secret that is not to be seen by anybody",
        "endpoint_secret_previous": {
            "secret": "previous secret that is not to be seen either",
            "expires_at": "2099-01-01T00:00:00Z",
        },
    }));
    let workflow = control.create(&document.to_string()).await;
    assert!(workflow.body.get("credentials").is_none());
    let mut replies = vec![workflow.body.clone()];
    let told = told(&workflow.id, &workflow.etag, &document).await;
    replies.extend(told.into_iter().map(|reply| reply.body));
    // What is wrong with a secret is told without the secret.
    document["spec"]["listener"]["endpoint_secret"] = json!("is not to be seen {{ 1 +");
    let saved = control
        .update(&workflow.id, "*", &document.to_string())
        .await;
    let refused = control.act(&workflow.id, "publish").await;
    assert_eq!(refused.status, 422, "{:#}", refused.body);
    replies.extend([saved.body, refused.body]);
    for reply in replies {
        assert!(!reply.to_string().contains("not to be seen"), "{reply:#}");
        assert!(!reply.to_string().contains("not-to-be-seen"), "{reply:#}");
    }
}

#[tokio::test]
async fn only_what_is_missing_is_generated() {
    let control = platform().await.control();
    let mut document = without_credentials();
    document["spec"]["listener"]["endpoint_key"] = json!(KEY);
    let workflow = control.publish_new(&document.to_string()).await;
    assert_eq!(workflow.endpoint_key, None);
    let secret = workflow.endpoint_secret.expect("a generated secret");
    let request = testkit::http::client().get(&workflow.url);
    let reply = super::endpoint::Reply::to(request.bearer_auth(jwt::good(KEY, &secret))).await;
    reply.is_passed("given key, generated secret");
}

#[tokio::test]
async fn they_are_generated_when_authentication_is_first_turned_on() {
    let control = platform().await.control();
    let mut document = without_credentials();
    document["spec"]["listener"]["add_authentication"] = json!(false);
    let workflow = control.publish_new(&document.to_string()).await;
    assert!(workflow.body.get("credentials").is_none());
    document["spec"]["listener"]["add_authentication"] = json!(true);
    let turn_on = async || {
        control
            .update(&workflow.id, "*", &document.to_string())
            .await
    };
    let (first, second) = (turn_on().await, turn_on().await);
    let shown = &first.body["credentials"];
    for name in ["endpoint_key", "endpoint_secret"] {
        assert_eq!(shown[name].as_str().unwrap().len(), 50);
    }
    assert!(
        second.body.get("credentials").is_none(),
        "{:#}",
        second.body
    );
    let ask = async |token: Option<String>| {
        let request = testkit::http::client().get(&workflow.url);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        super::endpoint::Reply::to(request).await
    };
    ask(None).await.is_passed("not published yet");
    control.publish(&workflow.id).await;
    ask(None).await.is_missing("published");
    let text = |name: &str| shown[name].as_str().unwrap().to_owned();
    let token = jwt::good(&text("endpoint_key"), &text("endpoint_secret"));
    ask(Some(token)).await.is_passed("with a token");
}

#[tokio::test]
async fn credentials_that_cannot_protect_anything_refuse_to_publish() {
    let weak = "0123456789012345678901234567890";
    assert_eq!(weak.len(), 31);
    let rows = [
        ("endpoint_secret", json!({ "endpoint_secret": weak })),
        ("endpoint_secret", json!({ "endpoint_secret": "" })),
        // Long as it is written, and too short once rendered.
        (
            "endpoint_secret",
            json!({ "endpoint_secret": format!("{{# {SECRET} #}}short") }),
        ),
        (
            "endpoint_secret",
            json!({ "endpoint_secret": "{{ __data.__headers.secret }}" }),
        ),
        (
            "endpoint_secret",
            json!({ "endpoint_secret": format!("{SECRET}{{{{ __data.x }}}}") }),
        ),
        ("endpoint_key", json!({ "endpoint_key": "" })),
        ("endpoint_key", json!({ "endpoint_key": "{{ '' }}" })),
        (
            "endpoint_key",
            json!({ "endpoint_key": "{{ __data.__headers.issuer }}" }),
        ),
        (
            "endpoint_secret_previous",
            json!({ "endpoint_secret_previous": {
                "secret": weak, "expires_at": "2099-01-01T00:00:00Z",
            } }),
        ),
    ];
    let control = platform().await.control();
    for (setting, listener) in rows {
        let created = control.try_create(&document(&listener).to_string()).await;
        assert_eq!(created.status, 201, "{listener}: {:#}", created.body);
        let id = created.body["id"].as_str().unwrap();
        let refused = control.act(id, "publish").await;
        assert_eq!(refused.status, 422, "{listener}: {:#}", refused.body);
        assert_eq!(refused.body["code"], "invalid_workflow");
        let problems = refused.body["problems"].as_array().unwrap();
        let path = format!("spec.listener.{setting}");
        let named = problems.iter().find(|problem| {
            let found = problem["path"].as_str().unwrap();
            problem["severity"] == "error" && found.starts_with(&path)
        });
        let problem = named.unwrap_or_else(|| panic!("{listener}: {problems:#?}"));
        assert!(!problem["hint"].as_str().unwrap().is_empty());
        assert!(!refused.body.to_string().contains(SECRET));
    }
}

#[tokio::test]
async fn a_refused_publish_leaves_what_was_published() {
    let endpoint = Endpoint::with(json!({})).await;
    let mut weak = document(&json!({ "endpoint_secret": "weak" }));
    weak["metadata"]["name"] = endpoint.workflow.body["name"].clone();
    let id = &endpoint.workflow.id;
    endpoint.control.update(id, "*", &weak.to_string()).await;
    assert_eq!(endpoint.control.act(id, "publish").await.status, 422);
    let token = jwt::good(KEY, SECRET);
    endpoint.call(&token).await.is_passed("as before");
}
