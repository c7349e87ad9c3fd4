//! Versions, and which of them are published.

use futures_util::future::join_all;
use registry_svc::store::{EndpointFilter, Store, WorkflowFilter};
use shared::ids::ContentHash;
use shared::v1::views::ReturnType;

use super::samples::{version, workflow};

pub(crate) async fn a_published_version_reads_back_byte_for_byte<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    let version = version(1, 2);
    assert!(store.publish(new.id, 1, &version).await.unwrap());
    let read = store.publication(new.id).await.unwrap().unwrap();
    assert_eq!((read.workflow, read.endpoint), (new.id, new.endpoint));
    assert_eq!((read.serial, read.last_version), (1, 1));
    assert_eq!(read.live, Some(version.views.clone()));
    let read = store.workflow(new.id).await.unwrap().unwrap();
    assert_eq!(
        (read.published, read.last_version),
        (Some(version.info.clone()), 1)
    );
    let listed = store
        .list(&WorkflowFilter {
            limit: 1,
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(listed[0].published, Some(version.info));
}

pub(crate) async fn a_publish_wants_the_revision_and_the_next_number<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    for (revision, number) in [(2, 1), (1, 2), (1, 0)] {
        let done = store
            .publish(new.id, revision, &version(number, 2))
            .await
            .unwrap();
        assert!(!done, "{revision} {number}");
    }
    assert!(store.publish(new.id, 1, &version(1, 2)).await.unwrap());
    assert!(!store.publish(new.id, 1, &version(1, 3)).await.unwrap());
    assert!(store.publish(new.id, 1, &version(2, 3)).await.unwrap());
    let live = store
        .publication(new.id)
        .await
        .unwrap()
        .unwrap()
        .live
        .unwrap();
    assert_eq!(live.content_hash, ContentHash([3; 32]));
    assert!(store.delete(new.id, None, 5).await.unwrap());
    assert!(!store.publish(new.id, 1, &version(3, 4)).await.unwrap());
}

pub(crate) async fn of_many_publishes_at_once_one_gets_the_number<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    let versions: Vec<_> = (1..=20).map(|content| version(1, content)).collect();
    let tries = versions
        .iter()
        .map(|version| store.publish(new.id, 1, version));
    let won: Vec<_> = join_all(tries)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = versions
        .iter()
        .zip(&won)
        .find(|(_, won)| **won)
        .map(|(version, _)| version);
    let live = store.publication(new.id).await.unwrap().unwrap();
    assert_eq!(live.live.as_ref(), winner.map(|version| &version.views));
    assert_eq!(live.serial, 1);
}

pub(crate) async fn an_unpublished_version_keeps_its_document<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert!(store.publish(new.id, 1, &version(1, 2)).await.unwrap());
    for _ in 0..2 {
        assert!(store.unpublish(new.id).await.unwrap());
        let read = store.publication(new.id).await.unwrap().unwrap();
        assert_eq!((read.live, read.last_version), (None, 1));
        assert_eq!(
            store.workflow(new.id).await.unwrap().unwrap().published,
            None
        );
    }
    let document = store.document(ContentHash([2; 32])).await.unwrap();
    assert_eq!(document.as_deref(), Some(r#"{"content":2}"#));
    assert_eq!(store.document(ContentHash([9; 32])).await.unwrap(), None);
    assert!(!store.unpublish(workflow("x").id).await.unwrap());
}

pub(crate) async fn every_change_counts_its_workflow_and_the_whole_up<S: Store>(store: &S) {
    assert_eq!(store.changes().await.unwrap(), 0);
    let (one, two) = (workflow("one"), workflow("two"));
    store.create(&one).await.unwrap();
    store.create(&two).await.unwrap();
    assert_eq!(store.changes().await.unwrap(), 0);
    assert!(store.publish(one.id, 1, &version(1, 2)).await.unwrap());
    assert!(store.unpublish(one.id).await.unwrap());
    assert!(store.publish(two.id, 1, &version(1, 3)).await.unwrap());
    assert!(store.delete(two.id, None, 5).await.unwrap());
    assert_eq!(store.serial(one.id).await.unwrap(), Some(2));
    assert_eq!(store.serial(two.id).await.unwrap(), Some(2));
    assert_eq!(store.serial(workflow("x").id).await.unwrap(), None);
    assert_eq!(store.changes().await.unwrap(), 4);
}

pub(crate) async fn a_deleted_workflow_is_no_longer_live_but_still_owns_its_endpoint<S: Store>(
    store: &S,
) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert!(store.publish(new.id, 1, &version(1, 2)).await.unwrap());
    assert!(store.delete(new.id, Some(1), 5).await.unwrap());
    let read = store.publication(new.id).await.unwrap().unwrap();
    assert_eq!((read.endpoint, read.live), (new.endpoint, None));
    assert_eq!(store.owner(new.endpoint).await.unwrap(), Some(new.id));
    assert_eq!(store.owner(workflow("x").endpoint).await.unwrap(), None);
    assert!(
        store
            .document(ContentHash([2; 32]))
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn what_is_live_comes_page_by_page<S: Store>(store: &S) {
    let mut expected = Vec::new();
    for content in 1..=7 {
        let new = workflow(&format!("w{content}"));
        store.create(&new).await.unwrap();
        // The fourth stays a draft.
        if content != 4 {
            assert!(
                store
                    .publish(new.id, 1, &version(1, content))
                    .await
                    .unwrap()
            );
            expected.push((new.id, version(1, content).views));
        }
    }
    expected.sort_by_key(|(id, _)| *id);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.live(after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 4);
        after = Some(last.workflow);
        found.extend(
            page.into_iter()
                .map(|live| (live.workflow, live.live.unwrap())),
        );
    }
    assert_eq!(found, expected);
}

/// Stores the published `a`, `b` and `c`, and a draft; the category of each is `of-` and its name.
async fn store_endpoints<S: Store>(store: &S) {
    for (name, content, return_type) in [
        ("c", 1, ReturnType::Data),
        ("a", 2, ReturnType::Sse),
        ("b", 4, ReturnType::Data),
        ("draft", 0, ReturnType::Data),
    ] {
        let mut new = workflow(name);
        new.draft.category = Some(format!("of-{name}"));
        store.create(&new).await.unwrap();
        if content > 0 {
            let mut version = version(1, content);
            version.return_type = Some(return_type);
            assert!(store.publish(new.id, 1, &version).await.unwrap());
        }
    }
}

async fn names<S: Store>(store: &S, filter: EndpointFilter) -> String {
    let page = store.endpoints(&filter).await.unwrap();
    page.into_iter().map(|endpoint| endpoint.name).collect()
}

fn first(limit: u32) -> EndpointFilter {
    let mut filter = EndpointFilter::default();
    filter.workflows.limit = limit;
    filter
}

pub(crate) async fn endpoints_filter_by_what_is_published<S: Store>(store: &S) {
    store_endpoints(store).await;
    assert_eq!(names(store, first(10)).await, "abc");
    let mut filter = first(10);
    filter.return_type = Some(ReturnType::Data);
    assert_eq!(names(store, filter).await, "bc");
    for (authentication, expected) in [(true, "ab"), (false, "c")] {
        let mut filter = first(10);
        filter.authentication = Some(authentication);
        assert_eq!(names(store, filter).await, expected);
    }
    let mut filter = first(10);
    filter.workflows.name = Some("b".to_owned());
    assert_eq!(names(store, filter).await, "b");
    let mut filter = first(10);
    filter.workflows.category = Some("of-c".to_owned());
    assert_eq!(names(store, filter).await, "c");
}

pub(crate) async fn endpoints_come_page_by_page<S: Store>(store: &S) {
    store_endpoints(store).await;
    let page = store.endpoints(&first(1)).await.unwrap();
    assert_eq!((page[0].name.as_str(), page[0].version.number), ("a", 1));
    assert_eq!(page[0].route, [0, 2, 255]);
    let mut rest = first(10);
    rest.workflows.after = Some((page[0].name.clone(), page[0].workflow));
    assert_eq!(names(store, rest).await, "bc");
}
