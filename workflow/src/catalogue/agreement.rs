//! The catalogue and the types must say the same: fields, spellings and defaults.

use super::{DOCUMENT, Kind, Object, STEP_TYPES};
use crate::document::{Document, Step};
use serde_json::{Map, Value, json};

/// An object with every field that may stand beside those chosen.
fn filled(object: &Object, left_out: &[&str], chosen: &[(&str, Value)]) -> Value {
    let mut map = Map::new();
    for field in object.fields() {
        let given = chosen.iter().find(|(name, _)| *name == field.name);
        let value = match given {
            Some((_, value)) => value.clone(),
            None if left_out.contains(&field.name) => continue,
            None => sample(&field.kind),
        };
        map.insert(field.name.to_owned(), value);
    }
    Value::Object(map)
}

/// A value that differs from the default.
fn sample(kind: &Kind) -> Value {
    match kind {
        Kind::Text(pattern) if pattern.example.is_empty() => json!("words"),
        Kind::Text(pattern) => json!(pattern.example),
        Kind::Script { .. } | Kind::Value { .. } => json!("{{ __data.x }}"),
        Kind::Integer { max, .. } => json!(max),
        Kind::Flag => json!(true),
        Kind::Word { words } => json!(words.last().unwrap()),
        Kind::Pairs { .. } | Kind::Labels | Kind::Plain => json!({"a": "b"}),
        Kind::Status => json!(404),
        Kind::Moment => json!("2026-12-01T00:00:00Z"),
        Kind::Object(object) => filled(object, &[], &[]),
        Kind::List { of, .. } => json!([sample(of)]),
        Kind::Steps | Kind::SomeSteps => {
            json!([{"id": "child", "type": "log", "message": "m", "level": "info"}])
        }
    }
}

fn step_sample(word: &str, object: &Object) -> Vec<Value> {
    let groups = json!([{"left": 1, "operator": "equal", "right": 2}]);
    let case = json!({"operator": "in", "right": ["a"], "ignore_case": true,
        "then": sample(&Kind::Steps)});
    let variants = match word {
        "condition" => vec![
            filled(object, &["all", "any"], &[("operator", json!("matches"))]),
            filled(
                object,
                &["operator", "left", "right", "ignore_case", "any"],
                &[("all", groups.clone())],
            ),
            filled(
                object,
                &["operator", "left", "right", "ignore_case", "all"],
                &[("any", groups)],
            ),
        ],
        "switch" => vec![filled(object, &[], &[("cases", json!([case]))])],
        "http_request" => vec![
            filled(object, &["form", "body"], &[]),
            filled(object, &["json", "body"], &[]),
            filled(object, &["json", "form"], &[]),
        ],
        _ => vec![filled(object, &[], &[])],
    };
    let with_type = |mut step: Value| {
        step["type"] = json!(word);
        step
    };
    variants.into_iter().map(with_type).collect()
}

/// Whether every field of `whole` is in `part` with the same value.
fn assert_kept(whole: &Value, part: &Value, path: &str) {
    match whole {
        Value::Object(map) => {
            for (name, value) in map {
                let kept = part
                    .get(name)
                    .unwrap_or_else(|| panic!("{path}.{name} was lost"));
                assert_kept(value, kept, &format!("{path}.{name}"));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                assert_kept(item, &part[index], &format!("{path}[{index}]"));
            }
        }
        _ => assert_eq!(whole, part, "{path}"),
    }
}

#[test]
fn every_field_of_every_step_survives_the_types() {
    for step_type in STEP_TYPES {
        for written in step_sample(step_type.word, step_type.object) {
            let step: Step = serde_json::from_value(written.clone())
                .unwrap_or_else(|error| panic!("{}: {error} in {written}", step_type.word));
            assert_eq!(step.kind.word(), step_type.word);
            assert_kept(
                &written,
                &serde_json::to_value(&step).unwrap(),
                step_type.word,
            );
            let again: Step = serde_json::from_value(serde_json::to_value(&step).unwrap()).unwrap();
            assert_eq!(again, step);
        }
    }
}

#[test]
fn every_field_around_the_steps_survives_the_types() {
    let written = filled(&DOCUMENT, &[], &[]);
    let document = Document::from_value(&written).unwrap();
    assert_kept(&written, &serde_json::to_value(&document).unwrap(), "");
}

/// The defaults of an object, as the types have them once a document was read.
fn assert_defaults(object: &Object, read: &Value) {
    for field in object.fields() {
        let Some(default) = field.default else {
            continue;
        };
        let default: Value = serde_json::from_str(default).unwrap();
        // What is empty or off is not written out.
        let empty = matches!(&default, Value::Bool(false))
            || default.as_array().is_some_and(Vec::is_empty)
            || default.as_object().is_some_and(Map::is_empty);
        match read.get(field.name) {
            Some(value) => assert_eq!(*value, default, "{}.{}", object.name, field.name),
            None => assert!(empty, "{}.{} has no default", object.name, field.name),
        }
    }
}

#[test]
fn the_defaults_of_the_catalogue_are_those_of_the_types() {
    for step_type in STEP_TYPES {
        let mut written = Kind::Object(step_type.object).placeholder();
        written["type"] = json!(step_type.word);
        if step_type.word == "condition" {
            written["operator"] = json!("is_empty");
        }
        let step: Step = serde_json::from_value(written).unwrap();
        assert_defaults(step_type.object, &serde_json::to_value(&step).unwrap());
    }
    let mut written = Kind::Object(&DOCUMENT).placeholder();
    written["spec"]["listener"] = json!({"return_type": "data", "return_data": ""});
    written["spec"]["run_log"] = json!({});
    let document = Document::from_value(&written).unwrap();
    let read = serde_json::to_value(&document).unwrap();
    let Some(Kind::Object(spec)) = DOCUMENT.field("spec").map(|field| field.kind) else {
        panic!("`spec` is an object");
    };
    assert_defaults(spec, &read["spec"]);
    let Some(Kind::Object(run_log)) = spec.field("run_log").map(|field| field.kind) else {
        panic!("`run_log` is an object");
    };
    assert_defaults(run_log, &read["spec"]["run_log"]);
    let Some(Kind::Object(listener)) = spec.field("listener").map(|field| field.kind) else {
        panic!("`listener` is an object");
    };
    assert_defaults(listener, &read["spec"]["listener"]);
}

#[test]
fn every_field_says_what_it_means_and_no_object_names_one_twice() {
    fn visit(object: &'static Object, seen: &mut Vec<&'static str>) {
        if seen.contains(&object.name) {
            return;
        }
        seen.push(object.name);
        let mut names = Vec::new();
        for field in object.fields() {
            assert!(
                field.about.ends_with(['.', ')']),
                "{}.{}",
                object.name,
                field.name
            );
            assert!(
                !names.contains(&field.name),
                "{}.{}",
                object.name,
                field.name
            );
            names.push(field.name);
            let kind = match field.kind {
                Kind::List { of, .. } => *of,
                kind => kind,
            };
            if let Kind::Object(inner) = kind {
                visit(inner, seen);
            }
        }
        for refused in object.refused {
            assert!(
                !names.contains(&refused.name),
                "{}.{}",
                object.name,
                refused.name
            );
        }
    }
    let mut seen = Vec::new();
    visit(&DOCUMENT, &mut seen);
    for step_type in STEP_TYPES {
        visit(step_type.object, &mut seen);
    }
}
