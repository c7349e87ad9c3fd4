//! A value never breaks out of the place where it stands.

use script::{BodyMode, Target};
use serde_json::json;

use super::{compile, render};

const HOSTILE: [&str; 12] = [
    "\"",
    "'",
    "\\",
    "\n\r\t\u{0}\u{1f}\u{7f}",
    "</script><script>alert(1)</script>",
    "\", \"admin\": true, \"x\": \"",
    "🦀 é \u{202e}rtl \u{2028}\u{2029}",
    "a\r\nSet-Cookie: b",
    "{{ 7 * 7 }} {% if %}",
    "&amp; &lt; ]]> --> <!--",
    "?a=b&c=d#e %41 ../ //evil.example @ : +",
    "\u{1}{ x }\u{1}",
];

/// What generated texts are put together from.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "\\",
    "\\u0022",
    "\\ud800",
    "\\udfff",
    "</script>",
    "<!--",
    "]]>",
    "&",
    "&quot;",
    "%22",
    "%",
    "\r\n",
    "\r",
    "\n",
    "\t",
    "\u{0}",
    "\u{1b}",
    "\u{202e}",
    "\u{2028}",
    "\u{1}{",
    "🦀",
    "plain text",
];

/// How many texts are generated.
const GENERATED: u64 = 2_000;

/// The hostile texts, and 2,000 made of pieces of their kind, the same ones each time.
fn texts() -> impl Iterator<Item = String> {
    let generated = (0..GENERATED).map(|number| {
        let mut state = number;
        let mut draw = move || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap()
        };
        let count = draw() % 12;
        (0..count)
            .map(|_| match draw() % 4 {
                0 => char::from_u32(u32::try_from(draw() % 0x0011_0000).unwrap())
                    .map_or_else(String::new, String::from),
                _ => PIECES[draw() % PIECES.len()].to_owned(),
            })
            .collect()
    });
    HOSTILE.into_iter().map(String::from).chain(generated)
}

#[test]
fn a_json_body_parses_back_to_the_same_text_inside_and_outside_quotes() {
    let source = r#"{"in": "<{{ __data.v }}>", "out": {{ __data.v }}, "deep": {{ __data }}, "n": {{ __data.none }}, "b": {{ __data.v == 1 }}}"#;
    for text in texts() {
        let body = render(source, Target::Body, &json!({"v": text}));
        assert!(!body.contains("</script>"), "{body}");
        let parsed: serde_json::Value =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(parsed["in"], format!("<{text}>"));
        assert_eq!(parsed["out"], text);
        assert_eq!(parsed["deep"]["v"], text);
        assert_eq!(parsed["n"], serde_json::Value::Null);
        assert_eq!(parsed["b"], false);
    }
}

#[test]
fn html_text_is_the_same_text_once_entities_are_read() {
    for text in texts() {
        let page = render(
            "<p title=\"{{ __data.v }}\">{{ __data.v }}</p>",
            Target::Html,
            &json!({"v": text}),
        );
        let escaped = page
            .strip_prefix("<p title=\"")
            .and_then(|rest| rest.strip_suffix("</p>"))
            .and_then(|rest| rest.split_once("\">"))
            .map(|(title, content)| {
                assert_eq!(title, content);
                content
            })
            .unwrap();
        assert!(!escaped.contains(['<', '>', '"', '\'']), "{escaped}");
        let read = escaped
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#039;", "'")
            .replace("&amp;", "&");
        assert_eq!(read, text);
    }
}

#[test]
fn a_url_decodes_to_the_same_text() {
    for text in texts() {
        let url = render(
            "https://a.example/x?q={{ __data.v }}",
            Target::Url,
            &json!({"v": text}),
        );
        let encoded = url.strip_prefix("https://a.example/x?q=").unwrap();
        assert!(
            encoded
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-._~%".contains(letter)),
            "{encoded}"
        );
        assert_eq!(
            percent_encoding::percent_decode_str(encoded)
                .decode_utf8()
                .unwrap(),
            text
        );
    }
}

#[test]
fn a_url_may_begin_with_a_value_as_it_is() {
    let data = json!({"to": "https://a.example/?x=1&y=2", "q": "a&b"});
    let url = |source: &str| render(source, Target::Url, &data);
    assert_eq!(url("{{ __data.to }}"), "https://a.example/?x=1&y=2");
    assert_eq!(
        url(" {{ __data.to }}&q={{ __data.q }}"),
        " https://a.example/?x=1&y=2&q=a%26b"
    );
    assert_eq!(
        url("{% if 1 %}{{ __data.to }}{% endif %}{{ __data.q }}"),
        "https://a.example/?x=1&y=2a%26b"
    );
    assert_eq!(
        url("/p?{{ __data.q|raw }}&{{ __data.q|url_encode }}"),
        "/p?a&b&a%26b"
    );
    assert_eq!(url("/p?{{ {q: __data.q}|url_encode }}"), "/p?q=a%26b");
}

#[test]
fn the_mode_of_a_body_comes_from_its_static_text() {
    let mode = |source: &str| {
        let (scripts, id) = compile(source, Target::Body).unwrap();
        scripts.mode(id)
    };
    assert_eq!(mode(" {\"a\": 1}"), BodyMode::Json);
    assert_eq!(mode("<?xml?><a>{{ a }}</a>"), BodyMode::Xml);
    assert_eq!(mode("<p>{{ a }}"), BodyMode::Html);
    assert_eq!(mode("hi {{ a }}"), BodyMode::Plain);
    assert_eq!(mode("{{ __data|json_encode }}"), BodyMode::Dynamic);
    assert_eq!(
        render(
            "<?xml?><a b='{{ __data.v }}'/>",
            Target::Body,
            &json!({"v": "<'>"})
        ),
        "<?xml?><a b='&lt;&#039;&gt;'/>"
    );
    assert_eq!(
        render("hi {{ __data.v }}", Target::Body, &json!({"v": "<'>"})),
        "hi <'>"
    );
}

#[test]
fn the_authors_own_text_and_json_are_written_as_they_are_outside_quotes() {
    let data = json!({"a": true, "l": [1, 2], "s": "x"});
    let body = |source: &str| render(source, Target::Body, &data);
    assert_eq!(
        body(r#"{"a": {{ __data.a ? 'true' : 'false' }}}"#),
        r#"{"a": true}"#
    );
    assert_eq!(
        body(r#"{"a": {{ 'x' ?? __data.a }}, "b": {{ __data.no ?: 'y' }}}"#),
        r#"{"a": "x", "b": "y"}"#
    );
    assert_eq!(
        body(r#"{"a": {{ __data.l|json_encode }}, "b": {{ __data.l|json_encode|raw }}}"#),
        r#"{"a": [1,2], "b": [1,2]}"#
    );
    assert_eq!(
        body(r#"{"a": "{{ __data.l|json_encode }}"}"#),
        r#"{"a": "[1,2]"}"#
    );
    assert_eq!(
        body(r#"{"a": "{{ __data|json_encode }}"}"#),
        r#"{"a": "{\"a\":true,\"l\":[1,2],\"s\":\"x\"}"}"#
    );
    assert_eq!(
        body("[{% for i in __data.l %}{{ i }}{{ not loop.last ? ',' }}{% endfor %}]"),
        "[1,2]"
    );
    assert_eq!(
        body("[{% for i in __data.l %}\"{{ i }}\"{% if not loop.last %}, {% endif %}{% endfor %}]"),
        "[\"1\", \"2\"]"
    );
    assert_eq!(
        body("{% set x %}<a href=\"{{ __data.s }}\">{% endset %}{\"h\": \"{{ x }}\"}"),
        "{\"h\": \"\\u003ca href=\\\"x\\\">\"}"
    );
    assert_eq!(
        body(r#"{"a": {% if __data.a %}"{{ __data.s }}"{% else %}null{% endif %}}"#),
        r#"{"a": "x"}"#
    );
}

#[test]
fn a_place_in_json_that_cannot_be_told_is_refused() {
    for source in [
        "[{% if __data.a %}\"{% endif %}{{ __data.v }}]",
        "[{% for i in 1..2 %}{{ __data.v }}\"{% endfor %}]",
        "[\"\\{{ __data.v }}\"]",
    ] {
        assert!(compile(source, Target::Body).is_err(), "{source}");
    }
}

#[test]
fn html_escapes_by_default_and_knows_what_is_safe() {
    let data = json!({"v": "<b>\n&"});
    let page = |source: &str| render(source, Target::Html, &data);
    assert_eq!(page("{{ __data.v }}"), "&lt;b&gt;\n&amp;");
    assert_eq!(
        page("{{ __data.v|raw }}{{ '<i>' }}{{ true ? '<i>' : '' }}"),
        "<b>\n&<i><i>"
    );
    assert_eq!(
        page("{{ __data.v|e }}{{ __data.v|upper }}"),
        "&lt;b&gt;\n&amp;&lt;B&gt;\n&amp;"
    );
    assert_eq!(page("{{ __data.v|nl2br }}"), "&lt;b&gt;<br />\n&amp;");
    assert_eq!(
        page("{% set x %}<p>{{ __data.v }}</p>{% endset %}{{ x }}"),
        "<p>&lt;b&gt;\n&amp;</p>"
    );
    assert_eq!(
        page("{% autoescape false %}{{ __data.v }}{% endautoescape %}"),
        "<b>\n&"
    );
    assert_eq!(
        page("{% autoescape 'js' %}{{ __data.v }}{% endautoescape %}"),
        "\\u003Cb\\u003E\\n\\u0026"
    );
    assert_eq!(
        page("{{ __data.v|json_encode }}"),
        "&quot;&lt;b&gt;\\n&amp;&quot;"
    );
}
