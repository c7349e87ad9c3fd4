//! The type of a `data` reply is detected from its text.

use reqwest::Response;
use serde_json::json;
use testkit::http;

use super::platform::{header, publish};

const JSON: &str = "application/json";
const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";

#[tokio::test]
async fn json_xml_html_and_plain_text_are_told_apart() {
    let cases = [
        ("{\"a\": {{ __data.x | default(1) }}}", JSON),
        ("[1, \"{{ __data.x }}\"]", JSON),
        ("  \n {\"a\": 1}", JSON),
        ("<?xml version=\"1.0\"?><a>{{ __data.x }}</a>", XML),
        ("<Response><Say>{{ __data.x }}</Say></Response>", XML),
        ("<!doctype html><p>{{ __data.x }}</p>", HTML),
        ("<p>{{ __data.x }}</p>", HTML),
        ("hello {{ __data.x }}", PLAIN),
        ("{{ __data.x }}", PLAIN),
        ("{\"a\": ", PLAIN),
        ("42", PLAIN),
    ];
    for (index, (script, expected)) in cases.into_iter().enumerate() {
        let mode = if index % 2 == 0 { "sync" } else { "async" };
        let listener = json!({ "return_type": "data", "return_data": script });
        let url = publish(&format!("type-{index}"), mode, listener, json!([])).await;
        let response = http::client().get(url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{script}");
        assert_eq!(header(&response, "content-type"), expected, "{script}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_page_of_the_callers_is_sandboxed() {
    let page = "<!doctype html><script>alert(1)</script>";
    for (index, script) in [
        "{{ __data.x }}",
        " {{ __data.x }}\n",
        "{% set y = __data.x %}{{ y }}",
        "{% if __data.x %}{{ __data.x }}{% endif %}",
        "{{ __data.__body }}",
        "{{ __data.x }}{{ __data.x }}",
    ]
    .into_iter()
    .enumerate()
    {
        for mode in ["sync", "async"] {
            let listener = json!({ "return_type": "data", "return_data": script });
            let url = publish(&format!("page-{index}-{mode}"), mode, listener, json!([])).await;
            let json = http::client().post(&url).json(&json!({ "x": page }));
            let form = http::client().post(&url).form(&[("x", page)]);
            for (request, body) in [(json, JSON), (form, PLAIN)] {
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 200);
                let (kind, sandbox) = match script {
                    "{{ __data.__body }}" => (body, None),
                    _ => (HTML, Some("sandbox")),
                };
                assert_eq!(header(&response, "content-type"), kind, "{script}");
                assert_eq!(policy(&response), sandbox, "{script}");
                assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_the_author_vouches_for_is_not_sandboxed() {
    let own = "default-src 'none'";
    let raw = json!({ "return_type": "data", "return_data": "{{ __data.x|raw }}" });
    let guarded = json!({
        "return_type": "data", "return_data": "{{ __data.x }}",
        "return_headers": { "Content-Security-Policy": own },
    });
    for (name, listener, expected) in [("raw", raw, None), ("guarded", guarded, Some(own))] {
        for mode in ["sync", "async"] {
            let name = format!("vouched-{name}-{mode}");
            let url = publish(&name, mode, listener.clone(), json!([])).await;
            let request = http::client().post(url).json(&json!({ "x": "<p>x" }));
            let response = request.send().await.unwrap();
            assert_eq!(header(&response, "content-type"), HTML, "{name}");
            assert_eq!(policy(&response), expected, "{name}");
        }
    }
}

fn policy(response: &Response) -> Option<&str> {
    let value = response.headers().get("content-security-policy")?;
    Some(value.to_str().unwrap())
}
