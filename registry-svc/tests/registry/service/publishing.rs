//! Publishing and unpublishing: what the other services see of it, and when.

use serde_json::json;
use shared::codes::Code;
use shared::subjects;
use shared::v1::registry::{DeleteWorkflow, GetDocument, Publish, Unpublish, UpdateWorkflow};
use shared::v1::views::{Method, ReturnType};

use super::gateway::Gateway;
use super::platform::{Platform, actor, draft, echo, guarded, publish, sealed};

#[tokio::test]
async fn what_is_published_stands_in_the_buckets() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    assert_eq!(platform.route(&made).await, None, "a draft is not live");
    let message = Some("the first".to_owned());
    let first = Publish {
        message,
        ..publish(made.id)
    };
    let published = platform.ask(first).await.unwrap();
    let version = published.published.clone().unwrap();
    assert_eq!((version.number, version.actor), (1, actor()));
    assert_eq!(version.message.as_deref(), Some("the first"));
    assert!(!published.changed);

    let route = platform.route(&made).await.unwrap();
    let endpoint = made.endpoint.as_ref().unwrap();
    assert_eq!(
        (route.endpoint_id, route.workflow_id),
        (endpoint.id, made.id)
    );
    assert_eq!(route.hashes.path(), endpoint.path);
    assert_eq!(
        (route.version, route.content_hash),
        (1, version.content_hash)
    );
    assert_eq!(route.return_type, ReturnType::Data);
    assert_eq!(route.methods, [Method::Get, Method::Post, Method::Put]);
    assert_eq!(
        (route.credentials, &route.cors, &route.reply),
        (None, &None, &None)
    );
    let document = platform.document(&route).await.unwrap();
    assert_eq!(Some(&document.document), made.document.as_ref());
    assert_eq!(document.content_hash, version.content_hash);
    assert_eq!(platform.credentials(&made).await, None);
}

#[tokio::test]
async fn every_gateway_serves_a_publish_and_drops_an_unpublish_before_the_answer() {
    let platform = Platform::start().await;
    let gateways = [
        Gateway::start(&platform.bus).await,
        Gateway::start(&super::platform::connect(&platform.nats).await).await,
    ];
    let made = platform.create(&echo("orders")).await.workflow;
    let key = subjects::endpoint_key(made.endpoint.as_ref().unwrap().id);
    for _ in 0..5 {
        platform.publish(made.id).await;
        assert!(gateways.iter().all(|gateway| gateway.serves(&key)));
        platform.unpublish(made.id).await;
        assert!(gateways.iter().all(|gateway| !gateway.serves(&key)));
    }
    platform.publish(made.id).await;
    platform
        .ask(DeleteWorkflow {
            id: made.id,
            if_match: "*".into(),
        })
        .await
        .unwrap();
    assert!(gateways.iter().all(|gateway| !gateway.serves(&key)));
}

#[tokio::test]
async fn an_unchanged_draft_makes_no_new_version() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    let first = platform.publish(made.id).await;
    assert_eq!(platform.publish(made.id).await, first);

    let mut document = echo("orders");
    document["spec"]["listener"]["return_data"] = json!("other");
    let changed = platform.update(made.id, &document).await.workflow;
    assert!(changed.changed);
    assert_eq!(
        changed.published, first.published,
        "a save changes nothing that is live"
    );
    let second = platform.publish(made.id).await;
    assert_eq!(second.published.as_ref().unwrap().number, 2);
    assert!(!second.changed);

    let back = platform.update(made.id, &echo("orders")).await.workflow;
    assert!(back.changed);
    let third = platform.publish(made.id).await.published.unwrap();
    assert_eq!(third.number, 3);
    assert_eq!(third.content_hash, first.published.unwrap().content_hash);
}

#[tokio::test]
async fn an_unpublished_workflow_is_off_until_it_is_published_again() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    let published = platform.publish(made.id).await;
    let content_hash = published.published.unwrap().content_hash;
    for _ in 0..2 {
        let unpublished = platform.unpublish(made.id).await;
        assert_eq!((unpublished.published, unpublished.changed), (None, true));
        assert_eq!(platform.route(&made).await, None);
    }
    let document = platform
        .ask(GetDocument { content_hash })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        Some(document.document),
        made.document,
        "runs under way end as they would have"
    );
    let again = platform.publish(made.id).await;
    assert_eq!(again.published.unwrap().number, 2);
    assert_eq!(platform.route(&made).await.unwrap().version, 2);
}

#[tokio::test]
async fn a_deleted_workflow_is_off_and_cannot_be_published() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    platform.publish(made.id).await;
    platform
        .ask(DeleteWorkflow {
            id: made.id,
            if_match: "*".into(),
        })
        .await
        .unwrap();
    assert_eq!(platform.route(&made).await, None);
    assert_eq!(
        platform.refused(publish(made.id)).await.code,
        Code::NotFound
    );
    assert_eq!(
        platform.refused(Unpublish { id: made.id }).await.code,
        Code::NotFound
    );
}

#[tokio::test]
async fn cors_is_rendered_when_it_is_published() {
    let platform = Platform::start().await;
    let mut document = echo("orders");
    document["spec"]["listener"]["allow_cors"] = json!(true);
    document["spec"]["listener"]["cors_domains"] =
        json!("https://{{ 'a' ~ '.example' }}, https://*.b.example");
    let made = platform.create(&document).await.workflow;
    platform.publish(made.id).await;
    let cors = platform.route(&made).await.unwrap().cors.unwrap();
    assert_eq!(cors, ["https://a.example", "https://*.b.example"]);
}

#[tokio::test]
async fn without_auth_svc_nothing_that_wants_a_jwt_is_published() {
    let platform = Platform::start().await;
    let made = platform.create(&guarded("orders")).await.workflow;
    let failure = platform.refused(publish(made.id)).await;
    assert_eq!(failure.code, Code::AuthUnavailable);
    assert_eq!(platform.get(made.id).await.published, None);
    assert_eq!(platform.route(&made).await, None);
}

#[tokio::test]
async fn new_credentials_make_the_draft_another_one() {
    let platform = Platform::start().await;
    let made = platform.create(&guarded("orders")).await.workflow;
    let mut rotated = draft(&guarded("orders"));
    rotated.given.endpoint_secret = Some(sealed(9));
    let rotate = UpdateWorkflow {
        id: made.id,
        if_match: made.etag.clone(),
        draft: rotated,
    };
    let saved = platform.ask(rotate).await.unwrap();
    assert_ne!(saved.workflow.etag, made.etag);
    assert_eq!(saved.workflow.document, made.document);
}
