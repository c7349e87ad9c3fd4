//! Replies that a gateway makes by itself.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use script::{Bounds, ScriptsBuilder};
use serde_json::json;
use shared::v1::views::{ReplyTemplate, ReturnType};

use super::{Made, ReplyError, ReplySpec};
use crate::data::Data;
use crate::template::{Evaluator, Surroundings};

fn make(
    return_type: ReturnType,
    script: &str,
    surroundings: &Surroundings,
) -> Result<Made, ReplyError> {
    let headers = vec![("X-Name".to_owned(), "{{ __data.name }}".to_owned())];
    let template = ReplyTemplate {
        script: script.to_owned(),
        status: 200,
        headers,
    };
    let mut builder = ScriptsBuilder::new();
    let spec = ReplySpec::from_template(return_type, &template, &mut builder)
        .unwrap()
        .unwrap();
    let scripts = builder.build();
    let data = Data::from_fields(&json!({"name": "Ann <&\"b"}));
    spec.make(&mut Evaluator::new(
        &scripts,
        surroundings,
        data.scope_value(),
    ))
}

#[test]
fn each_type_escapes_for_its_place() {
    let surroundings = Surroundings::new(Timestamp::UNIX_EPOCH, 1);
    for (return_type, script, body, location) in [
        (
            ReturnType::Data,
            r#"{"n": "{{ __data.name }}"}"#,
            r#"{"n": "Ann \u003c&\"b"}"#,
            None,
        ),
        (
            ReturnType::Html,
            "<p>{{ __data.name }}",
            "<p>Ann &lt;&amp;&quot;b",
            None,
        ),
        (
            ReturnType::Redirect,
            "/x?n={{ __data.name }}",
            "",
            Some("/x?n=Ann%20%3C%26%22b"),
        ),
    ] {
        let made = make(return_type, script, &surroundings).unwrap();
        assert_eq!(String::from_utf8(made.reply.body).unwrap(), body);
        let header = |name: &str| {
            made.reply
                .headers
                .iter()
                .find(|(there, _)| there == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("location"), location);
        assert_eq!(header("x-name"), Some("Ann <&\"b"));
        assert!(made.notes.is_empty());
    }
}

#[test]
fn types_whose_reply_a_step_makes_have_no_reply_of_their_own() {
    let template = ReplyTemplate {
        script: "x".to_owned(),
        status: 200,
        headers: Vec::new(),
    };
    for return_type in [ReturnType::Continue, ReturnType::Sse] {
        let spec = ReplySpec::from_template(return_type, &template, &mut ScriptsBuilder::new());
        assert!(spec.unwrap().is_none());
    }
}

#[test]
fn raw_is_the_filter_and_no_longer_word() {
    let surroundings = Surroundings::new(Timestamp::UNIX_EPOCH, 1);
    for (script, trusted) in [
        ("{{ '<p>' | raw }}", true),
        ("{{ '<p>'|raw|trim }}", true),
        ("{{ '<p>' }}", false),
        ("{{ '<p>' ~ raw|default('') }}", false),
    ] {
        let made = make(ReturnType::Data, script, &surroundings).unwrap();
        let has = |name: &str, start: &str| {
            let mut headers = made.reply.headers.iter();
            headers.any(|(there, value)| there == name && value.starts_with(start))
        };
        assert!(has("content-type", "text/html"), "{script}");
        let sandboxed = has("content-security-policy", "sandbox");
        assert_eq!(sandboxed, !trusted, "{script}");
    }
}

#[test]
fn a_script_that_crosses_a_bound_or_lacks_a_secret_makes_no_reply() {
    let tight = Bounds {
        fuel: 50,
        ..Bounds::default()
    };
    let surroundings = Surroundings {
        bounds: tight,
        ..Surroundings::new(Timestamp::UNIX_EPOCH, 1)
    };
    let result = make(
        ReturnType::Data,
        "{% for i in 1..1000 %}{{ i }}{% endfor %}",
        &surroundings,
    );
    assert!(result.unwrap_err().to_string().contains("fuel"));
    let surroundings = Surroundings::new(Timestamp::UNIX_EPOCH, 1);
    assert!(make(ReturnType::Data, "{{ secret('A') }}", &surroundings).is_err());
}

#[test]
fn secrets_and_variables_reach_scripts_and_never_a_debug_text() {
    let named = |value: &str| ("A".to_owned(), value.to_owned());
    let surroundings = Surroundings {
        variables: Arc::new(HashMap::from([named("open")])),
        secrets: Some(Arc::new([named("hidden")].into_iter().collect())),
        ..Surroundings::new(Timestamp::UNIX_EPOCH, 1)
    };
    let made = make(
        ReturnType::Data,
        "{{ variable('A') }} {{ secret('A') }}",
        &surroundings,
    )
    .unwrap();
    assert_eq!(made.reply.body, b"open hidden");
    let shown = format!("{surroundings:?}");
    assert!(
        !shown.contains("hidden") && !shown.contains("open"),
        "{shown}"
    );
}
