//! Arrow functions and the filters and operators that call them.

use script::{Bounds, EvalError, Target};
use serde_json::json;

use super::{check, compile, rendered, scope};

#[test]
fn filters_call_an_arrow_function_with_every_value_and_its_key() {
    check(
        &json!({"l": [3, 1, 2], "m": {"a": 1, "b": 2}, "r": [{"n": "x", "q": 5}, {"n": "y", "q": 2}], "none": null}),
        &[
            ("{{ __data.l|map(v => v * 2)|join(',') }}", "6,2,4"),
            (
                "{{ __data.l|map((v, k) => k ~ ':' ~ v)|join(',') }}",
                "0:3,1:1,2:2",
            ),
            (
                "{{ __data.m|map((v, k) => k ~ v)|json_encode }}",
                r#"{"a":"a1","b":"b2"}"#,
            ),
            ("{{ __data.l|filter(v => v > 1)|join(',') }}", "3,2"),
            (
                "{{ __data.l|filter(v => v > 1)|json_encode }} {{ __data.l|filter(v => v < 9)|json_encode }}",
                r#"{"0":3,"2":2} [3,1,2]"#,
            ),
            (
                "{{ __data.m|filter((v, k) => k == 'b')|json_encode }}",
                r#"{"b":2}"#,
            ),
            ("{{ __data.l|reduce((sum, v) => sum + v, 10) }}", "16"),
            ("{{ __data.l|reduce((sum, v, k) => sum + k) }}", "3"),
            (
                "{{ __data.r|sort((a, b) => a.q <=> b.q)|column('n')|join }}",
                "yx",
            ),
            (
                "{{ __data.l|sort((a, b) => a < b)|join }} {{ __data.l|sort|keys|join }}",
                "321 120",
            ),
            (
                "{{ __data.r|find(v => v.q < 4).n }}[{{ __data.r|find(v => v.q > 9) }}]",
                "y[]",
            ),
            (
                "{{ __data.l has some v => v == 1 }}{{ __data.l has every v => v }}{{ __data.l has every (v, k) => k > 0 }}",
                "11",
            ),
            (
                "{{ __data.none|map(v => v)|length }}{{ [] has some v => 1 }}{{ [] has every v => 0 }}",
                "01",
            ),
            ("{{ __data.l|filter(arrow=v => v > 2)|first }}", "3"),
            (
                "{% for k, v in __data.l|filter(v => v < 3) %}{{ k }}{{ v }} {% endfor %}",
                "11 22 ",
            ),
        ],
    );
}

#[test]
fn an_arrow_function_reads_the_names_around_it_and_its_own_hide_them() {
    check(
        &json!({"l": [1, 2], "f": 10}),
        &[
            (
                "{% set f = 3 %}{{ __data.l|map(v => v * f)|join(',') }}",
                "3,6",
            ),
            (
                "{% set v = 'o' %}{{ __data.l|map(v => v)|join }}{{ v }}",
                "12o",
            ),
            (
                "{% for i in __data.l %}{{ __data.l|map(v => v ~ i ~ loop.index ~ __data.f)|join(' ') }};{% endfor %}",
                "11110 21110;12210 22210;",
            ),
            (
                "{% for i in 1..2 %}{% for j in 1..2 %}{{ [0]|map(v => loop.parent.loop.index ~ loop.index)|join }} {% endfor %}{% endfor %}",
                "11 12 21 22 ",
            ),
            (
                "{% set s = 0 %}{% for i in 1..3 %}{% set s = [i]|map(v => v + s)|first %}{% endfor %}{{ s }}",
                "6",
            ),
            (
                "{{ __data.l|map(a => __data.l|map(b => a ~ b ~ __data.f)|join('+'))|join(' ') }}",
                "1110+1210 2110+2210",
            ),
            (
                "{{ __data.l|map(v => __data.l|map(v => v * 2)|join ~ v)|join(' ') }}",
                "241 242",
            ),
            (
                "{% if __data.l|filter(v => v > 1)|length == 1 %}one{% elseif [] has some v => v %}some{% endif %}",
                "one",
            ),
            ("{{ __data.l|map(v => v is odd ? 'o' : 'e')|join }}", "oe"),
            (
                "{{ __data.l|map(v => missing is defined ? 1 : 0)|join }}",
                "00",
            ),
            ("{{ \"#{__data.l|map(v => v + 1)|join('-')}!\" }}", "2-3!"),
        ],
    );
}

#[test]
fn an_arrow_function_stands_only_where_something_calls_it() {
    for (source, column, message) in [
        ("{{ v => v }}", 4, "an arrow function cannot stand here"),
        (
            "{% set f = v => v %}",
            12,
            "an arrow function cannot stand here",
        ),
        (
            "{{ [1]|join(v => v) }}",
            13,
            "an arrow function cannot stand here",
        ),
        (
            "{{ [1]|map(1) }}",
            12,
            "`map` takes an arrow function, such as `v => v.name`",
        ),
        (
            "{{ [1] has some 1 }}",
            17,
            "`has some` takes an arrow function, such as `v => v.name`",
        ),
        (
            "{{ [1]|map((a, b, c) => a) }}",
            12,
            "`map` gives its arrow function 2 values at most",
        ),
        (
            "{{ [1]|map((a, a) => a) }}",
            16,
            "`a` is twice a name of this arrow function",
        ),
        (
            "{{ [1]|map((a, 1) => a) }}",
            14,
            "unexpected `,`, expected `)`",
        ),
        (
            "{{ [1]|map(true => 1) }}",
            12,
            "`true` cannot be given a value",
        ),
    ] {
        let error = compile(source, Target::Text).map(|_| ()).expect_err(source);
        assert_eq!(
            (error.column, error.message.as_str()),
            (column, message),
            "{source}"
        );
    }
}

#[test]
fn a_failure_inside_an_arrow_function_has_its_place_there() {
    let source = "a\n{{ __data.l|map(v =>\n  __data.l|map(w => v / (w - 1))\n)|length }}";
    let error = rendered(source, Target::Text, &json!({"l": [3, 1]})).unwrap_err();
    assert_eq!(
        error,
        EvalError::Failed {
            line: 3,
            column: Some(21),
            message: "division by zero".to_owned()
        }
    );
}

#[test]
fn arrow_functions_burn_the_fuel_of_the_script() {
    let run = |source: &str, fuel: u64| {
        let (scripts, id) = compile(source, Target::Text).unwrap();
        let bounds = Bounds {
            fuel,
            ..Bounds::default()
        };
        scripts
            .render(id, &scope(&json!({})), &bounds)
            .map(|rendered| rendered.text)
    };
    let square = "{{ (1..100)|map(a => (1..100)|map(b => a * b)|length)|length }}";
    assert_eq!(run(square, 1_000_000).unwrap(), "100");
    assert_eq!(
        run(square, 100_000),
        Err(EvalError::Fuel { bound: 100_000 })
    );
    for source in [
        "{{ (1..1000)|map(a => (1..1000)|map(b => (1..1000)|map(c => c)))|length }}",
        "{{ (1..100000)|reduce((text, v) => text ~ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '')|length }}",
        "{{ (1..100000)|sort((a, b) => b <=> a)|length }}",
        "{{ (1..1000000000) has some v => v < 0 }}",
    ] {
        assert_eq!(
            run(source, 1_000_000),
            Err(EvalError::Fuel { bound: 1_000_000 }),
            "{source}"
        );
    }
    let deep = run("{{ (1..200)|reduce((c, v) => [c])|length }}", 1_000_000).unwrap_err();
    assert!(deep.to_string().contains("64 levels"), "{deep}");
}

#[test]
fn arrow_functions_count_as_blocks_and_nest_a_few_levels_only() {
    let nested = |levels: usize| {
        format!(
            "{{{{ {}1{} }}}}",
            "[1]|map(v => ".repeat(levels),
            ")".repeat(levels)
        )
    };
    assert!(compile(&nested(6), Target::Text).is_ok());
    let error = compile(&nested(7), Target::Text).map(|_| ()).unwrap_err();
    assert_eq!(error.message, "the arrow functions are nested too deep");
    let (scripts, id) = compile(&nested(4), Target::Text).unwrap();
    let bounds = Bounds {
        recursion: 4,
        ..Bounds::default()
    };
    assert_eq!(
        scripts.render(id, &scope(&json!({})), &bounds),
        Err(EvalError::Recursion { bound: 4 })
    );
}
