//! What values print as, and what is undefined.

use minijinja::value::ValueKind;
use script::{Bounds, Target};
use serde_json::json;

use super::{check, compile, rendered, scope};

#[test]
fn values_print_as_twig_prints_them() {
    check(
        &json!({"t": true, "f": false, "n": null, "one": 1.0, "tenth": 0.1, "l": [1, "a"], "m": {"k": null}}),
        &[
            ("{{ __data.t }}[{{ __data.f }}{{ __data.n }}]", "1[]"),
            (
                "{{ __data.one }} {{ __data.tenth }} {{ 0.1 + 0.2 }} {{ 1 / 3 }}",
                "1 0.1 0.3 0.33333333333333",
            ),
            ("{{ __data.l }} {{ __data.m }}", "[1,\"a\"] {\"k\":null}"),
        ],
    );
}

#[test]
fn undefined_values_that_are_printed_are_named_with_their_place() {
    let source = "a {{ __data.user.email }}\n{{ name|upper }}{{ __data.x ? y : 'n' }}{{ __data['q-r'] }}{{ __data.z|default('d') }}";
    let rendered = rendered(source, Target::Text, &json!({"user": {}})).unwrap();
    assert_eq!(rendered.text, "a \nnd");
    let named: Vec<_> = rendered
        .undefined
        .iter()
        .map(|undefined| (undefined.path.as_str(), undefined.line, undefined.column))
        .collect();
    assert_eq!(
        named,
        [
            ("__data.user.email", 1, 6),
            ("name", 2, 4),
            ("__data['q-r']", 2, 44)
        ]
    );
}

#[test]
fn paths_and_strangers_are_known_without_running() {
    let source = "{{ __data.a.b }}{{ email }}{% for x in __data.items %}{{ x.y }}{{ __data.a.b }}{{ __data.__headers['x-y'] }}{% endfor %}{{ email }}";
    let (scripts, id) = compile(source, Target::Text).unwrap();
    assert_eq!(
        scripts.reads(id),
        ["__data.a.b", "__data.items", "__data.__headers['x-y']"]
    );
    let strangers = scripts.top_level_names(id);
    assert_eq!(strangers.len(), 1);
    assert_eq!(
        (
            strangers[0].name.as_str(),
            strangers[0].line,
            strangers[0].column
        ),
        ("email", 1, 20)
    );
}

#[test]
fn one_expression_alone_keeps_its_type() {
    let kind = |source: &str| {
        let (scripts, id) = compile(source, Target::Value).unwrap();
        let scope = scope(&json!({"l": [1], "n": 5}));
        scripts
            .evaluate(id, &scope, &Bounds::default())
            .unwrap()
            .value
            .kind()
    };
    assert_eq!(kind("{{ __data.l }}\n"), ValueKind::Seq);
    assert_eq!(kind("{{ __data.n }}"), ValueKind::Number);
    assert_eq!(kind("{{ __data.n > 2 }}"), ValueKind::Bool);
    assert_eq!(kind("{{ __data.q }}"), ValueKind::Undefined);
    assert_eq!(kind("n: {{ __data.n }}"), ValueKind::String);
    assert_eq!(kind("plain"), ValueKind::String);
}
