//! Workflows and their drafts.

use futures_util::future::join_all;
use registry_svc::store::{Store, StoreError, StoredDraft, WorkflowFilter};
use shared::ids::{ContentHash, UrlHashes};
use shared::v1::auth::{CredentialUses, SealedCredentials};
use shared::v1::settings::SettingUses;

use super::samples::{draft, sealed, workflow};

pub(crate) async fn a_created_workflow_reads_back<S: Store>(store: &S) {
    let mut new = workflow("orders");
    new.draft.category = Some("demo".to_owned());
    store.create(&new).await.unwrap();
    let read = store.workflow(new.id).await.unwrap().unwrap();
    assert_eq!((read.id, read.endpoint), (new.id, new.endpoint));
    assert_eq!(
        (read.name.as_str(), read.category.as_deref()),
        ("orders", Some("demo"))
    );
    assert_eq!(read.document.as_deref(), Some(new.draft.document.as_str()));
    assert_eq!(read.draft_hash, new.draft.hash);
    assert_eq!(read.hashes, UrlHashes::new(new.first_hash, new.second_hash));
    assert_eq!((read.revision, read.last_version), (1, 0));
    assert_eq!(
        (read.created_at_ms, read.updated_at_ms),
        (1_700_000_000_123, 1_700_000_000_123)
    );
    assert_eq!(read.published, None);
    assert_eq!(store.workflow(workflow("x").id).await.unwrap(), None);
}

pub(crate) async fn a_name_is_taken_until_its_workflow_is_deleted<S: Store>(store: &S) {
    let first = workflow("orders");
    store.create(&first).await.unwrap();
    let second = workflow("orders");
    assert!(matches!(
        store.create(&second).await,
        Err(StoreError::Taken)
    ));
    assert_eq!(store.workflow(second.id).await.unwrap(), None);
    assert!(store.delete(first.id, None, 5).await.unwrap());
    store.create(&second).await.unwrap();
    assert!(store.workflow(second.id).await.unwrap().is_some());
}

pub(crate) async fn an_update_wants_the_revision_that_was_read<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    let credentials = SealedCredentials {
        endpoint_key: Some(sealed(1)),
        endpoint_secret: Some(sealed(2)),
        previous_secret: Some((sealed(3), 42)),
        uses: CredentialUses {
            endpoint_key: SettingUses {
                secrets: ["KEY".to_owned()].into(),
                ..SettingUses::default()
            },
            ..CredentialUses::default()
        },
    };
    let change = StoredDraft {
        hash: ContentHash([2; 32]),
        credentials: credentials.clone(),
        saved_at_ms: 1_700_000_000_999,
        ..draft("renamed")
    };
    assert!(!store.update(new.id, 2, &change).await.unwrap());
    assert!(store.update(new.id, 1, &change).await.unwrap());
    assert!(!store.update(new.id, 1, &change).await.unwrap());
    let read = store.workflow(new.id).await.unwrap().unwrap();
    assert_eq!((read.revision, read.name.as_str()), (2, "renamed"));
    assert_eq!(read.draft_hash, change.hash);
    assert_eq!(read.document.as_deref(), Some(change.document.as_str()));
    assert_eq!(
        (read.created_at_ms, read.updated_at_ms),
        (1_700_000_000_123, 1_700_000_000_999)
    );
    assert_eq!(store.credentials(new.id).await.unwrap(), credentials);
}

pub(crate) async fn of_many_updates_at_once_one_wins<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    let changes = (0..20).map(|_| store.update(new.id, 1, &new.draft));
    let won = join_all(changes)
        .await
        .into_iter()
        .filter(|done| *done.as_ref().unwrap())
        .count();
    assert_eq!(won, 1);
    assert_eq!(store.workflow(new.id).await.unwrap().unwrap().revision, 2);
}

pub(crate) async fn renaming_to_a_taken_name_changes_nothing<S: Store>(store: &S) {
    let (one, two) = (workflow("one"), workflow("two"));
    store.create(&one).await.unwrap();
    store.create(&two).await.unwrap();
    let before = store.workflow(two.id).await.unwrap();
    assert!(matches!(
        store.update(two.id, 1, &draft("one")).await,
        Err(StoreError::Taken)
    ));
    assert_eq!(store.workflow(two.id).await.unwrap(), before);
}

pub(crate) async fn credentials_leave_with_their_workflow<S: Store>(store: &S) {
    let mut new = workflow("orders");
    new.draft.credentials.endpoint_key = Some(sealed(1));
    store.create(&new).await.unwrap();
    assert_eq!(
        store.credentials(new.id).await.unwrap(),
        new.draft.credentials
    );
    assert!(store.delete(new.id, None, 5).await.unwrap());
    assert_eq!(
        store.credentials(new.id).await.unwrap(),
        SealedCredentials::default()
    );
}

pub(crate) async fn a_deletion_may_want_a_revision<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert!(!store.delete(new.id, Some(2), 5).await.unwrap());
    assert!(store.delete(new.id, Some(1), 5).await.unwrap());
    assert!(!store.delete(new.id, None, 5).await.unwrap());
    assert_eq!(store.workflow(new.id).await.unwrap(), None);
    assert!(!store.update(new.id, 1, &new.draft).await.unwrap());
    assert_eq!(
        store
            .list(&WorkflowFilter {
                limit: 9,
                ..Default::default()
            })
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn lists_come_page_by_page_in_the_byte_order_of_names<S: Store>(store: &S) {
    let sorted = ["-a", "0", "a", "a-b", "a0", "aa", "ab", "b"];
    for name in ["b", "aa", "a-b", "0", "ab", "-a", "a0", "a"] {
        store.create(&workflow(name)).await.unwrap();
    }
    let mut filter = WorkflowFilter {
        limit: 3,
        ..Default::default()
    };
    let mut names = Vec::new();
    loop {
        let page = store.list(&filter).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        assert!(page.iter().all(|workflow| workflow.document.is_none()));
        filter.after = Some((last.name.clone(), last.id));
        names.extend(page.into_iter().map(|workflow| workflow.name));
    }
    assert_eq!(names, sorted);
}

pub(crate) async fn lists_filter_by_name_and_category<S: Store>(store: &S) {
    for (name, category) in [
        ("a", None),
        ("b", Some("x")),
        ("c", Some("x")),
        ("d", Some("y")),
    ] {
        let mut new = workflow(name);
        new.draft.category = category.map(str::to_owned);
        store.create(&new).await.unwrap();
    }
    let names = async |name: Option<&str>, category: Option<&str>| {
        let filter = WorkflowFilter {
            name: name.map(str::to_owned),
            category: category.map(str::to_owned),
            after: None,
            limit: 10,
        };
        let page = store.list(&filter).await.unwrap();
        page.into_iter()
            .map(|workflow| workflow.name)
            .collect::<String>()
    };
    assert_eq!(names(None, None).await, "abcd");
    assert_eq!(names(None, Some("x")).await, "bc");
    assert_eq!(names(Some("a"), None).await, "a");
    assert_eq!(names(Some("a"), Some("x")).await, "");
}
