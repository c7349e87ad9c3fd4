//! Making, changing, reading and deleting workflows.

use serde_json::{Value, json};
use shared::codes::Code;
use shared::ids::WorkflowId;
use shared::v1::registry::{CreateWorkflow, DeleteWorkflow, GetWorkflow, UpdateWorkflow};
use uuid::Uuid;

use super::platform::{Platform, draft, echo, guarded, publish, sealed};

#[tokio::test]
async fn a_workflow_is_made_read_changed_renamed_and_deleted() {
    let platform = Platform::start().await;
    let saved = platform.create(&echo("orders")).await;
    let made = saved.workflow;
    assert!(!saved.took_key && !saved.took_secret);
    assert_eq!(
        (made.name.as_str(), made.category.as_deref()),
        ("orders", Some("demo"))
    );
    assert_eq!(
        (made.etag.as_str(), made.changed, &made.published),
        ("1", true, &None)
    );
    let path = &made.endpoint.as_ref().unwrap().path;
    assert!(
        path.starts_with("/listener/") && path.len() == 75,
        "{}",
        path.len()
    );
    assert_eq!(platform.get(made.id).await, made);

    let renamed = platform.update(made.id, &echo("bills")).await.workflow;
    assert_eq!(
        (renamed.name.as_str(), renamed.etag.as_str()),
        ("bills", "2")
    );
    assert_eq!(renamed.endpoint, made.endpoint, "the URL outlives its name");
    platform.create(&echo("orders")).await;

    let if_match = "2".to_owned();
    platform
        .ask(DeleteWorkflow {
            id: made.id,
            if_match,
        })
        .await
        .unwrap();
    let failure = platform.refused(GetWorkflow { id: made.id }).await;
    assert_eq!(failure.code, Code::NotFound);
    let again = platform.create(&echo("bills")).await.workflow;
    assert_ne!(again.endpoint, made.endpoint);
}

#[tokio::test]
async fn two_urls_share_nothing() {
    let platform = Platform::start().await;
    let mut halves = Vec::new();
    for name in ["a", "b", "c"] {
        let endpoint = platform
            .create(&echo(name))
            .await
            .workflow
            .endpoint
            .unwrap();
        halves.extend(endpoint.path.split('/').skip(2).map(str::to_owned));
    }
    halves.sort();
    halves.dedup();
    assert_eq!(halves.len(), 6);
}

#[tokio::test]
async fn a_taken_name_is_a_conflict() {
    let platform = Platform::start().await;
    platform.create(&echo("orders")).await;
    let other = platform.create(&echo("bills")).await.workflow;
    let failure = platform
        .refused(CreateWorkflow {
            draft: draft(&echo("orders")),
        })
        .await;
    assert_eq!(failure.code, Code::Conflict);
    assert!(failure.detail.contains("`orders`"), "{}", failure.detail);
    let rename = UpdateWorkflow {
        id: other.id,
        if_match: "*".into(),
        draft: draft(&echo("orders")),
    };
    assert_eq!(platform.refused(rename).await.code, Code::Conflict);
    assert_eq!(platform.get(other.id).await, other);
}

#[tokio::test]
async fn a_change_wants_the_etag_that_its_author_saw() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    platform.update(made.id, &echo("bills")).await;
    let late = |if_match: &str| UpdateWorkflow {
        id: made.id,
        if_match: if_match.to_owned(),
        draft: draft(&echo("late")),
    };
    assert_eq!(
        platform.refused(late(&made.etag)).await.code,
        Code::PreconditionFailed
    );
    assert_eq!(
        platform.refused(late("")).await.code,
        Code::PreconditionRequired
    );
    let mut stale = publish(made.id);
    stale.if_match = made.etag.clone();
    assert_eq!(platform.refused(stale).await.code, Code::PreconditionFailed);
    let stale = DeleteWorkflow {
        id: made.id,
        if_match: made.etag,
    };
    assert_eq!(platform.refused(stale).await.code, Code::PreconditionFailed);
    assert_eq!(platform.ask(late("2")).await.unwrap().workflow.name, "late");
}

#[tokio::test]
async fn a_draft_that_says_nothing_new_keeps_its_etag() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    let spaced = serde_json::to_string_pretty(&echo("orders")).unwrap();
    let mut draft = draft(&echo("orders"));
    draft.document = spaced;
    let again = UpdateWorkflow {
        id: made.id,
        if_match: made.etag.clone(),
        draft,
    };
    assert_eq!(platform.ask(again).await.unwrap().workflow, made);
}

#[tokio::test]
async fn what_is_no_draft_is_refused() {
    let platform = Platform::start().await;
    let large = json!({"metadata": {"name": "a"}, "x": "y".repeat(1024 * 1024)});
    for (document, code) in [
        (json!([1]), Code::InvalidRequest),
        (large, Code::InvalidRequest),
        (json!({"metadata": {"name": "A B"}}), Code::InvalidWorkflow),
    ] {
        let failure = platform
            .refused(CreateWorkflow {
                draft: draft(&document),
            })
            .await;
        assert_eq!(failure.code, code);
    }
    let nowhere = GetWorkflow {
        id: WorkflowId(Uuid::now_v7()),
    };
    assert_eq!(platform.refused(nowhere).await.code, Code::NotFound);
}

#[tokio::test]
async fn a_draft_with_errors_is_kept_and_not_published() {
    let platform = Platform::start().await;
    let mut document = echo("orders");
    document["spec"]["listener"] = json!({"return_type": "data", "methodz": ["GET"]});
    let made = platform.create(&document).await.workflow;
    let kept: Value = serde_json::from_str(made.document.as_ref().unwrap()).unwrap();
    assert_eq!(kept, document);
    let failure = platform.refused(publish(made.id)).await;
    assert_eq!(failure.code, Code::InvalidWorkflow);
    let problems: Vec<Value> = serde_json::from_str(&failure.facts.unwrap()).unwrap();
    let errors = problems
        .iter()
        .filter(|problem| problem["severity"] == "error");
    assert!(errors.count() >= 2, "{problems:?}");
    assert!(problems.iter().all(|problem| problem["path"].is_string()));
    assert_eq!(platform.get(made.id).await.published, None);
    assert_eq!(platform.route(&made).await, None);
}

#[tokio::test]
async fn offered_credentials_are_taken_once_and_given_ones_before_them() {
    let platform = Platform::start().await;
    let made = platform.create(&echo("orders")).await.workflow;
    let on = platform.update(made.id, &guarded("orders")).await;
    assert!(on.took_key && on.took_secret);
    let again = platform.update(made.id, &guarded("orders")).await;
    assert!(!again.took_key && !again.took_secret);
    assert_eq!(again.workflow.etag, on.workflow.etag);

    let mut given = draft(&guarded("given"));
    given.given.endpoint_key = Some(sealed(1));
    let saved = platform.ask(CreateWorkflow { draft: given }).await.unwrap();
    assert!(!saved.took_key && saved.took_secret);
    assert!(!saved.workflow.document.unwrap().contains("endpoint_key"));
}
