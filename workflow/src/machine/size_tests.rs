//! Values that would grow past all bounds: what is small in memory may be endless to walk.

use serde_json::{Value as Json, json};
use shared::v1::reply::Outcome;

use super::StepOutcome;
use super::testing::{Run, log};

/// A step that stores a value.
fn store(name: &str, value: &Json) -> Json {
    json!({"id": name, "type": "store_value", "name": name, "value": value})
}

/// Steps of which each puts ten references to the value of the one before into a list.
fn tenfold(steps: usize) -> Vec<Json> {
    let first = store("a0", &json!([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
    let others = (1..steps).map(|n| {
        let before = format!("{{{{ __data.a{} }}}}", n - 1);
        store(&format!("a{n}"), &json!(vec![before; 10]))
    });
    std::iter::once(first).chain(others).collect()
}

fn failure<'a>(run: &'a Run, step: &str) -> &'a str {
    match run.step(step) {
        Some(StepOutcome::Failed { error, .. }) => error,
        other => panic!("{step}: {other:?}"),
    }
}

#[test]
fn a_stored_value_that_grows_tenfold_with_each_step_is_refused_by_its_number_of_values() {
    let run = Run::of(&json!(tenfold(13)), &json!({}));
    assert_eq!(run.step("a3"), Some(&StepOutcome::Succeeded));
    let error = failure(&run, "a4");
    assert!(error.contains("bound of 100000 values"), "{error}");
    // The steps after it find nothing there and begin anew.
    assert_eq!(run.step("a5"), Some(&StepOutcome::Succeeded));
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_copy_of_all_data_into_itself_is_refused_before_it_explodes() {
    let steps: Vec<Json> = (0..17)
        .map(|n| store(&format!("s{n}"), &json!("{{ __data }}")))
        .collect();
    let run = Run::of(&json!(steps), &json!({"a": [1, 2, 3]}));
    let error = failure(&run, "s16");
    assert!(error.contains("bound"), "{error}");
}

#[test]
fn the_text_of_a_stored_value_is_bound_as_rendered_text_is() {
    let value = json!(vec!["{{ __data.big }}"; 10]);
    let big = json!({"big": "x".repeat(1_000_000)});
    let run = Run::of(&json!([store("s", &value)]), &big);
    let error = failure(&run, "s");
    assert!(error.contains("`output_bytes` of 4194304"), "{error}");
    let run = Run::of(&json!([store("s", &json!(["{{ __data.big }}"]))]), &big);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn large_values_are_compared_without_walking_them_again_and_again() {
    let mut steps = tenfold(4);
    let question = |id: &str, left: &str, operator: &str, right: Json| {
        json!({
            "id": id, "type": "condition", "left": left, "operator": operator, "right": right,
            "yes": [log(&format!("{id}_yes"), &format!("{id} yes"))],
            "no": [log(&format!("{id}_no"), &format!("{id} no"))],
        })
    };
    let many = json!(vec!["{{ __data.a3 }}"; 100]);
    steps.extend([
        question("same", "{{ __data.a3 }}", "equal", json!("{{ __data.a3 }}")),
        question(
            "other",
            "{{ __data.a3 }}",
            "equal",
            json!("{{ __data.a2 }}"),
        ),
        question(
            "long",
            "{{ __data.texts }}",
            "contains",
            json!("{{ __data.digits }}"),
        ),
        question(
            "nested",
            "{{ __data.lists }}",
            "contains",
            json!(["{{ __data.digits }}"]),
        ),
        question(
            "one_of",
            "{{ __data.digits }}",
            "in",
            json!("{{ __data.texts }}"),
        ),
        question("many", "{{ __data.a3 }}", "in", many),
    ]);
    let texts: Vec<Json> = (0..50_000).map(|n| json!(n.to_string())).collect();
    let lists: Vec<Json> = (0..50_000).map(|n| json!([n])).collect();
    let fields = json!({"texts": texts, "lists": lists, "digits": "7".repeat(1_000_000)});
    let run = Run::of(&json!(steps), &fields);
    let error = failure(&run, "many");
    assert!(error.contains("bound of 1000000 values"), "{error}");
    assert_eq!(
        run.lines(),
        ["same yes", "other no", "long no", "nested no", "one_of no"]
    );
}

#[test]
fn the_parts_of_a_request_are_bound_as_rendered_text_is() {
    let many = |count: usize| {
        let named = (0..count).map(|n| (format!("n{n}"), json!("{{ __data.part }}")));
        Json::Object(named.collect())
    };
    let request = |part: &str, value: Json| {
        let mut step = json!({"id": "c", "type": "http_request", "method": "POST", "url": "https://a.example/"});
        step[part] = value;
        json!([step])
    };
    let fields = |part: String| json!({"part": part});
    for (part, value, text) in [
        (
            "json",
            json!(vec!["{{ __data.part }}"; 1000]),
            "x".repeat(10_000),
        ),
        // Six bytes of JSON for each.
        (
            "json",
            json!("{{ __data.part }}"),
            "\u{1}".repeat(1_000_000),
        ),
        ("form", many(1000), "x".repeat(10_000)),
        // Three bytes of the form for each.
        ("form", many(1), "&".repeat(2_000_000)),
        ("query", many(1000), "x".repeat(10_000)),
        ("headers", many(1000), "x".repeat(10_000)),
    ] {
        let run = Run::of(&request(part, value), &fields(text));
        assert!(run.requests().is_empty(), "{part}");
        let error = failure(&run, "c");
        assert!(
            error.contains("`output_bytes` of 4194304"),
            "{part}: {error}"
        );
    }
    for (part, value) in [
        ("json", json!(vec!["{{ __data.part }}"; 400])),
        ("form", many(400)),
    ] {
        let run = Run::of(&request(part, value), &fields("x".repeat(10_000)));
        let body = run.requests()[0].1.body.clone().unwrap();
        assert!(body.len() > 4_000_000, "{part}");
    }
}
