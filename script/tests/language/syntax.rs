//! Operators, tests, tags.

use serde_json::json;

use super::{check, text};

#[test]
fn operators_bind_as_in_twig() {
    check(
        &json!({"n": null, "s": "5", "l": [1, 2, 3], "m": {"a": 1, "b": 2}, "t": "hello"}),
        &[
            ("{{ 1 + 2 * 3 }}", "7"),
            ("{{ 2 ** 3 ** 2 }}", "512"),
            (
                "{{ 7 // 2 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ -7 % 3 }}",
                "3 3.5 3 -1",
            ),
            ("{{ 1 ~ 2 + 3 }}", "15"),
            ("{{ '1' ~ 1 + 2 }}", "13"),
            ("{{ __data.s + 1 }}", "6"),
            ("{{ -1|abs }}", "-1"),
            ("{{ (-1)|abs }}", "1"),
            ("{{ __data.n ?? 'x' }}{{ __data.none.deep ?? 'y' }}", "xy"),
            ("{{ __data.n ?: 'x' }}{{ __data.t ?: 'x' }}", "xhello"),
            ("{{ true ? 'a' : 'b' }}{{ false ? 'a' }}", "a"),
            ("{{ false ? 'a' : true ? 'b' : 'c' }}", "b"),
            (
                "{{ 2 in __data.l ? 'in' }}{{ 9 not in __data.l ? ' not' }}",
                "in not",
            ),
            ("{{ 'ell' in __data.t }}", "1"),
            ("{{ not false and true }}", "1"),
            (
                "{{ 1 == '1' }}{{ 1 is same as('1') }}|{{ 1 is same as(1) }}",
                "1|1",
            ),
            ("{{ 'abc' starts with 'a' and 'abc' ends with 'c' }}", "1"),
            ("{{ 'a1' matches '/^[a-z]\\\\d$/' }}", "1"),
            ("{{ 6 b-and 3 }}{{ 6 b-or 1 }}{{ 6 b-xor 3 }}", "275"),
            ("{{ 1 <=> 2 }}", "-1"),
            ("{{ (1..3)|join(',') }} {{ ('a'..'c')|join }}", "1,2,3 abc"),
            ("{{ 'x' ~ (__data.l|length > 2 ? 'y' : 'z') }}", "xy"),
            ("{{ \"a#{1 + 1}b\" }}", "a2b"),
            (
                "{{ __data.t[1:3] }} {{ __data.l[:2]|join }} {{ __data.l[-1:]|join }}",
                "ell 12 3",
            ),
            (
                "{{ \"0\" ? 'y' : 'n' }}{{ \"0.0\" ? 'y' : 'n' }}{{ [] ? 'y' : 'n' }}",
                "nyn",
            ),
        ],
    );
}

#[test]
fn paths_reach_into_lists_and_maps_and_through_what_is_missing() {
    check(
        &json!({"items": [{"x": 1}, {"x": 2}], "a-b": "dash", "0": "zero", "if": "word", "k": "a-b"}),
        &[
            ("{{ __data.items[0].x }}{{ __data.items.1.x }}", "12"),
            ("{{ __data['a-b'] }} {{ __data[__data.k] }}", "dash dash"),
            ("{{ __data[0] }} {{ __data['0'] }}", "zero zero"),
            ("{{ __data.if }}", "word"),
            (
                "[{{ __data.items[-1] }}{{ __data.items[9].x }}{{ __data.no.no.no }}{{ no.no }}]",
                "[]",
            ),
        ],
    );
}

#[test]
fn tests_say_what_a_value_is() {
    check(
        &json!({"n": null, "z": 0, "e": "", "l": [], "m": {"a": 1}}),
        &[
            (
                "{{ __data.n is defined }}{{ __data.q is not defined }}",
                "11",
            ),
            ("{{ __data.n is null and __data.q is none }}", "1"),
            (
                "{{ __data.e is empty and __data.l is empty and __data.n is empty }}",
                "1",
            ),
            ("{{ __data.z is empty ? 'y' : 'n' }}", "n"),
            (
                "{{ 4 is even and 3 is odd and 9 is divisible by(3) and 9 is divisible by 3 }}",
                "1",
            ),
            (
                "{{ __data.l is iterable and __data.m is iterable }}{{ 'a' is iterable }}",
                "1",
            ),
            ("{{ not __data.e is empty ? 'y' : 'n' }}", "n"),
        ],
    );
}

#[test]
fn for_walks_values_and_pairs_and_has_an_else() {
    check(
        &json!({"l": ["a", "b"], "m": {"x": 1, "y": 2}, "e": []}),
        &[
            ("{% for v in __data.m %}{{ v }}{% endfor %}", "12"),
            (
                "{% for k, v in __data.m %}{{ k }}={{ v }};{% endfor %}",
                "x=1;y=2;",
            ),
            (
                "{% for k, v in __data.l %}{{ k }}{{ v }}{% endfor %}",
                "0a1b",
            ),
            ("{% for v in __data.e %}x{% else %}none{% endfor %}", "none"),
            (
                "{% for v in __data.nothing %}x{% else %}none{% endfor %}",
                "none",
            ),
            (
                "{% for v in __data.l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}|{{ loop.last }}|{{ loop.length }} {% endfor %}",
                "10211||2 2110|1|2 ",
            ),
            (
                "{% for a in 1..2 %}{% for b in 1..2 %}{{ loop.parent.loop.index }}{{ loop.index }} {% endfor %}{% endfor %}",
                "11 12 21 22 ",
            ),
        ],
    );
}

#[test]
fn what_a_loop_sets_is_kept_where_the_name_was_there_before() {
    assert_eq!(
        text("{% set n = 0 %}{% for i in 1..3 %}{% set n = n + i %}{% endfor %}{{ n }}"),
        "6"
    );
    assert_eq!(
        text("{% for i in 1..3 %}{{ x }}{% set x = i %}{% endfor %}[{{ x }}]"),
        "12[]"
    );
    assert_eq!(
        text(
            "{% set l = [] %}{% for i in 1..3 %}{% set l = l|merge([i]) %}{% endfor %}{{ l|join(',') }}"
        ),
        "1,2,3"
    );
    assert_eq!(
        text("{% set i = 'o' %}{% for i in 1..2 %}{{ i }}{% endfor %}{{ i }}"),
        "12o"
    );
}

#[test]
fn set_takes_values_several_names_and_bodies() {
    assert_eq!(
        text("{% set a, b = 1, 2 %}{% set a, b = b, a %}{{ a }}{{ b }}"),
        "21"
    );
    assert_eq!(text("{% set a %}x{{ 1 }}{% endset %}{{ a|upper }}"), "X1");
    assert_eq!(
        text("{% set m = {a: 1, 'b-c': 2, (1 ~ 2): 3} %}{{ m.a }}{{ m['b-c'] }}{{ m['12'] }}"),
        "123"
    );
    assert_eq!(text("{% set a = 1 %}{% set m = {a} %}{{ m.a }}"), "1");
}

#[test]
fn other_tags_do_what_they_say() {
    assert_eq!(
        text("{% if false %}a{% elseif 1 %}b{% else %}c{% endif %}"),
        "b"
    );
    assert_eq!(text("{% verbatim %}{{ a }}{% endverbatim %}"), "{{ a }}");
    assert_eq!(text("a{# {{ b }} #}c"), "ac");
    assert_eq!(
        text("{% apply upper|replace({A: 'x'}) %}abc{% endapply %}"),
        "xBC"
    );
    assert_eq!(
        text("{% set self = 1 %}{% set none_ = 2 %}{{ self }}{{ none_ }}"),
        "12"
    );
    assert_eq!(text("a\u{1}{b{{ 1 }}"), "a\u{1}{b1");
    assert_eq!(text("{{{a: 1}.a}}\n"), "1\n");
}
