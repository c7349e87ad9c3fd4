//! From text to a value: YAML, or JSON.

use super::strict::Strict;
use crate::check::Problem;
use serde_json::Value;

/// How deep the scanner goes; the check is a little stricter, with a better message.
const MAX_DEPTH: usize = 110;
/// How many nodes a document may have once its aliases are expanded.
const MAX_NODES: usize = 200_000;
/// How many aliases a document may use.
const MAX_ALIASES: usize = 1_000;

/// Parses one document, written as YAML or JSON.
///
/// # Errors
/// A problem with the code `syntax` that names line and column: text that is neither, a name given
/// twice, several documents in one text, and a text that nests or expands beyond reason.
pub fn parse(text: &str) -> Result<Value, Problem> {
    if text.len() > shared::limits::MAX_DOCUMENT {
        let limit = shared::limits::MAX_DOCUMENT;
        return Err(Problem::error(
            "",
            "too_large",
            format!("the document has {} bytes; {limit} are allowed", text.len()),
        )
        .hint("move large texts to the systems that own them, or split the workflow"));
    }
    if looks_like_json(text) {
        parse_json(text)
    } else {
        parse_yaml(text)
    }
}

/// YAML's scanner knows most of JSON, but not surrogate escapes or long names, and it takes some
/// broken JSON for something else.
fn looks_like_json(text: &str) -> bool {
    text.trim_start()
        .strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

fn parse_json(text: &str) -> Result<Value, Problem> {
    let Strict(value) = serde_json::from_str(text).map_err(|error| {
        Problem::error("", "syntax", error.to_string())
            .hint("the document begins like JSON, so it was read as JSON")
    })?;
    Ok(value)
}

fn parse_yaml(text: &str) -> Result<Value, Problem> {
    let mut options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 2 * MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::Reject,
        // `yes`, `no`, `on` and `off` are words here, not booleans.
        strict_booleans: true,
        emit_comments: false,
        with_snippet: false,
    };
    options.alias_limits.max_total_replayed_events = MAX_NODES;
    let parsed: Result<Strict, _> = serde_saphyr::from_str_with_options(text, options);
    parsed.map(|Strict(value)| value).map_err(|error| {
        let message = error.to_string();
        // The library tells of an option of its own, which authors do not have.
        if let Some((twice, place)) =
            message.split_once(", set DuplicateKeyPolicy in Options if acceptable")
        {
            return Problem::error("", "syntax", format!("{twice}{place}"))
                .hint("a name stands once in a map; take one of the two away");
        }
        Problem::error("", "syntax", message).hint(
            "one YAML or JSON document is expected: look at the indentation, at tabs and at brackets there; a text \
             with `{{` or `: ` in it needs quotes",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_and_json_give_the_same_value() {
        let yaml = "a: {b: [1, 2.5, true, null]}\nyes: on\n";
        let json = r#"{"a": {"b": [1, 2.5, true, null]}, "yes": "on"}"#;
        let expected = json!({"a": {"b": [1, 2.5, true, null]}, "yes": "on"});
        assert_eq!(parse(yaml).unwrap(), expected);
        assert_eq!(parse(json).unwrap(), expected);
    }

    #[test]
    fn json_escapes_survive() {
        let value = parse(r#"{"a": "\ud83d\ude00\/"}"#).unwrap();
        assert_eq!(value, json!({"a": "😀/"}));
    }

    #[test]
    fn a_yaml_flow_mapping_at_the_top_is_still_yaml() {
        assert_eq!(parse("{a: b}").unwrap(), json!({"a": "b"}));
    }

    #[test]
    fn an_alias_repeats_what_its_anchor_names() {
        let value = parse("a: &x {b: 1}\nc: *x\n").unwrap();
        assert_eq!(value, json!({"a": {"b": 1}, "c": {"b": 1}}));
    }

    #[test]
    fn syntax_errors_name_line_and_column() {
        for text in ["a: [1\nb: 2\n", "{\"a\": 1,\n \"b\": }", "a: b\n c: d\n"] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.code, "syntax");
            assert!(problem.message.contains("line "), "{}", problem.message);
            assert!(problem.message.contains("column "), "{}", problem.message);
        }
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        for text in ["a: 1\na: 2\n", r#"{"a": 1, "a": 2}"#] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.code, "syntax");
            assert!(!problem.message.contains("Policy"), "{}", problem.message);
        }
    }

    #[test]
    fn several_documents_are_refused() {
        assert_eq!(parse("a: 1\n---\nb: 2\n").unwrap_err().code, "syntax");
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let one_below = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{one_below}]\n"));
        }
        assert_eq!(parse(&text).unwrap_err().code, "syntax");
    }

    #[test]
    fn endless_nesting_is_refused() {
        let yaml = "[".repeat(100_000);
        assert_eq!(parse(&yaml).unwrap_err().code, "syntax");
        let json = "{\"a\":".repeat(100_000);
        assert_eq!(parse(&json).unwrap_err().code, "syntax");
    }

    #[test]
    fn a_text_beyond_the_limit_is_refused_before_it_is_read() {
        let text = "#".repeat(shared::limits::MAX_DOCUMENT + 1);
        assert_eq!(parse(&text).unwrap_err().code, "too_large");
    }

    #[test]
    fn many_comment_lines_do_no_harm() {
        let text = format!("a:\n{}  - b\n", "# note\n".repeat(200));
        assert_eq!(parse(&text).unwrap(), json!({"a": ["b"]}));
    }
}
