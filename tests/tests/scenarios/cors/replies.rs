//! Every kind of reply carries the headers, whoever makes it.

use reqwest::Method;
use serde_json::{Value, json};

use super::endpoint::{ALLOWED, Endpoint, Reply, document, platform};

/// A workflow of a type and a mode.
fn of(run_mode: &str, listener: &Value, steps: Value) -> Value {
    let mut document = document(listener);
    document["spec"]["run_mode"] = json!(run_mode);
    let settings = document["spec"]["listener"].as_object_mut().unwrap();
    if settings["return_type"] != "data" {
        settings.remove("return_data");
    }
    document["spec"]["steps"] = steps;
    document
}

fn respond() -> Value {
    json!([{ "id": "answer", "type": "respond", "return_type": "data", "return_data": "here" }])
}

fn frame() -> Value {
    json!([{ "id": "tick", "type": "sse_frame", "data": "here", "final": true }])
}

#[tokio::test]
async fn each_type_in_each_mode_can_be_read_by_the_page() {
    let html = json!({ "return_type": "html", "return_html": "<p>here</p>" });
    let redirect = json!({ "return_type": "redirect", "return_redirect": "/elsewhere" });
    let later = json!({ "return_type": "continue", "methods": ["GET"] });
    let sse = json!({ "return_type": "sse" });
    for mode in ["sync", "async"] {
        let rows = [
            (200, of(mode, &json!({}), json!([]))),
            (200, of(mode, &html, json!([]))),
            (302, of(mode, &redirect, json!([]))),
            (200, of(mode, &later, respond())),
            (200, of(mode, &sse, frame())),
        ];
        for (status, document) in rows {
            let row = format!("{mode} {}", document["spec"]["listener"]["return_type"]);
            let endpoint = Endpoint::on(platform().await, &document).await;
            for method in [Method::GET, Method::HEAD] {
                let reply = Reply::to(endpoint.from(ALLOWED, method)).await;
                assert_eq!(reply.status, status, "{row}: {}", reply.text);
                reply.is_readable_from(ALLOWED, &row);
            }
        }
    }
}

#[tokio::test]
async fn what_the_author_sets_never_widens_who_may_read() {
    let control = platform().await.control();
    for name in [
        "Access-Control-Allow-Origin",
        "access-control-allow-credentials",
        "Access-Control-Expose-Headers",
    ] {
        let own = json!({ "return_headers": { name: "*" } });
        let created = control.try_create(&document(&own).to_string()).await;
        let id = created.body["id"].as_str().unwrap();
        let refused = control.act(id, "publish").await;
        assert_eq!(refused.status, 422, "{name}: {:#}", refused.body);
        assert!(refused.body["problems"].to_string().contains(name));
    }
    let own = json!({ "return_headers": { "Vary": "Accept-Language", "X-Own": "kept" } });
    let endpoint = Endpoint::with(own).await;
    let reply = Reply::to(endpoint.from(ALLOWED, Method::GET)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.is_readable_from(ALLOWED, "allowed");
    assert_eq!(reply.header("x-own"), Some("kept"));
    assert!(reply.list("vary").contains(&"accept-language".to_owned()));
    let reply = Reply::to(endpoint.without_origin(Method::GET)).await;
    reply.is_unreadable("no origin");
}
