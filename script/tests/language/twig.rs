//! The language against what Twig 3.5 made of the same templates, once and for all: `twig.jsonl` holds a template and its
//! text a line, over the data below. The topic `escaping` is an HTML page, the others are plain text.

use std::collections::BTreeMap;
use std::sync::Arc;

use script::{Bounds, Scope, Target, Value, json_to_value};
use serde_json::{Value as Json, json};

use super::compile;

fn data() -> Json {
    json!({
        "foo": {"bar": "OK", "n": 3},
        "bar": "bar",
        "nil": null,
        "words": ["bar", "x"],
        "nums": [1, 2, 3],
        "html": "<b>\n \"x\" & 'y'</b>",
        "people": [{"first": "Bob", "last": "Smith"}, {"first": "Alice", "last": "Dupond"}],
        "rows": [{"name": "x", "n": 1}, {"name": "y", "n": 2}, {"z": 0}],
    })
}

#[test]
fn what_twig_made_of_a_template_comes_out() {
    let names: BTreeMap<String, Value> = data()
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json_to_value(value)))
        .collect();
    let scope =
        Scope::new(Value::from(()), jiff::Timestamp::UNIX_EPOCH, 1).with_names(Arc::new(names));
    let mut wrong = Vec::new();
    for line in include_str!("twig.jsonl").lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let (template, expected) = (case["template"].as_str().unwrap(), &case["expect"]);
        let target = if case["topic"] == "escaping" {
            Target::Html
        } else {
            Target::Text
        };
        let made = match compile(template, target) {
            Err(error) => error.to_string(),
            Ok((scripts, id)) => match scripts.render(id, &scope, &Bounds::default()) {
                Err(error) => error.to_string(),
                Ok(rendered) => rendered.text,
            },
        };
        if made != *expected {
            wrong.push(format!(
                "{template}\n  gives   {made:?}\n  instead {expected}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
