//! Filters and functions with their arguments and defaults.

use script::Target;
use serde_json::json;

use super::{check, compile, text};

#[test]
fn text_filters() {
    check(
        &json!({"t": "heLLO wORLD", "n": null}),
        &[
            (
                "{{ __data.t|upper }} {{ __data.t|lower }}",
                "HELLO WORLD hello world",
            ),
            (
                "{{ __data.t|capitalize }} {{ __data.t|title }}",
                "Hello world Hello World",
            ),
            (
                "[{{ '  a '|trim }}][{{ 'xxaxx'|trim('x') }}][{{ ' a '|trim(side='left') }}]",
                "[a][a][a ]",
            ),
            (
                "{{ __data.n|default('d') }}{{ ''|default('e') }}{{ 0|default('f') }}",
                "de0",
            ),
            (
                "{{ 'I like %x%'|replace({'%x%': 'tea', 'I': 'We'}) }}",
                "We like tea",
            ),
            ("{{ 'a,b,c'|split(',', 2)|join('|') }}", "a|b,c"),
            ("{{ ['a', 'b', 'c']|join(', ', ' and ') }}", "a, b and c"),
            (
                "{{ '%05.1f|%-4s|%2$s'|format(3.14159, 'x') }}",
                "003.1|x   |x",
            ),
            (
                "{{ 'a<br>b'|striptags }} {{ 'äb'|reverse }} {{ 'äb'|length }} {{ 'äb'|first }}",
                "ab bä 2 ä",
            ),
            (
                "{{ 'a b&c'|url_encode }} {{ {a: 'x y', b: [1, 2]}|url_encode }}",
                "a%20b%26c a=x%20y&b%5B0%5D=1&b%5B1%5D=2",
            ),
        ],
    );
}

#[test]
fn number_filters() {
    check(
        &json!({}),
        &[
            ("{{ 1234.5|number_format(2) }}", "1,234.50"),
            (
                "{{ 3.146|round(2) }} {{ 2.5|round }} {{ 2.1|round(0, 'ceil') }}",
                "3.15 3 3",
            ),
            ("{{ 9800.333|number_format(2, ',', '.') }}", "9.800,33"),
            ("{{ (-5)|abs }}", "5"),
            (
                "{{ round(2.567, 1) }} {{ max(1, 5, 3) }} {{ min([4, 2]) }}",
                "2.6 5 2",
            ),
            (
                "{{ numberFormat(1234.567, 1) }} {{ formatCurrency(-1234.5, '€') }}",
                "1,234.6 -€1,234.50",
            ),
        ],
    );
}

#[test]
fn list_filters() {
    check(
        &json!({"l": [3, 1, 2], "m": {"b": 2, "a": 1}, "r": [{"n": "x"}, {"n": "y"}, {}]}),
        &[
            (
                "{{ __data.l|sort|join }} {{ __data.m|sort|keys|join }} {{ __data.l|reverse|join }}",
                "123 ab 213",
            ),
            (
                "{{ __data.l|first }}{{ __data.l|last }} {{ __data.l|slice(1, 1)|join }} {{ __data.l|length }}",
                "32 1 3",
            ),
            (
                "{{ __data.m|merge({c: 3, a: 9})|json_encode }}",
                "{\"b\":2,\"a\":9,\"c\":3}",
            ),
            ("{{ __data.r|column('n')|join(',') }}", "x,y"),
            (
                "{{ __data.l|batch(2, 0)|json_encode }}",
                "[[3,1],{\"2\":2,\"3\":0}]",
            ),
            ("{{ [1]|merge([2])|json_encode }}", "[1,2]"),
            ("{{ 'é/'|json_encode }}", "\"\\u00e9\\/\""),
        ],
    );
}

#[test]
fn dates_take_the_letters_of_php() {
    check(
        &json!({"d": "2024-02-03 04:05:06"}),
        &[
            (
                "{{ now('Y-m-d') }} {{ now('H:i', 'Asia/Tokyo') }}",
                "2024-01-31 19:20",
            ),
            (
                "{{ date(__data.d, 'M j, Y') }} {{ __data.d|date('d/m/Y H:i', 'America/New_York') }}",
                "Feb 3, 2024 02/02/2024 23:05",
            ),
            ("{{ 0|date }}", "January 1, 1970 00:00"),
            (
                "{{ dateAdd('2024-01-31', 1) }} {{ dateAdd('2024-01-31', '+1 month', 'd.m.Y') }}",
                "2024-02-01 02.03.2024",
            ),
            ("{{ dateAdd(__data.d, 2, 'hours') }}", "2024-02-03 06:05:06"),
            (
                "{{ daysBetween('2024-02-28', '2024-03-01') }} {{ daysBetween('2024-03-01', '2024-02-28') }}",
                "2 -2",
            ),
        ],
    );
}

#[test]
fn text_and_data_functions() {
    check(
        &json!({"h": "<h1>A &amp; B</h1><p>c<br>d</p><script>x()</script>", "j": "{\"a\": [1, {\"b\": 2}]}", "e": "a@b.co, x A@b.co a@b.co"}),
        &[
            (
                "{{ truncate('hello world', 5) }} {{ truncate('hi', 5) }} {{ truncate('hello', 2, '…') }}",
                "hello... hi he…",
            ),
            ("{{ htmlToText(__data.h) }}", "A & B\nc\nd"),
            ("{{ extractEmails(__data.e)|join(' ') }}", "a@b.co A@b.co"),
            (
                "{{ jsonDecode(__data.j).a[1].b }}[{{ jsonDecode('{') }}]",
                "2[]",
            ),
            (
                "{{ jsonPath(__data.j, '$.a[1].b') }} {{ jsonPath(__data.j, '$.a[*]')|length }}",
                "2 2",
            ),
            (
                "{{ coalesce(__data.q, null, 'c') }}{{ contains('abc', 'b') }}{{ contains([1], 2) ? 'y' : 'n' }}",
                "c1n",
            ),
            (
                "{{ variable('REGION') }} {{ secret('KEY') }} [{{ variable('NO') }}]",
                "eu s3cret []",
            ),
            ("{{ variable('RE' ~ 'GION') }}", "eu"),
            ("{{ dump({a: 1}) }}", "{\n    \"a\": 1\n}"),
            ("{{ range(1, 7, 3)|join(',') }}", "1,4,7"),
        ],
    );
    let all = text("{{ dump() }}");
    assert!(!all.contains("s3cret") && !all.contains("eu"), "{all}");
}

#[test]
fn a_secret_is_named_in_the_script_itself_and_a_variable_anyhow() {
    let source = "{{ secret('A') }}{% for n in [secret(\"B\")]|map(v => v ~ secret('C')) %}{{ n }}{% endfor %}\
                  {{ variable('X') }}{{ variable(name='Y') }}";
    let (scripts, id) = compile(source, Target::Text).unwrap();
    let names = scripts.settings(id);
    assert_eq!(names.secrets.iter().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(names.variables.iter().collect::<Vec<_>>(), ["X", "Y"]);
    assert!(!names.any_variable);
    assert_eq!(scripts.all_settings(), names);
    let (scripts, id) = compile("{{ variable('RE' ~ 'GION') }}", Target::Text).unwrap();
    assert!(scripts.settings(id).any_variable);
    for computed in [
        "{{ secret(__data.name) }}",
        "{{ secret('A' ~ 'B') }}",
        "{{ secret(variable('A')) }}",
        "{{ ['A']|map(n => secret(n)) }}",
        "{% set n = 'A' %}{{ secret(n) }}",
        "{{ secret(name=1) }}",
    ] {
        let error = compile(computed, Target::Text).unwrap_err();
        assert!(
            error.message.contains("a caller must never choose"),
            "{error}"
        );
        assert!(error.hint.unwrap().contains("write the name itself"));
    }
}

#[test]
fn identifiers_come_from_the_seed_and_differ() {
    let ids = text("{{ uuid() }} {{ uuid() }} {{ uniqueId('p-') }}");
    assert_eq!(ids, text("{{ uuid() }} {{ uuid() }} {{ uniqueId('p-') }}"));
    let parts: Vec<&str> = ids.split(' ').collect();
    assert_ne!(parts[0], parts[1]);
    assert_eq!((parts[0].len(), &parts[0][14..15]), (36, "4"));
    assert!(parts[2].starts_with("p-") && parts[2].len() == 18);
}
