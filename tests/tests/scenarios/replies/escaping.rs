//! A caller's value never breaks out of where it is printed, and arrives as it was sent.

use serde_json::{Value, json};
use testkit::browser::Browser;
use testkit::http;

use super::platform::{header, publish};

/// Quotes of both kinds, line ends, markup, a backslash, characters beyond the basic plane, separators that end a
/// line in JavaScript, and what scripts and queries are made of.
const VALUES: [&str; 9] = [
    "\"double\" and 'single' and `back`",
    "one\ntwo\r\nthree\ttab",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)> & &amp; &lt;",
    "emoji 😀 👩‍👩‍👧 and ü",
    "back\\slash \\n \\\" \\u0041",
    "\u{2028}line\u{2029}separators\u{7f}",
    "{{ __data.x }} {% raw %} {# c #} }}",
    "a=b&c=d;e#f?g+h%20i/j k",
];

#[tokio::test]
async fn a_value_in_a_json_body_parses_to_what_was_sent() {
    for mode in ["sync", "async"] {
        let listener = json!({
            "return_type": "data",
            "return_data": "{\"quoted\": \"{{ __data.v }}\", \"bare\": {{ __data.v }}, \"{{ __data.v }}\": 1, \"within\": \"<{{ __data.v }}>\", \"all\": {{ __data.all }}}",
        });
        let url = publish(&format!("escape-json-{mode}"), mode, listener, json!([])).await;
        for value in VALUES {
            let all = json!({"n": 1.5, "t": true, "z": null, "list": [value], value: {}});
            let request = http::client()
                .post(&url)
                .json(&json!({"v": value, "all": all}));
            let response = request.send().await.unwrap();
            assert_eq!(header(&response, "content-type"), "application/json");
            let text = response.text().await.unwrap();
            let told: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let expected = json!({"quoted": value, "bare": value, value: 1, "within": format!("<{value}>"), "all": all});
            assert_eq!(told, expected);
        }
    }
}

#[tokio::test]
async fn a_value_in_the_query_of_a_redirect_decodes_to_what_was_sent() {
    for mode in ["sync", "async"] {
        let listener = json!({
            "return_type": "redirect",
            "return_redirect": "https://example.com/a?v={{ __data.v }}&w=2",
        });
        let url = publish(&format!("escape-query-{mode}"), mode, listener, json!([])).await;
        for value in VALUES {
            let request = http::client().post(&url).json(&json!({"v": value}));
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 302, "{value:?}");
            let location = reqwest::Url::parse(&header(&response, "location")).unwrap();
            let pairs: Vec<_> = location.query_pairs().into_owned().collect();
            assert_eq!(
                pairs,
                [
                    ("v".to_owned(), value.to_owned()),
                    ("w".to_owned(), "2".to_owned())
                ]
            );
            assert_eq!((location.path(), location.fragment()), ("/a", None));
        }
    }
}

#[tokio::test]
async fn a_value_in_a_page_is_its_text_in_chromium_and_runs_nothing() {
    let page = "<!doctype html><meta charset=utf-8><title>t</title><p id=text>{{ __data.v }}</p><p id=attribute title=\"{{ __data.v }}\"></p><textarea id=area>\n{{ __data.v }}</textarea>";
    let html = json!({ "return_type": "html", "return_html": page });
    let data = json!({ "return_type": "data", "return_data": page });
    let urls = [
        publish("escape-html-sync", "sync", html.clone(), json!([])).await,
        publish("escape-html-async", "async", html, json!([])).await,
        publish("escape-data-html", "sync", data, json!([])).await,
    ];
    let browser = Browser::start().await;
    for url in urls {
        for value in VALUES {
            let url = reqwest::Url::parse_with_params(&url, [("v", value)]).unwrap();
            browser.open(url.as_str()).await;
            let script = "return { text: text.textContent, attribute: attribute.title, area: area.value, elements: document.body.querySelectorAll('*').length, scripts: document.scripts.length };";
            let seen = browser.run(script, &[]).await;
            // Reading HTML makes one line feed of every line end (WHATWG HTML, section 13.2.3.5).
            let lines = value.replace("\r\n", "\n");
            let expected = json!({ "text": lines, "attribute": lines, "area": lines, "elements": 3, "scripts": 0 });
            assert_eq!(seen, expected, "{value:?}");
        }
    }
}
