//! A browser as tests use it.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used)]

use serde_json::json;
use testkit::browser::{Browser, Site};

#[tokio::test]
async fn a_browser_opens_a_page_and_runs_scripts_that_wait() {
    let site = Site::serve("<!doctype html><title>a page</title><p>text</p>").await;
    let browser = Browser::start().await;
    browser.open(&site.url("localhost")).await;
    let title = browser.run("return document.title", &[]).await;
    assert_eq!(title, "a page");
    let script = "const reply = await fetch(arguments[0]); return [reply.status, location.origin];";
    let seen = browser.run(script, &[json!("/x")]).await;
    assert_eq!(seen, json!([200, site.origin("localhost")]));
}
