//! Which tests ask the same, and which ask the opposite.

use crate::document::{Compare, Operator, Test};
use serde_json::Value;

/// A text that two tests have in common exactly where they are equal, so that a test is found among
/// thousands without a look at each.
pub(super) fn key(test: &Test) -> String {
    let mut out = String::new();
    write(test, &mut out);
    out
}

/// The [`key`] of a test that holds exactly where this one does not.
pub(super) fn opposite(test: &Test) -> Option<String> {
    let Test::Compare(compare) = test else {
        return None;
    };
    let mut out = String::new();
    comparison(compare, negation(compare.operator)?, &mut out);
    Some(out)
}

fn write(test: &Test, out: &mut String) {
    let (word, tests) = match test {
        Test::Compare(compare) => return comparison(compare, compare.operator, out),
        Test::All(tests) => ("all", tests),
        Test::Any(tests) => ("any", tests),
    };
    out.push_str(word);
    out.push('(');
    for test in tests {
        write(test, out);
        out.push(';');
    }
    out.push(')');
}

fn comparison(compare: &Compare, operator: Operator, out: &mut String) {
    side(compare.left.as_ref(), out);
    out.push_str(&format!(" {operator} {} ", compare.ignore_case));
    side(compare.right.as_ref(), out);
}

fn side(value: Option<&Value>, out: &mut String) {
    match value {
        Some(value) => json(value, out),
        None => out.push('-'),
    }
}

/// JSON text whose members are sorted: their order means nothing.
fn json(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for item in items {
                json(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in sorted {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                json(member, out);
                out.push(',');
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

const fn negation(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Contains => Operator::NotContains,
        Operator::NotContains => Operator::Contains,
        Operator::BeginsWith => Operator::NotBeginsWith,
        Operator::NotBeginsWith => Operator::BeginsWith,
        Operator::EndsWith => Operator::NotEndsWith,
        Operator::NotEndsWith => Operator::EndsWith,
        Operator::Empty => Operator::NotEmpty,
        Operator::NotEmpty => Operator::Empty,
        Operator::In => Operator::NotIn,
        Operator::NotIn => Operator::In,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn test(value: Value) -> Test {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn equal_tests_have_one_key_and_others_have_another() {
        let base = json!({"left": {"a": 1, "b": [null]}, "operator": "equal", "right": "x"});
        let same = json!({"right": "x", "operator": "equal", "left": {"b": [null], "a": 1}});
        let key_of = |value: &Value| key(&test(value.clone()));
        assert_eq!(key_of(&base), key_of(&same));
        for other in [
            json!({"left": {"a": 1, "b": [null]}, "operator": "not_equal", "right": "x"}),
            json!({"left": {"a": 1, "b": [null]}, "operator": "equal", "right": "x", "ignore_case": true}),
            json!({"left": {"a": 1, "b": []}, "operator": "equal", "right": "x"}),
            json!({"left": {"a": 1, "b": [null]}, "operator": "equal", "right": ["x"]}),
            json!({"operator": "equal", "right": "x"}),
            json!({"all": [base]}),
            json!({"any": [base]}),
            json!({"all": [base, base]}),
        ] {
            assert_ne!(key_of(&base), key_of(&other), "{other}");
        }
    }

    #[test]
    fn the_opposite_of_the_opposite_is_the_test_itself() {
        let compare = |operator: &str| test(json!({"left": 1, "operator": operator, "right": 2}));
        for (one, other) in [
            ("equal", "not_equal"),
            ("contains", "not_contains"),
            ("begins_with", "not_begins_with"),
            ("ends_with", "not_ends_with"),
            ("in", "not_in"),
        ] {
            assert_eq!(opposite(&compare(one)), Some(key(&compare(other))));
            assert_eq!(opposite(&compare(other)), Some(key(&compare(one))));
        }
        assert_eq!(opposite(&compare("greater")), None);
        assert_eq!(opposite(&test(json!({"all": []}))), None);
    }
}
