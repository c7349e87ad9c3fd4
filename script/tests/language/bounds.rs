//! A script that crosses a bound ends with the name of the bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use script::{Bounds, EvalError, Interrupt, Offload, Scope, ScriptsBuilder, Target, Value};
use serde_json::{Value as Json, json};

use super::{compile, scope};

fn run(source: &str, bounds: Bounds) -> Result<String, EvalError> {
    let (scripts, id) = compile(source, Target::Text).unwrap();
    scripts
        .render(
            id,
            &scope(&json!({"big": "x".repeat(1000), "digits": "7".repeat(1000)})),
            &bounds,
        )
        .map(|rendered| rendered.text)
}

#[test]
fn a_huge_loop_runs_out_of_fuel() {
    let bounds = Bounds::default();
    for source in [
        "{% for a in 1..1000000000 %}{% endfor %}",
        "{% for a in 1..1000 %}{% for b in 1..1000 %}{% for c in 1..1000 %}{% endfor %}{% endfor %}{% endfor %}",
        "{% set s = 'x' %}{% for a in 1..64 %}{% set s = s ~ s %}{% endfor %}",
        "{{ 'x'|split('', 1)|batch(100000000, 1)|length }}",
        // Small in memory, without end when it is walked over or written out.
        "{% set l = [__data.big] %}{% for a in 1..16 %}{% set l = l|merge(l) %}{% endfor %}{{ l }}",
        "{% set l = [__data.big] %}{% for a in 1..16 %}{% set l = l|merge(l) %}{% endfor %}{{ l|join|length }}",
        "{% set l = [__data.big] %}{% for a in 1..16 %}{% set l = l|merge(l) %}{% endfor %}{{ l|json_encode|length }}",
        "{% set l = 1..9999 %}{% set l = [l] %}{% for a in 1..14 %}{% set l = l|merge(l) %}{% endfor %}{{ l == l }}",
        "{% set l = [1, 1] %}{% for a in 1..60 %}{% set l = [l, l] %}{% endfor %}",
        // Text that is read again and again, and paths that find the same value again and again.
        "{% for a in 1..90000 %}{{ __data.big ~ a == __data.big ~ 1 ? '' }}{% endfor %}",
        "{% for a in 1..90000 %}{{ __data.big|upper ? '' }}{% endfor %}",
        "{% for a in 1..90000 %}{{ __data.digits + 1 ? '' }}{% endfor %}",
        "{% for a in 1..90000 %}{{ __data.digits|abs ? '' }}{% endfor %}",
        "{{ jsonPath([[[[[[1]]]]]], '$[0,0,0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0,0,0]') }}",
    ] {
        assert_eq!(
            run(source, bounds),
            Err(EvalError::Fuel { bound: bounds.fuel }),
            "{source}"
        );
    }
}

/// A list of ten lists of ten lists and so on, which takes little memory: a run's steps can store such values.
fn endless(levels: usize) -> Value {
    (0..levels).fold(Value::from("x"), |value, _| Value::from(vec![value; 10]))
}

#[test]
fn a_value_that_is_small_in_memory_and_endless_to_walk_runs_out_of_fuel_wherever_it_is_read() {
    let data = Value::from_pairs([("a", endless(13)), ("rows", Value::from(vec![endless(0)]))]);
    let scope = Scope::new(data, "2024-01-31T10:20:30Z".parse().unwrap(), 7);
    let bounds = Bounds::default();
    for (source, target) in [
        ("{{ __data.a }}", Target::Value),
        ("{{ [__data.a] }}", Target::Value),
        ("{{ __data }}", Target::Value),
        ("{{ __data.a }}", Target::Text),
        ("{{ __data.a matches '/x/' }}", Target::Text),
        ("{{ 'x' matches __data.a }}", Target::Text),
        ("{{ __data[__data.a] }}", Target::Text),
        ("{{ {(__data.a): 1}|length }}", Target::Text),
        ("{{ __data.rows|column(__data.a)|length }}", Target::Text),
        (
            "{{ [{k: __data.a}]|column(null, 'k')|length }}",
            Target::Text,
        ),
        ("{{ __data.a|batch(1)|length }}", Target::Text),
    ] {
        let (scripts, id) = compile(source, target).unwrap();
        let failed = match target {
            Target::Value => scripts.evaluate(id, &scope, &bounds).err(),
            _ => scripts.render(id, &scope, &bounds).err(),
        };
        assert_eq!(
            failed,
            Some(EvalError::Fuel { bound: bounds.fuel }),
            "{source}"
        );
    }
    // Part of it is as good as any value.
    let (scripts, id) = compile(
        "{{ __data.a[0][0][0][0][0][0][0][0][0][0] }}",
        Target::Value,
    )
    .unwrap();
    assert_eq!(
        scripts.evaluate(id, &scope, &bounds).unwrap().value.len(),
        Some(10)
    );
}

#[test]
fn what_is_far_too_long_or_no_text_at_all_is_no_date() {
    let data = Value::from_pairs([
        ("a", endless(13)),
        ("long", Value::from("now ".repeat(200_000))),
    ]);
    let scope = Scope::new(data, "2024-01-31T10:20:30Z".parse().unwrap(), 7);
    for source in [
        "{{ __data.a|date }}",
        "{{ __data.long|date }}",
        "{{ date(__data.long) }}",
        "{{ daysBetween(__data.a, 0) }}",
        "{{ dateAdd(__data.long, 1) }}",
        "{{ dateAdd('2024-01-01', 1, 'days', __data.a) }}",
    ] {
        let (scripts, id) = compile(source, Target::Text).unwrap();
        let failed = scripts.render(id, &scope, &Bounds::default());
        let error = failed.unwrap_err().to_string();
        assert!(
            error.contains("is no date") || error.contains("fuel"),
            "{source}: {error}"
        );
    }
}

#[test]
fn little_fuel_is_enough_for_little_work_only() {
    let bounds = Bounds {
        fuel: 100,
        ..Bounds::default()
    };
    assert_eq!(run("{{ 1 + 1 }}", bounds).unwrap(), "2");
    assert_eq!(
        run("{% for a in 1..100 %}{{ a }}{% endfor %}", bounds),
        Err(EvalError::Fuel { bound: 100 })
    );
}

#[test]
fn text_past_the_bound_is_never_made() {
    let bounds = Bounds {
        output_bytes: 1500,
        ..Bounds::default()
    };
    assert_eq!(run("{{ __data.big }}", bounds).unwrap().len(), 1000);
    assert_eq!(
        run("{{ __data.big }}{{ __data.big }}", bounds),
        Err(EvalError::Output { bound: 1500 })
    );
}

#[test]
fn nesting_is_bounded_in_blocks_and_in_values() {
    let nested = format!("{}x{}", "{% if 1 %}".repeat(30), "{% endif %}".repeat(30));
    assert_eq!(run(&nested, Bounds::default()).unwrap(), "x");
    assert_eq!(
        run(
            &nested,
            Bounds {
                recursion: 20,
                ..Bounds::default()
            }
        ),
        Err(EvalError::Recursion { bound: 20 })
    );
    let values = "{% set a = [] %}{% for i in 1..1000 %}{% set a = [a] %}{% endfor %}";
    let batches = "{% set a = [1] %}{% for i in 1..1000 %}{% set a = a|batch(1) %}{% endfor %}";
    for deep in [values, batches] {
        let error = run(deep, Bounds::default()).unwrap_err();
        assert!(error.to_string().contains("64 levels"), "{error}");
    }
}

#[test]
fn deep_or_large_sources_are_refused_when_they_are_compiled() {
    for source in [
        format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000)),
        format!("{{{{ {}1 }}}}", "-".repeat(5000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(5000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(5000), "]".repeat(5000)),
        format!("{{{{ {}a{} }}}}", "(".repeat(30), " ?? 1)".repeat(30)),
        format!(
            "{}{}",
            "{% if 1 %}".repeat(5000),
            "{% endif %}".repeat(5000)
        ),
        format!("{{{{ {} }}}}", "\"#{".repeat(5000)),
        format!("{{{{ {} }}}}", vec!["1"; 5000].join(" + ")),
        format!("{{{{ a{} }}}}", "|upper".repeat(5000)),
        format!("{{{{ a{} }}}}", ".a".repeat(5000)),
        format!("{{{{ a{} }}}}", " ? 1".repeat(5000)),
        format!("{{{{ 1{} }}}}", " is even".repeat(5000)),
        format!(
            "{{% if 0 %}}{}{{% endif %}}",
            "{% elseif 0 %}a".repeat(5000)
        ),
    ] {
        assert!(
            compile(&source, Target::Text).is_err(),
            "{}",
            source.get(..40).unwrap()
        );
    }
}

#[test]
fn long_flat_sources_compile_and_run() {
    let ok = |source: String| run(&source, Bounds::default()).unwrap();
    let sum = vec!["1"; 100].join(" + ");
    assert_eq!(ok(format!("{{{{ {sum} }}}}")), "100");
    let chain = ["__data.q", "1"].repeat(2500).join(" ~ ");
    assert_eq!(ok(format!("{{{{ {chain} }}}}")).len(), 2500);
    let list = vec!["__data.q"; 5000].join(", ");
    assert_eq!(ok(format!("{{{{ [{list}]|length }}}}")), "5000");
    let branches = "{% elseif 0 %}a".repeat(90);
    assert_eq!(
        ok(format!("{{% if 0 %}}{branches}{{% else %}}b{{% endif %}}")),
        "b"
    );
    let prints = "{{ __data.q }}".repeat(2000);
    assert_eq!(run(&prints, Bounds::default()).unwrap(), "");
    let (scripts, id) = compile("a", Target::Text).unwrap();
    assert_eq!(
        scripts
            .render(id, &scope(&Json::Null), &Bounds::default())
            .unwrap()
            .text,
        "a"
    );
}

/// Renders where heavy scripts are offloaded, perhaps to be interrupted at once; how many were.
fn apart(source: &str, interrupts: bool) -> (Result<String, EvalError>, u32) {
    let used = Arc::new(AtomicU32::new(0));
    let offload = Offload::new({
        let used = used.clone();
        move |work| {
            used.fetch_add(1, Ordering::SeqCst);
            let given = Arc::new(AtomicBool::new(interrupts));
            work(Interrupt::new(given, Duration::from_millis(100)));
        }
    });
    let mut builder = ScriptsBuilder::new();
    let id = builder.add(source, Target::Text).unwrap();
    let scope = Scope::new(Value::UNDEFINED, Timestamp::UNIX_EPOCH, 7).with_offload(offload);
    let rendered = builder.build().render(id, &scope, &Bounds::default());
    (
        rendered.map(|rendered| rendered.text),
        used.load(Ordering::SeqCst),
    )
}

#[test]
fn a_light_script_never_leaves_its_thread_and_a_heavy_one_gives_the_same_elsewhere() {
    assert_eq!(apart("{{ uuid()|length }}", true), (Ok("36".into()), 0));
    let heavy =
        "{% set n = 0 %}{% for i in 1..9000 %}{% set n = n + i %}{% endfor %}{{ n }} {{ uuid() }}";
    let (text, used) = apart(heavy, false);
    assert_eq!(used, 1);
    assert!(text.clone().unwrap().starts_with("40504500 "));
    assert_eq!(apart(heavy, false).0, text);
}

#[test]
fn an_interrupt_ends_a_heavy_script_naming_the_bound() {
    for heavy in [
        "{% for i in 1..9000 %}{% for j in 1..900 %}{% endfor %}{% endfor %}",
        "{% for i in 1..90000 %}x{% endfor %}",
    ] {
        let (ended, _) = apart(heavy, true);
        let error = ended.unwrap_err();
        assert_eq!(error, EvalError::Time { bound: 100 });
        assert!(error.to_string().contains("`milliseconds` of 100 ms"));
    }
}

#[test]
fn a_list_that_a_script_makes_has_so_many_values_at_most() {
    let bounds = Bounds {
        list_items: 100,
        ..Bounds::default()
    };
    for source in [
        "{% for i in 1..101 %}{% endfor %}",
        "{{ range(0.5, 100.5)|length }}",
        "{{ (1..60)|merge(1..60)|length }}",
        "{% set l = [1] %}{% for a in 1..64 %}{% set l = l|merge(l) %}{% endfor %}",
        "{{ ('x' ~ __data.big)|split('')|length }}",
    ] {
        match run(source, bounds) {
            Err(EvalError::Failed { message, .. }) => {
                assert!(message.contains("`list_items` of 100 values"), "{message}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(run("{{ (1..100)|length }}", bounds).unwrap(), "100");
    for (source, expected) in [
        ("{{ (1..3)|json_encode }}", "[1,2,3]"),
        ("{{ (3..1)|json_encode }}", "[3,2,1]"),
        ("{{ ('a'..'c')|json_encode }}", "[\"a\",\"b\",\"c\"]"),
        ("{{ ('2'..'3')|json_encode }}", "[2,3]"),
    ] {
        assert_eq!(run(source, bounds).unwrap(), expected, "{source}");
    }
}
