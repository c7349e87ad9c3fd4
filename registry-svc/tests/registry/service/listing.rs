//! Listing workflows and published endpoints.

use serde_json::json;
use shared::codes::Code;
use shared::v1::registry::{ListEndpoints, ListWorkflows};
use shared::v1::views::ReturnType;

use super::platform::{Platform, echo};

#[tokio::test]
async fn workflows_are_listed_page_by_page_in_the_order_of_their_names() {
    let platform = Platform::start().await;
    for name in ["e", "b", "d", "a", "c"] {
        platform.create(&echo(name)).await;
    }
    let (mut names, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let list = ListWorkflows {
            name: None,
            category: None,
            cursor,
            limit: 2,
        };
        let page = platform.ask(list).await.unwrap();
        assert!(
            page.items
                .iter()
                .all(|workflow| workflow.document.is_none())
        );
        names.extend(page.items.into_iter().map(|workflow| workflow.name));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((names.concat().as_str(), pages), ("abcde", 3));
    let list = ListWorkflows {
        name: Some("c".into()),
        category: None,
        cursor: None,
        limit: 200,
    };
    let page = platform.ask(list).await.unwrap();
    assert_eq!((page.items.len(), page.next_cursor), (1, None));
}

#[tokio::test]
async fn endpoints_are_listed_as_they_are_published() {
    let platform = Platform::start().await;
    for name in ["a", "b", "c", "draft"] {
        let made = platform.create(&echo(name)).await.workflow;
        if name != "draft" {
            platform.publish(made.id).await;
        }
        if name == "b" {
            let mut document = echo("b");
            document["spec"]["listener"] = json!({"return_type": "html", "return_html": "x"});
            platform.update(made.id, &document).await;
        }
        if name == "c" {
            platform.unpublish(made.id).await;
        }
    }
    let all = ListEndpoints {
        limit: 10,
        ..Default::default()
    };
    let page = platform.ask(all.clone()).await.unwrap();
    let names: String = page
        .items
        .iter()
        .map(|endpoint| endpoint.name.as_str())
        .collect();
    assert_eq!(names, "ab");
    let b = &page.items[1];
    assert_eq!(
        (b.return_type, b.authentication, b.cors),
        (ReturnType::Data, false, false)
    );
    assert_eq!((b.version.number, b.category.as_deref()), (1, Some("demo")));
    let of = platform.get(b.workflow_id).await.endpoint.unwrap();
    assert_eq!((b.id, &b.path), (of.id, &of.path));

    let first = platform
        .ask(ListEndpoints {
            limit: 1,
            ..all.clone()
        })
        .await
        .unwrap();
    let cursor = first.next_cursor;
    let second = platform
        .ask(ListEndpoints {
            cursor,
            ..all.clone()
        })
        .await
        .unwrap();
    assert_eq!(
        (second.items.len(), second.items[0].name.as_str()),
        (1, "b")
    );
    let html = ListEndpoints {
        return_type: Some(ReturnType::Html),
        ..all.clone()
    };
    assert_eq!(platform.ask(html).await.unwrap().items, []);
    let guarded = ListEndpoints {
        authentication: Some(true),
        ..all
    };
    assert_eq!(platform.ask(guarded).await.unwrap().items, []);
}

#[tokio::test]
async fn a_limit_out_of_bounds_and_a_made_up_cursor_are_refused() {
    let platform = Platform::start_on_postgres().await;
    for limit in [0, 201] {
        let list = ListWorkflows {
            name: None,
            category: None,
            cursor: None,
            limit,
        };
        assert_eq!(platform.refused(list).await.code, Code::InvalidRequest);
        let list = ListEndpoints {
            limit,
            ..Default::default()
        };
        assert_eq!(platform.refused(list).await.code, Code::InvalidRequest);
    }
    let cursor = Some("next".to_owned());
    let list = ListEndpoints {
        limit: 1,
        cursor,
        ..Default::default()
    };
    assert_eq!(platform.refused(list).await.code, Code::InvalidRequest);
    let name = Some("a\0b".to_owned());
    let list = ListEndpoints {
        limit: 1,
        name,
        ..Default::default()
    };
    assert_eq!(platform.refused(list).await.code, Code::InvalidRequest);
}
