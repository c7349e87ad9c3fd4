//! `endpoint_secret_previous`: the old secret stays good for a while, so that callers can change over.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::jwt;
use testkit::until;

use super::endpoint::{Endpoint, KEY, SECRET, document};

const NEW: &str = "the secret that takes the place of the first one";

/// Replaces the listener's settings by these and publishes.
async fn change(endpoint: &Endpoint, settings: &Value) {
    let control = &endpoint.control;
    let now = control
        .get(&format!("/workflows/{}", endpoint.workflow.id))
        .await;
    let mut document = document(settings);
    document["metadata"]["name"] = now.body["name"].clone();
    let id = &endpoint.workflow.id;
    let etag = now.etag.expect("an entity tag");
    let saved = control.update(id, &etag, &document.to_string()).await;
    assert_eq!(saved.status, 200, "{:#}", saved.body);
    assert_eq!(saved.body["problems"], json!([]));
    control.publish(id).await;
}

fn previous(expires_at: Timestamp) -> Value {
    json!({
        "endpoint_secret": NEW,
        "endpoint_secret_previous": { "secret": SECRET, "expires_at": expires_at.to_string() },
    })
}

#[tokio::test]
async fn both_secrets_are_good_until_the_previous_one_expires() {
    let endpoint = Endpoint::with(json!({})).await;
    let (old, new) = (jwt::good(KEY, SECRET), jwt::good(KEY, NEW));
    endpoint.call(&old).await.is_passed("before");
    endpoint.call(&new).await.is_denied("invalid", "before");

    let expiry = Timestamp::now() + Duration::from_secs(4);
    change(&endpoint, &previous(expiry)).await;
    let passed = Cell::new(0);
    until(
        Duration::from_secs(30),
        "the old secret to expire",
        async || {
            endpoint.call(&new).await.is_passed("the new secret");
            let asked = Timestamp::now();
            let reply = endpoint.call(&old).await;
            if reply.status == 200 {
                assert!(asked < expiry, "passed at {asked}, expired at {expiry}");
                passed.set(passed.get() + 1);
                return None;
            }
            reply.is_denied("invalid", "the old secret");
            assert!(Timestamp::now() >= expiry, "refused before its time");
            Some(())
        },
    )
    .await;
    assert!(
        passed.get() > 0,
        "the old secret was never good beside the new one"
    );
    endpoint.call(&new).await.is_passed("after");
}

#[tokio::test]
async fn a_previous_secret_that_has_expired_already_is_good_for_nothing() {
    let endpoint = Endpoint::with(json!({})).await;
    let past = Timestamp::now() - Duration::from_secs(1);
    change(&endpoint, &previous(past)).await;
    let reply = endpoint.call(&jwt::good(KEY, SECRET)).await;
    reply.is_denied("invalid", "the old secret");
    endpoint
        .call(&jwt::good(KEY, NEW))
        .await
        .is_passed("the new");
}

#[tokio::test]
async fn a_new_secret_ends_the_previous_one_that_is_not_given_again() {
    let endpoint = Endpoint::with(json!({})).await;
    let later = Timestamp::now() + Duration::from_secs(3_600);
    change(&endpoint, &previous(later)).await;
    let (first, second) = (jwt::good(KEY, SECRET), jwt::good(KEY, NEW));
    endpoint.call(&first).await.is_passed("previous");
    endpoint.call(&second).await.is_passed("current");

    let third = "the secret after that, which nobody has seen yet";
    change(&endpoint, &json!({ "endpoint_secret": third })).await;
    endpoint
        .call(&jwt::good(KEY, third))
        .await
        .is_passed("third");
    for (row, token) in [("first", first), ("second", second)] {
        endpoint.call(&token).await.is_denied("invalid", row);
    }
}

#[tokio::test]
async fn a_changed_key_takes_effect_with_its_publish() {
    let endpoint = Endpoint::with(json!({})).await;
    let old = jwt::good(KEY, SECRET);
    endpoint.call(&old).await.is_passed("before");
    change(&endpoint, &json!({ "endpoint_key": "new-issuer" })).await;
    endpoint.call(&old).await.is_denied("issuer", "the old key");
    let new = jwt::good("new-issuer", SECRET);
    endpoint.call(&new).await.is_passed("the new key");
}

#[tokio::test]
async fn a_draft_that_is_not_published_changes_no_verdict() {
    let endpoint = Endpoint::with(json!({})).await;
    let workflow = &endpoint.workflow;
    let mut draft = document(&json!({ "endpoint_secret": NEW }));
    draft["metadata"]["name"] = workflow.body["name"].clone();
    let saved = endpoint
        .control
        .update(&workflow.id, "*", &draft.to_string())
        .await;
    assert_eq!(saved.status, 200, "{:#}", saved.body);
    let (old, new) = (jwt::good(KEY, SECRET), jwt::good(KEY, NEW));
    endpoint.call(&old).await.is_passed("the published secret");
    endpoint
        .call(&new)
        .await
        .is_denied("invalid", "the draft's");
    endpoint.control.publish(&workflow.id).await;
    endpoint.call(&old).await.is_denied("invalid", "replaced");
    endpoint.call(&new).await.is_passed("published");
}
