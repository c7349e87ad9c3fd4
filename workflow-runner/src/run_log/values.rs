//! What scripts made, for the record.

use script::Value;
use shared::v1::run_log::{StepRecord, Told};
use workflow::machine::Evaluated;

use super::mask::{self, MASK};

/// Writes what scripts made as JSON, where no exchange tells it better.
pub(super) fn write_out(
    step: &mut StepRecord,
    made: &Evaluated,
    mut told: impl FnMut(&Value) -> Told,
) {
    // The name of a value, of what is collected, of an item: each stands beside it.
    let secret = |of: &str| {
        let name = made.input.iter().find(|(name, _)| *name == of);
        let name = name.and_then(|(_, name)| name.as_str());
        name.is_some_and(mask::secret_field)
    };
    if step.input.is_none() && !made.input.is_empty() {
        let mut input = made.input.clone();
        if secret("as") {
            let items = input.iter_mut().filter(|(name, _)| *name == "items");
            items.for_each(|(_, items)| *items = Value::from(MASK));
        }
        step.input = Some(told(&objects(&input)));
    }
    if step.output.is_none()
        && let Some(output) = &made.output
    {
        step.output = Some(if secret("name") || secret("result") {
            told(&Value::from(MASK))
        } else {
            told(output)
        });
    }
}

/// Named values as a map; where a name comes again, as a list of maps.
fn objects(named: &[(&'static str, Value)]) -> Value {
    let mut maps: Vec<Vec<(&str, Value)>> = vec![Vec::new()];
    for (name, value) in named {
        let again = |map: &Vec<(&str, Value)>| map.iter().any(|(there, _)| there == name);
        if maps.last().is_none_or(again) {
            maps.push(Vec::new());
        }
        if let Some(map) = maps.last_mut() {
            map.push((name, value.clone()));
        }
    }
    let mut maps: Vec<Value> = maps.into_iter().map(Value::from_pairs).collect();
    match maps.pop() {
        Some(only) if maps.is_empty() => only,
        last => maps.into_iter().chain(last).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_comparisons_of_one_step_become_a_list() {
        let named = |left: i32| [("left", Value::from(left)), ("right", Value::from(1))];
        let shown = |value: Value| script::json_text(&value, 1_000).unwrap();
        assert_eq!(shown(objects(&named(1))), r#"{"left":1,"right":1}"#);
        let two: Vec<_> = named(1).into_iter().chain(named(2)).collect();
        assert_eq!(
            shown(objects(&two)),
            r#"[{"left":1,"right":1},{"left":2,"right":1}]"#
        );
    }
}
