//! Status and headers of the author's.

use serde_json::{Value, json};
use testkit::http;

use super::platform::{header, publish, stack};

#[tokio::test]
async fn status_and_headers_are_the_authors_in_both_run_modes() {
    for mode in ["sync", "async"] {
        let listener = json!({
            "return_type": "data",
            "return_status": 299,
            "return_headers": {
                "X-Name": "{{ __data.name }}",
                "Cache-Control": "max-age={{ __data.age }}",
                "Content-Type": "application/vnd.example+json",
            },
            "return_data": "{\"a\": 1}",
        });
        let url = publish(&format!("headers-{mode}"), mode, listener, json!([])).await;
        let query = [("name", "grün"), ("age", "60")];
        let response = http::client().get(url).query(&query).send().await.unwrap();
        assert_eq!(response.status(), 299);
        assert_eq!(header(&response, "x-name"), "grün");
        assert_eq!(header(&response, "cache-control"), "max-age=60");
        assert_eq!(
            header(&response, "content-type"),
            "application/vnd.example+json"
        );
        assert_eq!(header(&response, "content-length"), "8");
        assert_eq!(response.text().await.unwrap(), "{\"a\": 1}");
    }
}

#[tokio::test]
async fn cr_and_lf_in_a_header_value_never_reach_the_wire() {
    let address = stack().await.gateway(0).address("listener");
    for mode in ["sync", "async"] {
        let listener = json!({
            "return_type": "data",
            "return_headers": { "X-Echo": "{{ __data.v }}", "X-Raw": "{{ __data.v | raw }}" },
            "return_data": "ok",
        });
        let url = publish(&format!("split-{mode}"), mode, listener, json!([])).await;
        let path = reqwest::Url::parse(&url).unwrap().path().to_owned();
        for value in [
            "a\r\nSet-Cookie: evil=1",
            "a\nSet-Cookie: evil=1",
            "a\r\n\r\n<script>",
            "a\rSet-Cookie: evil=1",
            "\u{0}b",
        ] {
            let body = json!({ "v": value }).to_string();
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let reply = String::from_utf8(http::raw(address, request).await).unwrap();
            let (head, body) = reply.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200 "), "{reply}");
            assert_eq!(body, "ok", "{reply}");
            for line in head.split("\r\n").skip(1) {
                let (name, value) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{line:?} in {reply}"));
                assert!(!name.eq_ignore_ascii_case("set-cookie"), "{reply}");
                assert!(!value.chars().any(char::is_control), "{line:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_head_request_gets_the_headers_of_a_get_and_no_body() {
    let steps = json!([{ "id": "a", "type": "respond", "return_type": "data", "return_data": "{\"a\": 1}" }]);
    let data = json!({ "return_type": "data", "return_data": "{\"a\": 1}" });
    let own = json!({ "return_type": "continue" });
    for (name, mode, listener, steps) in [
        ("head-sync", "sync", data.clone(), json!([])),
        ("head-async", "async", data, json!([])),
        ("head-continue", "sync", own.clone(), steps.clone()),
        ("head-parked", "async", own, steps),
    ] {
        let url = publish(name, mode, listener, steps).await;
        let get = http::client().get(&url).send().await.unwrap();
        let head = http::client().head(&url).send().await.unwrap();
        let told = |response: &reqwest::Response| -> Vec<(String, String)> {
            let mut told: Vec<_> = response
                .headers()
                .iter()
                .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            told.sort();
            told
        };
        assert_eq!(head.status(), get.status(), "{name}");
        assert_eq!(told(&head), told(&get), "{name}");
        assert_eq!(header(&head, "content-length"), "8", "{name}");
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{name}");
        assert_eq!(
            get.json::<Value>().await.unwrap(),
            json!({"a": 1}),
            "{name}"
        );
    }
}
