//! The type of a `data` reply is detected from its text.

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
async fn a_value_of_the_callers_never_becomes_a_page() {
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
            for request in [json, form] {
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 200);
                let kind = header(&response, "content-type");
                assert!(kind == PLAIN || kind == JSON, "{script}: {kind}");
                assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            }
        }
    }
}
