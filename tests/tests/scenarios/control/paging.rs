//! Listings that do not fit on a page.

use serde_json::{Value, json};
use testkit::control::Client;
use testkit::stack::Stack;

use super::platform::{document, name, stack};

const COUNT: usize = 30;

/// Every page of a listing.
pub(super) async fn pages(control: &Client, path: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let next = cursor
            .map(|cursor: String| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let page = control.get(&format!("{path}{next}")).await;
        assert_eq!(page.status, 200, "{:#}", page.body);
        pages.push(page.body["items"].as_array().unwrap().clone());
        assert!(pages.len() <= COUNT, "the pages never end");
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return pages,
        }
    }
}

/// Thirty workflows, page by page, while others come and go.
pub(super) async fn pages_tell_every_workflow_once(stack: &Stack) {
    let (control, category) = (stack.control(), name("category"));
    let mut names = Vec::new();
    for n in 0..COUNT {
        // Made in another order than they are listed in.
        let name = format!("{}-{category}", (n * 7) % COUNT + 10);
        let mut document = document(&name, "ok");
        document["metadata"]["category"] = json!(category);
        control.create(&document.to_string()).await;
        names.push(name);
    }
    names.sort();
    for (limit, sizes) in [
        (7, vec![7, 7, 7, 7, 2]),
        (10, vec![10, 10, 10]),
        (30, vec![30]),
        (200, vec![30]),
    ] {
        let pages = pages(
            &control,
            &format!("/workflows?category={category}&limit={limit}"),
        )
        .await;
        let found: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(found, sizes, "{limit}");
        let found: Vec<&str> = pages
            .iter()
            .flatten()
            .map(|item| item["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{limit}");
    }
    // A workflow that comes behind the cursor is told, one that goes before it is not missed, none is told twice.
    let first = control
        .get(&format!("/workflows?category={category}&limit=20"))
        .await;
    let gone = first.body["items"][3]["id"].as_str().unwrap();
    let delete = control.request(reqwest::Method::DELETE, &format!("/workflows/{gone}"));
    assert_eq!(
        control.send(delete.header("if-match", "*")).await.status,
        204
    );
    let mut late = document(&format!("zz-{category}"), "ok");
    late["metadata"]["category"] = json!(category);
    control.create(&late.to_string()).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = control
        .get(&format!(
            "/workflows?category={category}&limit=20&cursor={cursor}"
        ))
        .await;
    let rest: Vec<&str> = rest.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = names[20..]
        .iter()
        .cloned()
        .chain([format!("zz-{category}")])
        .collect();
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn thirty_workflows_are_told_page_by_page() {
    pages_tell_every_workflow_once(stack().await).await;
}
