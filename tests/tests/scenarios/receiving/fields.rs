//! How bodies and query strings become fields.

use reqwest::Method;
use serde_json::{Value, json};

use super::platform::{data, echo, fields};

/// Posts a body and returns what of `__data` the caller named, and all of it.
async fn post(content_type: Option<&str>, query: &str, body: &str) -> (Value, Value) {
    let url = format!("{}{query}", echo().await);
    let mut request = testkit::http::client().post(url).body(body.to_owned());
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let all = data(request).await;
    (fields(&all), all)
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn each_kind_of_body_becomes_its_fields_merged_with_the_query() {
    for (content_type, query, body, expected) in [
        (
            FORM,
            "",
            "a=1&b=two+words&c=%C3%A4&d=",
            json!({"a": "1", "b": "two words", "c": "ä", "d": ""}),
        ),
        (FORM, "?q=1", "a=2", json!({"q": "1", "a": "2"})),
        (
            Some("Application/X-WWW-Form-URLEncoded; charset=utf-8"),
            "",
            "a=1",
            json!({"a": "1"}),
        ),
        (FORM, "?a=1", "", json!({"a": "1"})),
        (
            JSON,
            "?q=x",
            r#"{"n": 1, "t": "ä", "list": [1, {"deep": [true, null]}], "map": {"a": {"b": 1.5}}}"#,
            json!({"q": "x", "n": 1, "t": "ä", "list": [1, {"deep": [true, null]}], "map": {"a": {"b": 1.5}}}),
        ),
        (
            Some("application/cloudevents+json; charset=utf-8"),
            "",
            r#"{"a": 1}"#,
            json!({"a": 1}),
        ),
        (
            Some("application/vnd.api+json"),
            "?b=2",
            r#"{"a": 1}"#,
            json!({"a": 1, "b": "2"}),
        ),
        (None, "?b=2", r#"{"a": 1}"#, json!({"a": 1, "b": "2"})),
        (Some("text/plain"), "", " {\"a\": [1]}", json!({"a": [1]})),
        (
            Some("text/plain; charset=utf-8"),
            "?b=2",
            "[1, 2]",
            json!({"b": "2"}),
        ),
        (Some("text/plain"), "?b=2", "hello", json!({"b": "2"})),
        (
            Some("application/xml"),
            "?b=2",
            "<a>1</a>",
            json!({"b": "2"}),
        ),
        (None, "", "a=1&b=2", json!({})),
    ] {
        let (fields, _) = post(content_type, query, body).await;
        assert_eq!(fields, expected, "{content_type:?} {query} {body}");
    }
}

#[tokio::test]
async fn body_beats_query_on_the_same_name() {
    let (fields, _) = post(FORM, "?a=query&b=query", "a=body").await;
    assert_eq!(fields, json!({"a": "body", "b": "query"}));
    let (fields, _) = post(
        JSON,
        "?a=query&a=again&b=query",
        r#"{"a": {"from": "body"}}"#,
    )
    .await;
    assert_eq!(fields, json!({"a": {"from": "body"}, "b": "query"}));
    let (fields, _) = post(JSON, "?a=query", r#"{"a": null}"#).await;
    assert_eq!(fields, json!({"a": null}));
}

#[tokio::test]
async fn repeated_names_and_names_that_end_in_brackets_become_lists() {
    for (query, body, expected) in [
        ("?t=1&t=2&t=3", "", json!({"t": ["1", "2", "3"]})),
        ("?t[]=1", "", json!({"t": ["1"]})),
        ("?t[]=1&t[]=2&s=3", "", json!({"t": ["1", "2"], "s": "3"})),
        ("?t=1&t[]=2", "", json!({"t": ["1", "2"]})),
        ("?t%5B%5D=%26", "", json!({"t": ["&"]})),
        ("", "a=1&a=2&b[]=3", json!({"a": ["1", "2"], "b": ["3"]})),
        // The body's list takes the place of the query's, and is not joined to it.
        ("?a[]=0", "a=1&a=2", json!({"a": ["1", "2"]})),
    ] {
        let (fields, _) = post(FORM, query, body).await;
        assert_eq!(fields, expected, "{query} {body}");
    }
}

#[tokio::test]
async fn names_of_ours_are_dropped_wherever_a_caller_writes_them() {
    let reserved =
        "__jwt=x&__logged_in_user_id=root&__body=x&__x=1&__y[]=2&__headers=x&__request=x&ok=1";
    let (_, plain) = post(FORM, "", "ok=1").await;
    let names = |all: &Value| -> Vec<String> { all.as_object().unwrap().keys().cloned().collect() };
    let (_, form) = post(FORM, "", reserved).await;
    let (_, query) = post(FORM, &format!("?{reserved}"), "").await;
    for all in [&form, &query] {
        assert_eq!(names(all), names(&plain));
        assert_eq!(fields(all), json!({"ok": "1"}));
        assert!(all["__headers"].is_object() && all["__request"].is_object());
    }
    assert_eq!(form["__body"], reserved);
    let body =
        r#"{"__jwt": {"sub": "root"}, "__json": 1, "__files": 2, "__new": 3, "ok": {"__in": 4}}"#;
    let (named, all) = post(JSON, "", body).await;
    assert_eq!(
        named,
        json!({"ok": {"__in": 4}}),
        "only the top level is ours"
    );
    assert!(all.get("__jwt").is_none() && all.get("__new").is_none());
    assert_eq!(all["__files"], json!({}));
}

#[tokio::test]
async fn json_whose_top_level_is_no_object_is_there_as_a_whole() {
    for (body, whole) in [
        ("[1, {\"a\": 2}]", json!([1, {"a": 2}])),
        ("\"text\"", json!("text")),
        ("12", json!(12)),
        ("null", json!(null)),
        ("false", json!(false)),
    ] {
        let (named, all) = post(JSON, "?q=1", body).await;
        assert_eq!(named, json!({"q": "1"}), "{body}");
        assert_eq!(all.get("__json"), Some(&whole), "{body}");
    }
    let (_, all) = post(JSON, "?b=2", r#"{"a": 1}"#).await;
    assert_eq!(
        all["__json"],
        json!({"a": 1}),
        "an object is there too, without the query"
    );
    let (_, all) = post(Some("text/plain"), "", "12").await;
    assert_eq!(all.get("__json"), None, "a number as text is text");
}

#[tokio::test]
async fn without_a_body_the_query_stands_alone() {
    for method in [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ] {
        let url = format!("{}?a=1&b=%20x", echo().await);
        let request = testkit::http::client().request(method.clone(), url);
        // A type without a body says nothing about anything.
        let request = request.header("content-type", "application/json");
        let all = if method == Method::GET {
            data(request).await
        } else {
            data(request.header("content-type", "text/csv")).await
        };
        assert_eq!(fields(&all), json!({"a": "1", "b": " x"}), "{method}");
        assert_eq!(all["__body"], "", "{method}");
        assert_eq!(all.get("__json"), None, "{method}");
    }
    let all = data(testkit::http::client().get(echo().await)).await;
    assert_eq!(fields(&all), json!({}));
}
