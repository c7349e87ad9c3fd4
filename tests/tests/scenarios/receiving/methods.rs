//! Which methods an endpoint takes.

use reqwest::Method;
use serde_json::json;
use testkit::http::client;
use testkit::problem;

use super::platform::{everything, publish};

#[tokio::test]
async fn get_post_and_put_are_taken_where_nothing_is_said_and_others_get_a_405() {
    let url = publish(everything(&json!({})), json!([])).await.url;
    for method in ["GET", "POST", "PUT"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = client().request(method.clone(), &url).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{method}");
        let all: serde_json::Value = reply.json().await.unwrap();
        assert_eq!(all["__request"]["method"], method.as_str());
    }
    for method in ["PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = client()
            .request(method, &url)
            .body("x")
            .send()
            .await
            .unwrap();
        let refused = problem(reply, 405, "method_not_allowed").await;
        assert_eq!(refused.headers["allow"], "GET, HEAD, POST, PUT");
    }
}

#[tokio::test]
async fn allow_lists_what_the_listener_says() {
    let listener = everything(&json!({"methods": ["DELETE", "PATCH"]}));
    let url = publish(listener, json!([])).await.url;
    for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT] {
        let reply = client().request(method.clone(), &url).send().await.unwrap();
        assert_eq!(reply.status(), 405, "{method}");
        let allow = reply.headers()["allow"].to_str().unwrap();
        let mut allowed: Vec<&str> = allow.split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["DELETE", "PATCH"]);
    }
    for method in [Method::DELETE, Method::PATCH] {
        assert_eq!(
            client()
                .request(method, &url)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn head_gets_the_headers_of_get_and_no_body() {
    let listener = json!({
        "return_type": "data",
        "return_data": r#"{"method": "a fixed text"}"#,
        "return_status": 203,
        "return_headers": {"X-Own": "{{ __data.a }}"},
    });
    let url = format!("{}?a=1", publish(listener, json!([])).await.url);
    let get = client().get(&url).send().await.unwrap();
    let head = client().head(&url).send().await.unwrap();
    assert_eq!((get.status().as_u16(), head.status().as_u16()), (203, 203));
    let headers = |reply: &reqwest::Response| {
        let mut headers = reply.headers().clone();
        for own in ["date", "x-request-id"] {
            assert!(headers.remove(own).is_some(), "{own}");
        }
        headers
    };
    assert_eq!(headers(&get), headers(&head));
    assert_eq!(head.headers()["content-length"], "26");
    assert_eq!(head.headers()["x-own"], "1");
    assert!(head.bytes().await.unwrap().is_empty());
    // An error has a length to tell too.
    let gone = client()
        .head(format!("{url}x").replace("/listener/", "/nowhere/"))
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 404);
    assert!(
        gone.headers()["content-length"]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
}

#[tokio::test]
async fn head_runs_the_workflow_as_a_head_request() {
    let listener = json!({
        "return_type": "data",
        "return_data": "ok",
        "return_headers": {"X-Method": "{{ __data.__request.method }}"},
    });
    let url = publish(listener, json!([])).await.url;
    let head = client().head(&url).send().await.unwrap();
    assert_eq!(head.headers()["x-method"], "HEAD");
}
