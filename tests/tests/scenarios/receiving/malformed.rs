//! Bodies that are not what their type says.

use std::time::Duration;

use serde_json::json;
use testkit::problem;

use super::platform::{echo, everything, logged, publish};

#[tokio::test]
async fn malformed_json_is_a_400_with_line_and_column() {
    for (content_type, body, line, column) in [
        ("application/json", "{\n  \"a\": tru\n}", 2, 11),
        ("application/json", "{\"a\": 1,}", 1, 9),
        ("application/json; charset=utf-8", "[1 2]", 1, 4),
        ("application/problem+json", "{\"a\"\n\n: 1", 3, 3),
        ("APPLICATION/JSON", "{} {}", 1, 4),
    ] {
        let request = testkit::http::client()
            .post(echo().await)
            .header("content-type", content_type)
            .body(body);
        let refused = problem(request.send().await.unwrap(), 400, "malformed_body").await;
        assert_eq!(refused.body["line"], line, "{body}");
        assert_eq!(refused.body["column"], column, "{body}");
        let place = format!("line {line}, column {column}");
        assert!(refused.text("detail").contains(&place), "{}", refused.body);
    }
}

#[tokio::test]
async fn an_empty_body_that_was_announced_as_json_is_malformed() {
    let request = testkit::http::client()
        .post(echo().await)
        .header("content-type", "application/json")
        .header("content-length", "0")
        .body("");
    problem(request.send().await.unwrap(), 400, "malformed_body").await;
}

#[tokio::test]
async fn malformed_multipart_is_a_400_that_says_why() {
    for (content_type, body) in [
        ("multipart/form-data", "--x--\r\n"),
        ("multipart/form-data; boundary=x", "--y--\r\n"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nA: b\r\n\r\n1\r\n--x--\r\n",
        ),
    ] {
        let request = testkit::http::client()
            .post(echo().await)
            .header("content-type", content_type)
            .body(body);
        let refused = problem(request.send().await.unwrap(), 400, "malformed_body").await;
        assert!(
            refused.text("detail").contains("multipart"),
            "{}",
            refused.body
        );
    }
}

#[tokio::test]
async fn nothing_runs_for_a_malformed_body() {
    const NOTE: &str = "a run for a body that was read";
    let steps = json!([{"id": "note", "type": "log", "message": NOTE}]);
    let endpoint = publish(everything(&json!({})), steps).await;
    let client = testkit::http::client();
    let post = async |body: &'static str| {
        let request = client
            .post(&endpoint.url)
            .header("content-type", "application/json");
        request.body(body).send().await.unwrap()
    };
    for _ in 0..5 {
        problem(post("{").await, 400, "malformed_body").await;
    }
    assert_eq!(post("{}").await.status(), 200);
    testkit::until(Duration::from_secs(10), "the good run's line", async || {
        (logged(NOTE).await > 0).then_some(())
    })
    .await;
    assert_eq!(logged(NOTE).await, 1);
}
